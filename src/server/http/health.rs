//! Three plain endpoints: the two health checks, and the answer for requests that match no route.

use crate::server::{
    doctor::probe::{PROBE_PATH, PROBE_SOCKET_PATH},
    state::AppState,
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// Whether a request is one of those that load balancers, monitors and `snug doctor` make. They ask by IP address and with headers of
/// their own choice, so the guard lets these paths through whatever the headers say. The answers must change nothing. Those of the
/// health checks must not depend on who asks; the others look at the headers themselves.
pub fn is_health_check(path: &str) -> bool {
    matches!(
        path,
        "/healthz" | "/readyz" | "/metrics" | PROBE_PATH | PROBE_SOCKET_PATH
    )
}

/// 200 while the process and its voice thread live. The server starts to listen only after the migrations. Never asks the database:
/// a failed check leads to a restart, which would end the calls and would not bring the database back.
pub async fn healthz(State(state): State<AppState>) -> Response {
    match state.voice.is_alive() {
        true => "ok".into_response(),
        false => unhealthy("The voice thread of this Snug has ended, so the process is about to end."),
    }
}

/// 200 while requests can be served, which means that the database answers.
pub async fn readyz(State(state): State<AppState>) -> Response {
    if !state.voice.is_alive() {
        return healthz(State(state)).await;
    }
    match state.readiness.check(&state.database).await {
        true => "ok".into_response(),
        false => {
            unhealthy("The database does not answer. People in rooms can go on talking, and nobody is signed out.")
        }
    }
}

fn unhealthy(sentence: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "2")], sentence).into_response()
}

/// The answer to a request that matches no route and is not a GET.
pub async fn no_such_endpoint() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.").into_response()
}
