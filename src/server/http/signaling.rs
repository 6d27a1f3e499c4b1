//! The WebSocket of a room: it passes signals between a page and the room.

use super::{
    error_status::answer,
    passed_signals::{pass_on, pass_rest},
    signal_limit::{Incoming, SignalLimiter},
    socket::{self, PING_EVERY, SILENCE_MAX, SocketOpener, close, ping_once, send, send_json},
};
use crate::{
    model::{
        ice_server::IceServer,
        id::{PAGE_IN_QUERY, PageId, SessionId, UserId},
        room::RoomInfo,
        signal::{ClientSignal, Ending, MOVED_CODE, Refusal, ServerSignal, TOO_MANY_PAGES_CODE},
    },
    server::{
        address_group::AddressGroup,
        auth::{
            account_status::{self, store::AccountState},
            identity::Visit,
        },
        error::Result,
        open_sockets::{PersonSocket, SocketKind},
        rooms,
        state::{AppState, RightsOf},
        turn,
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
use std::{net::IpAddr, pin::pin, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, sleep};

/// How long the page of a flooding person has to read why its socket ends.
const READ_THE_END_WITHIN: Duration = Duration::from_millis(500);
/// How long a page has to close a socket that has lost its place to a newer one. Until then, the server reads what the page sends on it.
const CLOSED_WITHIN: Duration = Duration::from_secs(2);
/// How long the server reads what has arrived on a socket on which it can't send any more.
const ARRIVED_WITHIN: Duration = Duration::from_millis(100);

/// `/ws/rooms/{id}`. An open socket only watches the room, until the signal `join` makes the person a participant. So
/// people who follow a link see who is there before anybody can hear them. If somebody is not allowed to enter, we
/// refuse with a plain HTTP answer before the upgrade.
pub async fn room(State(state): State<AppState>, Path(id): Path<String>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let visit = socket::visit_of(&state, &mut parts);
    let page = socket::query_field(&parts.uri, PAGE_IN_QUERY).and_then(|page| PageId::parse(&page));
    let entry = match who_looks_in(&visit, &id, page).await {
        Ok(entry) => entry,
        Err(error) => return answer(&error.into()),
    };
    let app = state.clone();
    let opener = SocketOpener {
        user: entry.visitor.person.id.clone(),
        kind: SocketKind::Room,
    };
    socket::upgrade(&state, parts, opener, move |socket, of_person| async move {
        let SocketEntry { visitor, info, rights } = entry;
        let right = SocketRight {
            user: visitor.person.id.clone(),
            is_guest: visitor.person.guest,
            session: visitor.session.clone(),
            address: visitor.address,
            info,
        };
        if let Some(handle) = app.voice.watch(right.info.id.clone(), visitor).await {
            run_socket((socket, of_person), handle, &app, (right, rights)).await;
        }
    })
    .await
}

/// What is known before the WebSocket upgrade: the person who opens the socket, the room, and a watch on changes of the
/// person's rights.
struct SocketEntry {
    visitor: RoomVisitor,
    info: RoomInfo,
    rights: RightsOf,
}

/// A person's right to use a room's socket. We check it again whenever the person's rights may have changed.
struct SocketRight {
    user: UserId,
    is_guest: bool,
    session: SessionId,
    address: IpAddr,
    info: RoomInfo,
}

impl SocketRight {
    /// Waits until this right is lost. `changes` reports when the rights of the person may have changed.
    ///
    /// The socket must go on while this waits, because the database may take seconds to answer, or not answer at all.
    async fn wait_until_lost(&self, state: &AppState, mut changes: RightsOf) {
        let mut in_doubt = false;
        let mut check = interval(PING_EVERY);
        // After a query that waited for the database, pause before the next one.
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = changes.changed() => {
                    in_doubt = true;
                    check.reset_immediately();
                }
                _ = check.tick() => {
                    // The first tick comes at once, so we also notice a session that was revoked after the check before the
                    // upgrade.
                    if state.sessions.is_revoked(&self.session) { return }
                    if in_doubt {
                        match self.may_enter(state).await {
                            Ok(false) => return,
                            // If the database can't be read, the socket stays open, and we ask again at the next tick.
                            answered => in_doubt = answered.is_err(),
                        }
                    }
                }
            }
        }
    }

    async fn may_enter(&self, state: &AppState) -> Result<bool> {
        // The hosts of the room may have changed since the socket was opened.
        let live = state.voice.find_room(self.info.id.clone()).await;
        let info = live.as_ref().map_or(&self.info, |page| &page.info);
        rooms::access::may_enter(state, &self.user, info).await
    }

    /// Why this right, which is lost, was lost.
    async fn why_lost(&self, state: &AppState) -> Ending {
        if !state.sessions.is_revoked(&self.session) {
            return Ending::NoEntry;
        }
        match account_status::store::find_state(&state.database, &self.user).await {
            Ok(AccountState::Off) => Ending::Disabled,
            // Guests are deleted with their link. Everybody else deletes their account on their own.
            Ok(AccountState::Gone) if self.is_guest => Ending::LinkRevoked,
            Ok(AccountState::On | AccountState::Gone) | Err(_) => Ending::SignedOut,
        }
    }
}

async fn who_looks_in(visit: &Visit, id: &str, page_id: Option<PageId>) -> Result<SocketEntry> {
    socket::count_opening(visit)?;
    // Watch before reading the rights, so that we do not miss a change in between.
    let rights = visit.state.rights.watch(&visit.identity()?.user);
    let by = visit.activated().await?;
    let page = rooms::find_room(&by, id).await?;
    let ice_servers = ice_servers(&visit.state, &by.person.id);
    let visitor = RoomVisitor {
        person: by.person,
        session: by.session,
        address: AddressGroup::of(visit.address).first_address(),
        known_since_s: by.since_s,
        ice_servers,
        page: page_id,
    };
    Ok(SocketEntry {
        visitor,
        info: page.info,
        rights,
    })
}

