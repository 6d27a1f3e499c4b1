//! The WebSocket of the connection check: it carries the offers of voice connections that are in no room.

use super::{
    error_status::answer,
    signal_limit::{Incoming, SignalLimiter},
    socket::{self, PING_EVERY, SILENCE_MAX, SocketOpener, close, ping_once, send, send_json},
};
use crate::{
    model::signal::{ClientSignal, Ending, Refusal, ServerSignal, TOO_MANY_PAGES_CODE},
    server::{
        address_group::AddressGroup,
        auth::identity::Visit,
        error::Result,
        open_sockets::{PersonSocket, SocketKind},
        state::AppState,
        turn,
        voice::{OFFER_MAX_BYTES, QueueFull, RoomHandle, command::CheckVisitor},
    },
};
use axum::{
    extract::{
        Request, State,
        ws::{WebSocket, close_code},
    },
    response::Response,
};
use tokio::time::{Instant, interval};

/// `/ws/check`. Everybody who is signed in may check their connection, also people without a name and a face. The voice connections of
/// checks count towards the limits of a person and of an address.
pub async fn check(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let visit = socket::visit_of(&state, &mut parts);
    let visitor = match who_checks(&visit) {
        Ok(visitor) => visitor,
        Err(error) => return answer(&error.into()),
    };
    let app = state.clone();
    let opener = SocketOpener {
        user: visitor.user.clone(),
        kind: SocketKind::Check,
    };
    socket::upgrade(&state, parts, opener, move |socket, of_person| async move {
        let handle = app.voice.check(visitor.clone()).await;
        run_socket((socket, of_person), handle, &app, visitor).await;
    })
    .await
}

fn who_checks(visit: &Visit) -> Result<CheckVisitor> {
    socket::count_opening(visit)?;
    let identity = visit.identity()?;
    Ok(CheckVisitor {
        user: identity.user,
        session: identity.session,
        address: AddressGroup::of(visit.address).first_address(),
    })
}

/// Passes signals until the page or the server ends the connection.
async fn run_socket(
    (mut socket, of_person): (WebSocket, PersonSocket),
    mut handle: RoomHandle,
    state: &AppState,
    visitor: CheckVisitor,
) {
    let mut revocations = state.sessions.revocations();
    // The session may have been revoked while the socket was being opened, so check once at the start.
    revocations.mark_changed();
    let mut ping = interval(PING_EVERY);
    let mut last_message = Instant::now();
    let mut limiter = SignalLimiter::new();
    let ice_servers = turn::ice_servers(&state.config.voice, &state.keyring, &visitor.user, state.now_s());
    // The page waits for this list, also if it is empty.
    let first = ServerSignal::IceServers { ice_servers };
    if send(&mut socket, &first).await.is_err() {
        return;
    }
    let code = loop {
        tokio::select! {
            () = state.sockets.server_stopping() => break close_code::RESTART,
            signal = handle.signals.recv() => match signal {
                Some(json) => if send_json(&mut socket, json).await.is_err() { return },
                // The time of the check is over, or the page reads too slowly.
                None => break close_code::NORMAL,
            },
            () = of_person.must_close() => {
                let _ = send(&mut socket, &ServerSignal::Ended { why: Ending::TooManyPages }).await;
                break TOO_MANY_PAGES_CODE;
            }
            message = socket.recv() => {
                last_message = Instant::now();
                let spend = |what| socket::spend(state, what, (&visitor.user, visitor.address)).is_ok();
                let reply = match limiter.receive(message, spend) {
                    Incoming::Signal(ClientSignal::Leave) | Incoming::Goodbye | Incoming::Lost => return,
                    Incoming::Signal(ClientSignal::Ping { n }) => Some(ServerSignal::Pong { n }),
                    Incoming::Signal(signal) => pass_on(signal, &handle).err().map(|why| ServerSignal::Refused { why }),
                    Incoming::Nothing => None,
                    Incoming::TooMany => Some(ServerSignal::Refused { why: Refusal::TooManySignals }),
                    Incoming::Flood => {
                        let _ = send(&mut socket, &ServerSignal::Ended { why: Ending::Flooding }).await;
                        break close_code::POLICY;
                    }
                };
                if let Some(reply) = reply
                    && send(&mut socket, &reply).await.is_err()
                {
                    return;
                }
            }
            _ = revocations.changed() => {
                if state.sessions.is_revoked(&visitor.session) {
                    let _ = send(&mut socket, &ServerSignal::Ended { why: Ending::SignedOut }).await;
                    break close_code::NORMAL;
                }
            }
            _ = ping.tick() => {
                if last_message.elapsed() > SILENCE_MAX || ping_once(&mut socket).await.is_err() { return }
            }
        }
    };
    close(&mut socket, code).await;
}

/// Passes a signal of the page to the voice thread. Signals that make sense only in a room are ignored.
///
/// # Errors
/// `Busy` if too many requests of all people wait, `BadOffer` if an offer is too long to be queued.
fn pass_on(signal: ClientSignal, handle: &RoomHandle) -> Result<(), Refusal> {
    let sent = match signal {
        ClientSignal::Join { sdp } if sdp.len() > OFFER_MAX_BYTES => return Err(Refusal::BadOffer),
        ClientSignal::Join { sdp } => handle.join(sdp),
        ClientSignal::WatchFacts { of } => handle.watch_facts(of),
        _ => Ok(()),
    };
    sent.map_err(|QueueFull| Refusal::Busy)
}
