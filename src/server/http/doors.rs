//! Plain doors: health and the owner link.

use crate::{
    error::AppError,
    server::{
        auth::{identity::Visit, owner},
        error::Result,
        state::AppState,
    },
};
use axum::{
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

/// 200 once the program is ready: the router is only reachable from then on.
pub async fn healthz() -> &'static str {
    "ok"
}

/// Opens the owner link. It is a GET that changes state, as Jupyter's is: the link itself is the secret, works once, and
/// has never been in a letter that a scanner could open.
pub async fn owner_link(State(state): State<AppState>, Path(token): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let visit = Visit::new(state, &parts);
    match claim(&visit, &token).await {
        Ok(response) => response,
        Err(error) => {
            let error = AppError::from(error);
            (
                error.status(),
                [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
                error.detail,
            )
                .into_response()
        }
    }
}

async fn claim(visit: &Visit, token: &str) -> Result<Response> {
    let cookies = owner::claim(visit, token).await?;
    let next = if visit.identity().is_ok() {
        "/rooms"
    } else {
        "/sign-in?owner=1"
    };
    let mut response = Redirect::to(next).into_response();
    for value in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// What no route answers, asked with another method than GET.
pub async fn no_such_door() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.").into_response()
}
