//! The sockets: a room's (signals in and out) and the list's (the rooms, whenever they change).

use super::{
    crowd::Places,
    patience::{Heard, Patience},
    status::answer,
};
use crate::{
    error::AppError,
    model::{
        id::{SessionId, UserId},
        room::Sign,
        signal::{ClientSignal, Ending, Refusal, ServerSignal},
    },
    server::{
        auth::{
            account::{self, store::AccountState},
            identity::{Identity, Visit},
        },
        error::Result,
        profile,
        rooms::{self, entry::Sight, news::news},
        state::{AppState, RightsOf},
        voice::{Line, command::Visitor},
    },
};
use axum::{
    extract::{
        FromRequestParts, Path, Request, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code},
    },
    http::request::Parts,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::time::Duration;
use tokio::time::{Instant, interval, sleep, timeout};

/// A ping this often, and
const PING_EVERY: Duration = Duration::from_secs(2);
/// nothing heard for this long means that the line is lost.
const SILENCE_MAX: Duration = Duration::from_secs(7);
/// At most this often is the list pushed to one page.
const LIST_PAUSE: Duration = Duration::from_millis(150);
/// An offer is about 5 kB.
const MESSAGE_MAX_BYTES: usize = 64 * 1024;

/// `/ws/rooms/{id}`: an open socket looks in; `join` makes a participant. Who may not is refused before the upgrade.
pub async fn room(State(state): State<AppState>, Path(id): Path<String>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let visit = Visit::new(state.clone(), &parts);
    let entry = match who_looks_in(&visit, &id).await {
        Ok(entry) => entry,
        Err(error) => return answer(&error.into()),
    };
    let places = places_of(&parts);
    match WebSocketUpgrade::from_request_parts(&mut parts, &state).await {
        Ok(upgrade) => upgrade
            .max_message_size(MESSAGE_MAX_BYTES)
            .max_frame_size(MESSAGE_MAX_BYTES)
            .on_upgrade(move |socket| async move {
                let _places = places;
                let Entry { visitor, sign, rights } = entry;
                let right = Right {
                    user: visitor.person.id.clone(),
                    session: visitor.session.clone(),
                    changes: rights,
                    sign,
                };
                if let Some(line) = state.voice.watch(right.sign.id.clone(), visitor).await {
                    converse(socket, line, &state, right).await;
                }
            }),
        Err(refused) => refused.into_response(),
    }
}

/// The connection's places in the crowd: a socket keeps them until it is closed.
fn places_of(parts: &Parts) -> Places {
    parts.extensions.get().cloned().unwrap_or_default()
}

/// Who comes to a room's socket, and into what.
struct Entry {
    visitor: Visitor,
    sign: Sign,
    rights: RightsOf,
}

/// By what right somebody is at a room's socket.
struct Right {
    user: UserId,
    session: SessionId,
    sign: Sign,
    changes: RightsOf,
}

impl Right {
    /// Why the line must end, if it must. While the database can't say, nobody is put out.
    async fn lost(&self, state: &AppState) -> Result<Option<Ending>> {
        if state.sessions.is_dead(&self.session) {
            return Ok(Some(self.of_dead_session(state).await));
        }
        // Who hosts it may have changed since.
        let live = state.voice.find_room(self.sign.id.clone()).await;
        let sign = live.as_ref().map_or(&self.sign, |page| &page.sign);
        let may_enter = rooms::entry::may_enter(state, &self.user, sign).await?;
        Ok((!may_enter).then_some(Ending::NoEntry))
    }

    async fn of_dead_session(&self, state: &AppState) -> Ending {
        match account::store::find_state(&state.database, &self.user).await {
            Ok(AccountState::Off) => Ending::Disabled,
            Ok(AccountState::Gone) => Ending::LinkRevoked,
            Ok(AccountState::On) | Err(_) => Ending::SignedOut,
        }
    }
}

async fn who_looks_in(visit: &Visit, id: &str) -> Result<Entry> {
    let identity = visit.identity()?;
    // Before the question, so that no change falls between.
    let rights = visit.state.rights.watch(&identity.user);
    let known = profile::find_known(&visit.state, &identity.user).await?;
    let page = rooms::find_room(&visit.state, &identity.user, id).await?;
    let visitor = Visitor {
        person: known.person,
        session: identity.session,
        address: visit.address,
        known_since_s: known.since_s,
        guest: known.guest,
    };
    Ok(Entry {
        visitor,
        sign: page.sign,
        rights,
    })
}

