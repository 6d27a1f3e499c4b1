//! The socket of a room: signals in and out.

use super::{
    error_status::answer,
    signal_limit::{Incoming, SignalLimiter},
    socket::{self, PING_EVERY, SILENCE_MAX, close, ping_once, send, send_json},
};
use crate::{
    model::{
        id::{SessionId, UserId},
        room::RoomInfo,
        signal::{ClientSignal, Ending, Refusal, ServerSignal},
    },
    server::{
        auth::{
            account_status::{self, store::AccountState},
            identity::Visit,
        },
        error::Result,
        rooms,
        state::{AppState, RightsOf},
        voice::{RoomHandle, command::RoomVisitor},
    },
};
use axum::{
    extract::{
        Path, Request, State,
        ws::{WebSocket, close_code},
    },
    response::Response,
};
use tokio::time::{Instant, interval};

/// `/ws/rooms/{id}`: an open socket looks in; `join` makes a participant. Who may not is refused before the upgrade.
pub async fn room(State(state): State<AppState>, Path(id): Path<String>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let visit = socket::visit_of(&state, &mut parts);
    let entry = match who_looks_in(&visit, &id).await {
        Ok(entry) => entry,
        Err(error) => return answer(&error.into()),
    };
    let app = state.clone();
    socket::upgrade(&state, parts, move |socket| async move {
        let SocketEntry { visitor, info, rights } = entry;
        let right = SocketRight {
            user: visitor.person.id.clone(),
            session: visitor.session.clone(),
            changes: rights,
            info,
        };
        if let Some(handle) = app.voice.watch(right.info.id.clone(), visitor).await {
            run_socket(socket, handle, &app, right).await;
        }
    })
    .await
}

/// Who comes to a room's socket, and into what.
struct SocketEntry {
    visitor: RoomVisitor,
    info: RoomInfo,
    rights: RightsOf,
}

/// By what right somebody is at a room's socket.
struct SocketRight {
    user: UserId,
    session: SessionId,
    info: RoomInfo,
    changes: RightsOf,
}

impl SocketRight {
    /// Why the line must end, if it must. While the database can't say, nobody is put out.
    async fn lost(&self, state: &AppState) -> Result<Option<Ending>> {
        if state.sessions.is_revoked(&self.session) {
            return Ok(Some(self.of_revoked_session(state).await));
        }
        // Who hosts it may have changed since.
        let live = state.voice.find_room(self.info.id.clone()).await;
        let info = live.as_ref().map_or(&self.info, |page| &page.info);
        let may_enter = rooms::access::may_enter(state, &self.user, info).await?;
        Ok((!may_enter).then_some(Ending::NoEntry))
    }

    async fn of_revoked_session(&self, state: &AppState) -> Ending {
        match account_status::store::find_state(&state.database, &self.user).await {
            Ok(AccountState::Off) => Ending::Disabled,
            Ok(AccountState::Gone) => Ending::LinkRevoked,
            Ok(AccountState::On) | Err(_) => Ending::SignedOut,
        }
    }
}

async fn who_looks_in(visit: &Visit, id: &str) -> Result<SocketEntry> {
    // Before the questions, so that no change falls between.
    let rights = visit.state.rights.watch(&visit.identity()?.user);
    let by = visit.activated().await?;
    let page = rooms::find_room(&by, id).await?;
    let visitor = RoomVisitor {
        person: by.person,
        session: by.session,
        address: visit.address,
        known_since_s: by.since_s,
        guest: by.guest,
    };
    Ok(SocketEntry {
        visitor,
        info: page.info,
        rights,
    })
}

/// Passes signals until one side ends. A goodbye frees the seat at once; everything else is a lost line.
async fn run_socket(mut socket: WebSocket, mut handle: RoomHandle, state: &AppState, mut right: SocketRight) {
    let mut in_doubt = false;
    let mut ping = interval(PING_EVERY);
    let mut last_message = Instant::now();
    let mut limiter = SignalLimiter::new();
    let goodbye = loop {
        tokio::select! {
            () = state.sockets.server_stopping() => return close(&mut socket, close_code::RESTART).await,
            signal = handle.signals.recv() => match signal {
                Some(json) => if send_json(&mut socket, json).await.is_err() { break false },
                // The voice has let go of it: signed out, or a queue that nobody reads.
                None => break false,
            },
            message = socket.recv() => {
                last_message = Instant::now();
                match limiter.receive(message) {
                    Incoming::Signal(ClientSignal::Join { sdp }) => handle.join(sdp),
                    Incoming::Signal(ClientSignal::Mute { on }) => handle.mute(on),
                    Incoming::Signal(ClientSignal::HearYourself) => handle.hear_yourself(),
                    Incoming::Signal(ClientSignal::StageRequest(request)) => handle.request(request),
                    Incoming::Signal(ClientSignal::Leave) | Incoming::Goodbye => break true,
                    Incoming::Lost => break false,
                    Incoming::Nothing => {}
                    Incoming::TooMany => {
                        let why = Refusal::TooManySignals;
                        if send(&mut socket, &ServerSignal::Refused { why }).await.is_err() { break false }
                    }
                    Incoming::Flood => {
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
                if state.sessions.is_revoked(&right.session) {
                    let why = right.of_revoked_session(state).await;
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
                if last_message.elapsed() > SILENCE_MAX || ping_once(&mut socket).await.is_err() { break false }
            }
        }
    };
    if goodbye {
        handle.leave();
    }
    close(&mut socket, close_code::NORMAL).await;
}
