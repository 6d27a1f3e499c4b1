//! The WebSocket that sends the list of rooms whenever it changes.
//!
//! It is not a stream of server-sent events, because a browser opens at most six HTTP/1.1 connections to a host, and
//! the stream of every open tab would occupy one of them.

use super::{
    error_status::answer,
    signal_limit::PING_MAX_BYTES,
    socket::{self, PING_EVERY, SILENCE_MAX, SocketOpener, close, ping_once, send},
};
use crate::{
    model::{
        id::{SessionId, UserId},
        room_list::{RoomListPage, RoomListQuery},
        signal::{ClientSignal, ServerSignal, TOO_MANY_PAGES_CODE},
    },
    server::{
        auth::identity::Visit,
        error::Result,
        gate::Activated,
        open_sockets::{PersonSocket, SocketKind},
        rooms::{access::VisibleRooms, list_delta::list_delta, list_page::ListPager},
        state::AppState,
        voice::token_bucket::TokenBucket,
    },
};
use axum::{
    extract::{
        Query, Request, State,
        ws::{Message, WebSocket, close_code},
    },
    http::Uri,
    response::Response,
};
use std::{collections::HashMap, time::Duration};
use tokio::time::{Instant, interval, sleep};

/// The shortest time between two messages to one page.
const LIST_PAUSE: Duration = Duration::from_millis(150);
/// Allowed pings and pongs per second, and how many more at once. A page answers each ping of the server, which comes every
/// [`PING_EVERY`], and sends one every few seconds itself. The socket of somebody who sends more is closed.
const PONGS_PER_SECOND: u64 = 5;
const PONGS_AT_ONCE: u64 = 50;

/// `/ws/rooms?page=2&q=tea`: sends this page of the list at once, and then only what changes on the page. The query is the same as in
/// the address of the page. Another page or another search needs another socket.
pub async fn watch_rooms(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let visit = socket::visit_of(&state, &mut parts);
    let by = match who_watches(&visit).await {
        Ok(by) => by,
        Err(error) => return answer(&error.into()),
    };
    let (watcher, pager) = (state.clone(), ListPager::new(query_of(&parts.uri)));
    let opener = SocketOpener {
        user: by.person.id.clone(),
        kind: SocketKind::List,
    };
    socket::upgrade(&state, parts, opener, |socket, of_person| {
        watch((socket, of_person), watcher, (by.person.id, by.session), pager)
    })
    .await
}

async fn who_watches(visit: &Visit) -> Result<Activated> {
    socket::count_opening(visit)?;
    visit.activated().await
}

fn query_of(uri: &Uri) -> RoomListQuery {
    let fields = Query::<HashMap<String, String>>::try_from_uri(uri).map_or_else(|_| HashMap::new(), |fields| fields.0);
    let field = |name: &str| fields.get(name).map(String::as_str);
    RoomListQuery::of_address(field("page"), field("q"))
}

/// The number of a page's ping; `None` for any other message.
fn number_of_ping(text: &str) -> Option<u32> {
    if text.len() > PING_MAX_BYTES {
        return None;
    }
    match serde_json::from_str(text) {
        Ok(ClientSignal::Ping { n }) => Some(n),
        _ => None,
    }
}

async fn watch(
    (mut socket, of_person): (WebSocket, PersonSocket),
    state: AppState,
    (user, session): (UserId, SessionId),
    mut pager: ListPager,
) {
    let mut cards = state.voice.watch_rooms();
    let mut revocations = state.sessions.revocations();
    let mut rights = state.rights.watch(&user);
    let mut shown: Option<RoomListPage> = None;
    let Ok(mut sight) = VisibleRooms::of(&state, &user).await else {
        return;
    };
    let mut ping = interval(PING_EVERY);
    let mut last_message = Instant::now();
    let (began, mut pongs) = (
        Instant::now(),
        TokenBucket::with_room(PONGS_PER_SECOND, PONGS_AT_ONCE, 0),
    );
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
                // messages. So we compare the page that we sent last with the page that this person may see now, and
                // send nothing if the two are equal.
                //
                // The search runs after the cards are given back, because the voice thread can't publish cards while they are borrowed.
                let visible = sight.of_list(&cards.borrow_and_update());
                let page = pager.page(visible, state.now_s());
                if changed.is_err() { return }
                if let Some(delta) = list_delta(shown.as_ref(), &page) {
                    if send(&mut socket, &delta).await.is_err() { return }
                    shown = Some(page);
                    sleep(LIST_PAUSE).await;
                }
            }
            message = socket.recv() => {
                last_message = Instant::now();
                // Pages send only pings and pongs on this socket. Any other message ends the socket, so that nobody can send many of them.
                if !pongs.spend(1, began.elapsed().as_millis() as u64) { return }
                match message {
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Text(text))) => {
                        let Some(n) = number_of_ping(&text) else { return };
                        if send(&mut socket, &ServerSignal::Pong { n }).await.is_err() { return }
                    }
                    _ => return,
                }
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