/// Passes signals until one side ends. A goodbye frees the seat at once; everything else is a lost line.
async fn converse(mut socket: WebSocket, mut line: Line, state: &AppState, mut right: Right) {
    let mut in_doubt = false;
    let mut ping = interval(PING_EVERY);
    let mut heard = Instant::now();
    let mut patience = Patience::new();
    let goodbye = loop {
        tokio::select! {
            signal = line.signals.recv() => match signal {
                Some(json) => if say(&mut socket, json).await.is_err() { break false },
                // The voice has let go of it: signed out, or a queue that nobody reads.
                None => break false,
            },
            message = socket.recv() => {
                heard = Instant::now();
                match patience.hear(message) {
                    Heard::Signal(ClientSignal::Join { sdp }) => line.join(sdp),
                    Heard::Signal(ClientSignal::Mute { on }) => line.mute(on),
                    Heard::Signal(ClientSignal::HearYourself) => line.hear_yourself(),
                    Heard::Signal(ClientSignal::Wish(wish)) => line.wish(wish),
                    Heard::Signal(ClientSignal::Leave) | Heard::Goodbye => break true,
                    Heard::Lost => break false,
                    Heard::Nothing => {}
                    Heard::TooMany => {
                        let why = Refusal::TooManySignals;
                        if send(&mut socket, &ServerSignal::Refused { why }).await.is_err() { break false }
                    }
                    Heard::Flood => {
                        let _ = send(&mut socket, &ServerSignal::Ended { why: Ending::Flooding }).await;
                        break true;
                    }
                }
            }
            () = right.changes.changed() => {
                in_doubt = true;
                ping.reset_immediately();
            }
            _ = ping.tick() => {
                // The first tick is at once: a sign-out between the gate and the seat is seen here.
                if state.sessions.is_dead(&right.session) {
                    let why = right.of_dead_session(state).await;
                    let _ = send(&mut socket, &ServerSignal::Ended { why }).await;
                    break true;
                }
                if in_doubt {
                    match right.lost(state).await {
                        Ok(Some(why)) => {
                            let _ = send(&mut socket, &ServerSignal::Ended { why }).await;
                            break true;
                        }
                        answered => in_doubt = answered.is_err(),
                    }
                }
                if heard.elapsed() > SILENCE_MAX || ping_once(&mut socket).await.is_err() { break false }
            }
        }
    };
    if goodbye {
        line.leave();
    }
    let closing = CloseFrame {
        code: close_code::NORMAL,
        reason: "".into(),
    };
    let _ = put(&mut socket, Message::Close(Some(closing))).await;
}

async fn say(socket: &mut WebSocket, json: bytes::Bytes) -> Result<(), AppError> {
    let text = Utf8Bytes::try_from(json).map_err(|_| AppError::unavailable())?;
    put(socket, Message::Text(text)).await
}

async fn ping_once(socket: &mut WebSocket) -> Result<(), AppError> {
    put(socket, Message::Ping(bytes::Bytes::new())).await
}

/// Sends a message, if the other side still reads.
async fn put(socket: &mut WebSocket, message: Message) -> Result<(), AppError> {
    match timeout(SILENCE_MAX, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(AppError::unavailable()),
    }
}

/// `/ws/rooms`: the list, at once, and what changes of it.
pub async fn list(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let visit = Visit::new(state.clone(), &parts);
    let identity = match who_watches(&visit).await {
        Ok(identity) => identity,
        Err(error) => return answer(&error.into()),
    };
    let places = places_of(&parts);
    match WebSocketUpgrade::from_request_parts(&mut parts, &state).await {
        Ok(upgrade) => upgrade
            .max_message_size(MESSAGE_MAX_BYTES)
            .max_frame_size(MESSAGE_MAX_BYTES)
            .on_upgrade(move |socket| async move {
                let _places = places;
                watch(socket, state, identity.user, identity.session).await;
            }),
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
    let mut burials = state.sessions.burials();
    let mut rights = state.rights.watch(&user);
    let mut shown: Option<Vec<_>> = None;
    let Ok(mut sight) = Sight::of(&state, &user).await else {
        return;
    };
    let mut ping = interval(PING_EVERY);
    let mut heard = Instant::now();
    cards.mark_changed();
    // Signed out while the socket was being opened.
    burials.mark_changed();
    loop {
        tokio::select! {
            () = rights.changed() => {
                let Ok(now) = Sight::of(&state, &user).await else { return };
                sight = now;
                cards.mark_changed();
            }
            changed = cards.changed() => {
                // What this person may not see changes nothing for them, not even the rhythm of messages.
                let list = sight.of_list(&cards.borrow_and_update());
                if changed.is_err() { return }
                if let Some(news) = news(shown.as_deref(), &list) {
                    if send(&mut socket, &news).await.is_err() { return }
                    shown = Some(list);
                    sleep(LIST_PAUSE).await;
                }
            }
            message = socket.recv() => {
                heard = Instant::now();
                if matches!(message, None | Some(Err(_) | Ok(Message::Close(_)))) { return }
            }
            _ = burials.changed() => {
                // Signed out elsewhere: this page learns nothing more.
                if state.sessions.is_dead(&session) { return }
            }
            _ = ping.tick() => {
                if heard.elapsed() > SILENCE_MAX || ping_once(&mut socket).await.is_err() { return }
            }
        }
    }
}

async fn send(socket: &mut WebSocket, signal: &impl Serialize) -> Result<(), AppError> {
    let text = serde_json::to_string(signal).map_err(|_| AppError::unavailable())?;
    put(socket, Message::Text(text.into())).await
}