/// The TURN servers for a page of `user`, with new credentials.
fn ice_servers(state: &AppState, user: &UserId) -> Vec<IceServer> {
    turn::ice_servers(&state.config.voice, &state.keyring, user, state.now_s())
}

/// How the socket of a page ends.
enum SocketEnd {
    /// The page has said goodbye, or it may not stay.
    Goodbye,
    /// Another socket of the page has taken the place of this one.
    Moved,
    /// Nothing can be sent to the page any more, or it reads too slowly. What it has sent may be unread.
    Unsent,
    /// Nothing comes from the page any more.
    Lost,
}

/// Passes signals until the page or the server ends the connection. After a goodbye the participant leaves at once; any
/// other end counts as a lost connection, and the participant stays for a few seconds so that the page can connect
/// again.
async fn run_socket(
    (mut socket, of_person): (WebSocket, PersonSocket),
    mut handle: RoomHandle,
    state: &AppState,
    (right, changes): (SocketRight, RightsOf),
) {
    let mut right_lost = pin!(right.wait_until_lost(state, changes));
    let mut ping = interval(PING_EVERY);
    let mut renewal = interval_at(Instant::now() + turn::RENEWED_EVERY, turn::RENEWED_EVERY);
    let mut last_message = Instant::now();
    let mut limiter = SignalLimiter::new();
    let mut code = close_code::NORMAL;
    let end = loop {
        tokio::select! {
            () = state.sockets.server_stopping() => return close(&mut socket, close_code::RESTART).await,
            signal = handle.signals.recv() => match signal {
                Some(json) => if send_json(&mut socket, json).await.is_err() { break SocketEnd::Unsent },
                None if handle.signals.is_moved() => {
                    code = MOVED_CODE;
                    break SocketEnd::Moved;
                }
                // The room has dropped this page: its session was revoked, or it reads too slowly.
                None => break SocketEnd::Unsent,
            },
            () = of_person.must_close() => {
                let _ = send(&mut socket, &ServerSignal::Ended { why: Ending::TooManyPages }).await;
                code = TOO_MANY_PAGES_CODE;
                // A socket that has lost its place to a newer one of the same page says goodbye for nobody.
                break if handle.signals.is_moved() { SocketEnd::Moved } else { SocketEnd::Goodbye };
            }
            message = socket.recv() => {
                last_message = Instant::now();
                let spend = |what| socket::spend(state, what, (&right.user, right.address)).is_ok();
                match limiter.receive(message, spend) {
                    Incoming::Signal(ClientSignal::Leave) | Incoming::Goodbye => break SocketEnd::Goodbye,
                    Incoming::Signal(ClientSignal::Ping { n }) => {
                        if send(&mut socket, &ServerSignal::Pong { n }).await.is_err() { break SocketEnd::Unsent }
                    }
                    Incoming::Signal(signal) => {
                        if let Err(why) = pass_on(signal, &handle)
                            && send(&mut socket, &ServerSignal::Refused { why }).await.is_err()
                        {
                            break SocketEnd::Unsent;
                        }
                    }
                    Incoming::Lost => break SocketEnd::Lost,
                    Incoming::Nothing => {}
                    Incoming::TooMany => {
                        let why = Refusal::TooManySignals;
                        if send(&mut socket, &ServerSignal::Refused { why }).await.is_err() { break SocketEnd::Unsent }
                    }
                    Incoming::Flood => {
                        let _ = send(&mut socket, &ServerSignal::Ended { why: Ending::Flooding }).await;
                        // The rest of a message that is too long stays unread. If we closed the connection now, TCP would reset it
                        // (RFC 1122 section 4.2.2.13), and the page could lose the signal that says why.
                        sleep(READ_THE_END_WITHIN).await;
                        break SocketEnd::Goodbye;
                    }
                }
            }
            () = &mut right_lost => {
                let why = right.why_lost(state).await;
                let _ = send(&mut socket, &ServerSignal::Ended { why }).await;
                break SocketEnd::Goodbye;
            }
            _ = renewal.tick() => {
                let ice_servers = ice_servers(state, &right.user);
                if !ice_servers.is_empty()
                    && send(&mut socket, &ServerSignal::IceServers { ice_servers }).await.is_err()
                {
                    break SocketEnd::Unsent;
                }
            }
            _ = ping.tick() => {
                if last_message.elapsed() > SILENCE_MAX { break SocketEnd::Lost }
                if ping_once(&mut socket).await.is_err() { break SocketEnd::Unsent }
            }
        }
    };
    // From now on, this socket is none of those that the person has open.
    drop(of_person);
    let has_left = match end {
        SocketEnd::Goodbye => true,
        SocketEnd::Lost => false,
        SocketEnd::Moved | SocketEnd::Unsent => {
            let mut within = ARRIVED_WITHIN;
            if matches!(end, SocketEnd::Moved) {
                // The page answers with a close frame, and has then sent everything (RFC 6455 section 5.5.1).
                close(&mut socket, code).await;
                within = CLOSED_WITHIN;
            }
            let spend = |what| socket::spend(state, what, (&right.user, right.address)).is_ok();
            tokio::select! {
                () = state.sockets.server_stopping() => false,
                has_left = pass_rest(&mut socket, &mut limiter, &handle, spend, within) => has_left,
            }
        }
    };
    if has_left {
        handle.leave();
    }
    close(&mut socket, code).await;
}
