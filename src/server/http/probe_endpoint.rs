//! `/probe` and `/ws/probe`: what `snug doctor` asks a running Snug. For everybody else there is nothing at these addresses.

use super::{health::no_such_endpoint, own_names::host};
use crate::server::{
    doctor::probe::{PROBE_HEADER, ProbeAnswer, ProbeKind, ProbeToken, SeenRequest, ServerFacts},
    open_files,
    state::AppState,
    tls::CertificateStatus,
};
use axum::{
    Json,
    extract::{ConnectInfo, FromRequestParts, Request, State, WebSocketUpgrade, ws::Message},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Answers the doctor what the server has seen of this request, and facts about the server if the token is for them.
pub async fn answer_doctor(State(state): State<AppState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match read_token(&state, &parts.headers) {
        Some(token) => Json(make_answer(&state, &token, &parts).await).into_response(),
        None => no_such_endpoint().await,
    }
}

/// Answers in the first message of a WebSocket. If a proxy has made a plain request of it, answers as [`answer_doctor`] does, and the
/// answer says so.
pub async fn answer_doctor_by_socket(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let Some(token) = read_token(&state, &parts.headers) else {
        return no_such_endpoint().await;
    };
    let answer = make_answer(&state, &token, &parts).await;
    match WebSocketUpgrade::from_request_parts(&mut parts, &state).await {
        Ok(upgrade) => upgrade.on_upgrade(|mut socket| async move {
            let text = serde_json::to_string(&answer).unwrap_or_default();
            // If the doctor has gone, nobody needs the answer.
            let _ = socket.send(Message::Text(text.into())).await;
            let _ = socket.send(Message::Close(None)).await;
        }),
        Err(_) => Json(answer).into_response(),
    }
}

fn read_token(state: &AppState, headers: &HeaderMap) -> Option<ProbeToken> {
    let value = headers.get(PROBE_HEADER)?.to_str().ok()?;
    ProbeToken::read(value, &state.keyring, state.now_s())
}

async fn make_answer(state: &AppState, token: &ProbeToken, parts: &Parts) -> ProbeAnswer {
    ProbeAnswer {
        proof: token.proof(&state.keyring),
        seen: describe_request(state, parts),
        facts: match token.kind {
            ProbeKind::Seen => None,
            ProbeKind::Facts => Some(read_facts(state).await),
        },
    }
}

fn describe_request(state: &AppState, parts: &Parts) -> SeenRequest {
    let client = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let client = client.map_or(IpAddr::from(Ipv4Addr::UNSPECIFIED), |ConnectInfo(client)| client.ip());
    let forwarded = parts.headers.get_all("x-forwarded-for").iter();
    let forwarded_for = forwarded
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|entry| entry.trim().to_owned())
        .collect();
    let host = host(&parts.uri, &parts.headers);
    SeenRequest {
        client: client.to_canonical(),
        forwarded_for,
        is_host_accepted: host.is_some_and(|host| state.config.answers_to(host)),
        host: host.map(str::to_owned),
        is_upgrade: parts.headers.contains_key(header::UPGRADE),
    }
}

async fn read_facts(state: &AppState) -> ServerFacts {
    ServerFacts {
        process: std::process::id(),
        files: open_files::limit(),
        is_database_up: state.readiness.check(&state.database).await,
        udp_port: state.voice.udp_port,
        tcp_port: state.voice.tcp_port,
        advertised: state.voice.advertised(),
        certificate_failure: state.certificates.as_ref().and_then(CertificateStatus::last_error),
        backup_failure: state.backups.failure(),
    }
}
