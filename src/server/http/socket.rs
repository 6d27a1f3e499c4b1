//! What both WebSockets have in common: finding out who opens one, upgrading the request, and sending messages with a
//! time limit.

use super::{
    client_ip::too_many_from_address,
    connection_limit::{ConnectionPermits, SocketsFull},
    error_status::answer,
};
use crate::{
    error::{AppError, Kind},
    model::id::{FOR_USER, FOR_USER_IN_QUERY, UserId},
    server::{
        auth::identity::Visit,
        error::Result,
        open_sockets::{PersonSocket, SocketKind},
        signal_budgets::{Overspent, Spending},
        state::AppState,
    },
};
use axum::{
    extract::{
        FromRequestParts, Query, WebSocketUpgrade,
        ws::{CloseCode, CloseFrame, Message, Utf8Bytes, WebSocket},
    },
    http::{HeaderMap, HeaderValue, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// The setting for the signals of one address.
const SIGNALS_KEY: &str = "limits.signals_per_second_per_address";
/// The name of the limit on the signals of one person in the metrics. It has no setting.
const PERSON_NAME: &str = "signals_per_second_per_person";
/// The server sends a ping this often.
pub const PING_EVERY: Duration = Duration::from_secs(2);
/// If nothing arrives for this long, the connection counts as lost.
pub const SILENCE_MAX: Duration = Duration::from_secs(7);
/// The largest message that we accept. The largest that pages send, an SDP offer, has about 5 kB.
const MESSAGE_MAX_BYTES: usize = 64 * 1024;

/// The visit of a request that opens a socket. The user for whom the page acts is in the query, because scripts cannot set
/// headers on a WebSocket. We copy it into the header that other requests have.
pub fn visit_of(state: &AppState, parts: &mut Parts) -> Visit {
    if let Some(user) = query_field(&parts.uri, FOR_USER_IN_QUERY) {
        let nobody = HeaderValue::from_static("");
        let user = HeaderValue::from_str(&user).unwrap_or(nobody);
        parts.headers.insert(FOR_USER, user);
    }
    Visit::new(state.clone(), parts)
}

/// The value of a parameter in the query of `uri`.
pub fn query_field(uri: &Uri, name: &str) -> Option<String> {
    let query = Query::<HashMap<String, String>>::try_from_uri(uri);
    query.ok().and_then(|mut query| query.0.remove(name))
}

/// The user who opens a socket, and what the socket is for.
pub struct SocketOpener {
    pub user: UserId,
    pub kind: SocketKind,
}

/// Counts a socket that the sender of this request opens. Call this before the database is asked whether the sender may open it.
///
/// # Errors
/// `TooMany` if the person or the address opens sockets too fast, and the errors of [`Visit::identity`].
pub fn count_opening(visit: &Visit) -> Result<()> {
    let user = visit.identity()?.user;
    spend(&visit.state, Spending::Socket, (&user, visit.address)).map_err(opened_too_fast)?;
    Ok(())
}

/// Spends one token of the person and one of the address. If the address has none left, the log names the setting. Every refusal is counted
/// for the metrics.
///
/// # Errors
/// Whose budget is used up.
pub fn spend(
    state: &AppState,
    what: Spending,
    (user, address): (&UserId, IpAddr),
) -> std::result::Result<(), Overspent> {
    let spent = state.signal_budgets.spend(what, user, address);
    match spent {
        Ok(()) => {}
        Err(Overspent::Person) => state.refusals.was_refused(PERSON_NAME),
        Err(Overspent::Address) => {
            let most = state.config.signals_per_second_per_address();
            state.refusals.network_was_refused(SIGNALS_KEY, most);
        }
    }
    spent
}

/// The answer to a request for a socket that is no WebSocket; `None` if it is one. A page may ask why its socket was refused; then the
/// answer says so if a proxy has turned a socket of this person into a plain request.
fn refuse_plain_request(state: &AppState, headers: &HeaderMap, user: &UserId) -> Option<Response> {
    if headers.contains_key(header::UPGRADE) {
        return None;
    }
    let now = Instant::now();
    if was_socket(headers) {
        state.stripped_upgrades.note(user, now);
    }
    let error = match state.stripped_upgrades.was_seen(user, now) {
        true => AppError::new(
            Kind::NotUpgraded,
            "A proxy between you and this Snug does not let WebSockets through, so rooms don't work. Try another network. If that \
             doesn't help, tell the person who runs this Snug.",
        ),
        false => AppError::invalid("This address is for WebSockets only. Open Snug in a browser instead."),
    };
    let mut response = answer(&error);
    if error.kind == Kind::NotUpgraded {
        // RFC 9110 section 15.5.22: a 426 names the protocol.
        let protocol = HeaderValue::from_static("websocket");
        response.headers_mut().insert(header::UPGRADE, protocol);
    }
    Some(response)
}

/// Whether a browser sent this request to open a WebSocket. A proxy that does not know WebSockets removes `Upgrade`, but not these
/// headers, which no script can set.
fn was_socket(headers: &HeaderMap) -> bool {
    let is_mode = |mode: &HeaderValue| mode == "websocket";
    headers.contains_key("sec-websocket-key") || headers.get("sec-fetch-mode").is_some_and(is_mode)
}

/// Upgrades the request to a WebSocket and gives it to `run_socket`, which must end when the [`PersonSocket`] must close. The
/// connection counts towards the limits on open sockets until `run_socket` ends. If such a limit is reached already, the answer is a
/// 429.
pub async fn upgrade<Running>(
    state: &AppState,
    mut parts: Parts,
    opener: SocketOpener,
    run_socket: impl FnOnce(WebSocket, PersonSocket) -> Running + Send + 'static,
) -> Response
where
    Running: Future<Output = ()> + Send,
{
    if let Some(refused) = refuse_plain_request(state, &parts.headers, &opener.user) {
        return refused;
    }
    let permits: ConnectionPermits = parts.extensions.get().cloned().unwrap_or_default();
    let places = match permits.claim_socket() {
        Ok(places) => places,
        Err(full) => return answer(&too_many_sockets(state, full)),
    };
    let open = state.sockets.track();
    let app = state.clone();
    match WebSocketUpgrade::from_request_parts(&mut parts, state).await {
        Ok(upgrade) => upgrade
            .max_message_size(MESSAGE_MAX_BYTES)
            .max_frame_size(MESSAGE_MAX_BYTES)
            .on_upgrade(move |socket| async move {
                let _held = (places, open);
                // Count the socket only now: a request that is never upgraded must not close an older page.
                let of_person = app.sockets.open_for(opener.user, opener.kind);
                run_socket(socket, of_person).await;
            }),
        Err(refused) => refused.into_response(),
    }
}

fn opened_too_fast(of: Overspent) -> AppError {
    match of {
        Overspent::Person => AppError::too_many("You opened pages too fast. Wait a few seconds, then try again.", 5),
        Overspent::Address => AppError::too_many(
            "Many pages were opened from your network just now. Wait a few seconds, then try again.",
            5,
        ),
    }
}

fn too_many_sockets(state: &AppState, full: SocketsFull) -> AppError {
    match full {
        SocketsFull::OfAddress => too_many_from_address(state),
        SocketsFull::InAll => {
            AppError::too_many("Too many people have Snug open right now. Try again in a minute.", 60)
        }
    }
}

pub async fn send(socket: &mut WebSocket, signal: &impl Serialize) -> Result<(), AppError> {
    let text = serde_json::to_string(signal).map_err(|_| AppError::unavailable())?;
    send_message(socket, Message::Text(text.into())).await
}

pub async fn send_json(socket: &mut WebSocket, json: bytes::Bytes) -> Result<(), AppError> {
    let text = Utf8Bytes::try_from(json).map_err(|_| AppError::unavailable())?;
    send_message(socket, Message::Text(text)).await
}

pub async fn ping_once(socket: &mut WebSocket) -> Result<(), AppError> {
    send_message(socket, Message::Ping(bytes::Bytes::new())).await
}

/// Closes the socket with a code of RFC 6455 section 7.4.1 or of IANA's registry. Messages that the page still sends
/// are not read.
pub async fn close(socket: &mut WebSocket, code: CloseCode) {
    let frame = CloseFrame {
        code,
        reason: "".into(),
    };
    // If the page has stopped reading, this frame is lost, but the page notices by itself that the connection ended.
    let _ = send_message(socket, Message::Close(Some(frame))).await;
}

/// Sends a message. Fails if the other side does not read it within [`SILENCE_MAX`].
pub async fn send_message(socket: &mut WebSocket, message: Message) -> Result<(), AppError> {
    match timeout(SILENCE_MAX, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(AppError::unavailable()),
    }
}
