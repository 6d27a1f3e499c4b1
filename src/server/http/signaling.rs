//! The sockets: a room's (signals in and out) and the list's (the rooms, whenever they change).

use super::status::answer;
use crate::{
    error::AppError,
    model::{
        id::{RoomId, SessionId, UserId},
        room::Person,
        signal::{ClientSignal, Ending, ListSignal, ServerSignal},
    },
    server::{
        auth::identity::{Identity, Visit},
        error::Result,
        profile, rooms,
        state::AppState,
        voice::{Seat, visible_to},
    },
};
use axum::{
    extract::{
        FromRequestParts, Path, Request, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, close_code},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::time::Duration;
use tokio::time::{Instant, interval, sleep};

/// A ping this often, and
const PING_EVERY: Duration = Duration::from_secs(2);
/// nothing heard for this long means that the line is lost.
const SILENCE_MAX: Duration = Duration::from_secs(7);
/// At most this often is the list pushed to one page.
const LIST_PAUSE: Duration = Duration::from_millis(150);
const MESSAGE_MAX_BYTES: usize = 64 * 1024;

/// `/ws/rooms/{id}`: an open socket is presence. Who may not enter is refused before the upgrade.
pub async fn room(State(state): State<AppState>, Path(id): Path<String>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let visit = Visit::new(state.clone(), &parts);
    let (identity, person, room) = match who_enters(&visit, &id).await {
        Ok(entry) => entry,
        Err(error) => return answer(&error.into()),
    };
    match WebSocketUpgrade::from_request_parts(&mut parts, &state).await {
        Ok(upgrade) => upgrade
            .max_message_size(MESSAGE_MAX_BYTES)
            .on_upgrade(move |socket| async move {
                if let Some(seat) = state.voice.enter(room, person, identity.session.clone()).await {
                    sit(socket, seat, &state, &identity.session).await;
                }
            }),
        Err(refused) => refused.into_response(),
    }
}

async fn who_enters(visit: &Visit, id: &str) -> Result<(Identity, Person, RoomId)> {
    let identity = visit.identity()?;
    let person = profile::find_activated(&visit.state, &identity.user).await?;
    let page = rooms::find_room(&visit.state, &identity.user, id).await?;
    Ok((identity, person, page.sign.id))
}

/// Passes signals until one side ends. A goodbye frees the seat at once; everything else is a lost line.
async fn sit(mut socket: WebSocket, mut seat: Seat, state: &AppState, session: &SessionId) {
    let mut ping = interval(PING_EVERY);
    let mut heard = Instant::now();
    let goodbye = loop {
        tokio::select! {
            signal = seat.signals.recv() => match signal {
                Some(signal) => {
                    let ended = matches!(signal, ServerSignal::Ended { .. });
                    if send(&mut socket, &signal).await.is_err() { break false }
                    if ended { break true }
                }
                None => break true,
            },
            message = socket.recv() => {
                heard = Instant::now();
                match message {
                    Some(Ok(message)) if is_goodbye(&message) => break true,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break false,
                    Some(Ok(_)) => {}
                }
            }
            _ = ping.tick() => {
                // The first tick is at once: a sign-out between the gate and the seat is seen here.
                if state.sessions.is_dead(session) {
                    let _ = send(&mut socket, &ServerSignal::Ended { why: Ending::SignedOut }).await;
                    break true;
                }
                if heard.elapsed() > SILENCE_MAX || socket.send(Message::Ping(bytes::Bytes::new())).await.is_err() { break false }
            }
        }
    };
    if goodbye {
        seat.leave();
    }
    let _ = socket
        .send(Message::Close(Some(CloseFrame {
            code: close_code::NORMAL,
            reason: "".into(),
        })))
        .await;
}

/// `leave`, or a close frame that a closing page sends (RFC 6455 section 7.4.1: 1000 normal, 1001 going away).
fn is_goodbye(message: &Message) -> bool {
    match message {
        Message::Text(text) => matches!(serde_json::from_str(text), Ok(ClientSignal::Leave)),
        Message::Close(Some(frame)) => matches!(frame.code, close_code::NORMAL | close_code::AWAY),
        _ => false,
    }
}

/// `/ws/rooms`: the list, at once and whenever it changes.
pub async fn list(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let visit = Visit::new(state.clone(), &parts);
    let identity = match who_watches(&visit).await {
        Ok(identity) => identity,
        Err(error) => return answer(&error.into()),
    };
    match WebSocketUpgrade::from_request_parts(&mut parts, &state).await {
        Ok(upgrade) => upgrade
            .max_message_size(MESSAGE_MAX_BYTES)
            .on_upgrade(move |socket| watch(socket, state, identity.user, identity.session)),
        Err(refused) => refused.into_response(),
    }
}

async fn who_watches(visit: &Visit) -> Result<Identity> {
    let identity = visit.identity()?;
    profile::find_activated(&visit.state, &identity.user).await?;
    Ok(identity)
}

async fn watch(mut socket: WebSocket, state: AppState, user: UserId, session: SessionId) {
    let mut cards = state.voice.watch_rooms();
    let mut ping = interval(PING_EVERY);
    let mut heard = Instant::now();
    cards.mark_changed();
    loop {
        tokio::select! {
            changed = cards.changed() => {
                let list = ListSignal { rooms: visible_to(&cards.borrow_and_update(), &user) };
                if changed.is_err() || send(&mut socket, &list).await.is_err() { return }
                sleep(LIST_PAUSE).await;
            }
            message = socket.recv() => {
                heard = Instant::now();
                if matches!(message, None | Some(Err(_) | Ok(Message::Close(_)))) { return }
            }
            _ = ping.tick() => {
                // Signed out elsewhere: this page learns nothing more.
                let over = heard.elapsed() > SILENCE_MAX || state.sessions.is_dead(&session);
                if over || socket.send(Message::Ping(bytes::Bytes::new())).await.is_err() { return }
            }
        }
    }
}

async fn send(socket: &mut WebSocket, signal: &impl Serialize) -> Result<(), AppError> {
    let text = serde_json::to_string(signal).map_err(|_| AppError::unavailable())?;
    socket
        .send(Message::Text(text.into()))
        .await
        .map_err(|_| AppError::unavailable())
}
