//! The WebSocket that sends the list of rooms whenever it changes.
//!
//! It is not a stream of server-sent events, because a browser opens at most six HTTP/1.1 connections to a host, and
//! the stream of every open tab would occupy one of them.

use super::{
    error_status::answer,
    socket::{self, PING_EVERY, SILENCE_MAX, SocketOpener, close, ping_once, send},
};
use crate::{
    model::{
        id::{SessionId, UserId},
        signal::TOO_MANY_PAGES_CODE,
    },
    server::{
        auth::identity::Visit,
        error::Result,
        gate::Activated,
        open_sockets::{PersonSocket, SocketKind},
        rooms::{access::VisibleRooms, list_delta::list_delta},
        state::AppState,
    },
};
use axum::{
    extract::{
        Request, State,
        ws::{Message, WebSocket, close_code},
    },
    response::Response,
};
use std::time::Duration;
use tokio::time::{Instant, interval, sleep};

/// The shortest time between two messages to one page.
const LIST_PAUSE: Duration = Duration::from_millis(150);

/// `/ws/rooms`: sends the whole list at once, and then only the cards that changed, because a whole list of 500 rooms is
/// 958 kB.
pub async fn watch_rooms(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let visit = socket::visit_of(&state, &mut parts);
    let by = match who_watches(&visit).await {
        Ok(by) => by,
        Err(error) => return answer(&error.into()),
    };
    let watcher = state.clone();
    let opener = SocketOpener {
        user: by.person.id.clone(),
        kind: SocketKind::List,
    };
    socket::upgrade(&state, parts, opener, |socket, of_person| {
        watch((socket, of_person), watcher, by.person.id, by.session)
    })
    .await
}

async fn who_watches(visit: &Visit) -> Result<Activated> {
    socket::count_opening(visit)?;
    visit.activated().await
}

async fn watch((mut socket, of_person): (WebSocket, PersonSocket), state: AppState, user: UserId, session: SessionId) {
    let mut cards = state.voice.watch_rooms();
    let mut revocations = state.sessions.revocations();
    let mut rights = state.rights.watch(&user);
    let mut shown: Option<Vec<_>> = None;
    let Ok(mut sight) = VisibleRooms::of(&state, &user).await else {
        return;
    };
    let mut ping = interval(PING_EVERY);
    let mut last_message = Instant::now();
    cards.mark_changed();
    // The session may have been revoked while the socket was being opened, so check once at the start.
    revocations.mark_changed();
    loop {
        tokio::select! {
            () = state.sockets.server_stopping() => return close(&mut socket, close_code::RESTART).await,
            () = of_person.must_close() => return close(&mut socket, TOO_MANY_PAGES_CODE).await,
            () = rights.changed() => {
                let Ok(now) = VisibleRooms::of(&state, &user).await else { return };
                sight = now;
                cards.mark_changed();
            }
            changed = cards.changed() => {
                // A change of a room that this person must not see must stay hidden from them, even in the timing of
                // messages. So we compare the list that we sent last with the list that this person may see now, and
                // send nothing if the two are equal.
                let list = sight.of_list(&cards.borrow_and_update());
                if changed.is_err() { return }
                if let Some(delta) = list_delta(shown.as_deref(), &list) {
                    if send(&mut socket, &delta).await.is_err() { return }
                    shown = Some(list);
                    sleep(LIST_PAUSE).await;
                }
            }
            message = socket.recv() => {
                last_message = Instant::now();
                // Pages send nothing on this socket but pongs, so a message ends it before many of them cost something.
                if !matches!(message, Some(Ok(Message::Ping(_) | Message::Pong(_)))) { return }
            }
            _ = revocations.changed() => {
                // Signed out on another device: send nothing more to this page.
                if state.sessions.is_revoked(&session) { return }
            }
            _ = ping.tick() => {
                if last_message.elapsed() > SILENCE_MAX || ping_once(&mut socket).await.is_err() { return }
            }
        }
    }
}
