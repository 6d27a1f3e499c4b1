//! The WebSocket of a room: it passes signals between a page and the room.

use super::{
    error_status::answer,
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
        voice::{OFFER_MAX_BYTES, QueueFull, RoomHandle, command::RoomVisitor},
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
            Ok(AccountState::Gone) => Ending::LinkRevoked,
            Ok(AccountState::On) | Err(_) => Ending::SignedOut,
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
    let goodbye = loop {
        tokio::select! {
            () = state.sockets.server_stopping() => return close(&mut socket, close_code::RESTART).await,
            signal = handle.signals.recv() => match signal {
                Some(json) => if send_json(&mut socket, json).await.is_err() { break false },
                None => {
                    // Another socket of this page has taken the place of this one, or the room has dropped this page: its session was
                    // revoked, or it reads too slowly.
                    if handle.signals.is_moved() { code = MOVED_CODE }
                    break false;
                }
            },
            () = of_person.must_close() => {
                let _ = send(&mut socket, &ServerSignal::Ended { why: Ending::TooManyPages }).await;
                code = TOO_MANY_PAGES_CODE;
                // A socket that has lost its place to a newer one of the same page says goodbye for nobody.
                break !handle.signals.is_moved();
            }
            message = socket.recv() => {
                last_message = Instant::now();
                let spend = |what| socket::spend(state, what, (&right.user, right.address)).is_ok();
                match limiter.receive(message, spend) {
                    Incoming::Signal(ClientSignal::Leave) | Incoming::Goodbye => break true,
                    Incoming::Signal(ClientSignal::Ping { n }) => {
                        if send(&mut socket, &ServerSignal::Pong { n }).await.is_err() { break false }
                    }
                    Incoming::Signal(signal) => {
                        if let Err(why) = pass_on(signal, &handle)
                            && send(&mut socket, &ServerSignal::Refused { why }).await.is_err()
                        {
                            break false;
                        }
                    }
                    Incoming::Lost => break false,
                    Incoming::Nothing => {}
                    Incoming::TooMany => {
                        let why = Refusal::TooManySignals;
                        if send(&mut socket, &ServerSignal::Refused { why }).await.is_err() { break false }
                    }
                    Incoming::Flood => {
                        let _ = send(&mut socket, &ServerSignal::Ended { why: Ending::Flooding }).await;
                        // The rest of a message that is too long stays unread. If we closed the connection now, TCP would reset it
                        // (RFC 1122 section 4.2.2.13), and the page could lose the signal that says why.
                        sleep(READ_THE_END_WITHIN).await;
                        break true;
                    }
                }
            }
            () = &mut right_lost => {
                let why = right.why_lost(state).await;
                let _ = send(&mut socket, &ServerSignal::Ended { why }).await;
                break true;
            }
            _ = renewal.tick() => {
                let ice_servers = ice_servers(state, &right.user);
                if !ice_servers.is_empty()
                    && send(&mut socket, &ServerSignal::IceServers { ice_servers }).await.is_err()
                {
                    break false;
                }
            }
            _ = ping.tick() => {
                if last_message.elapsed() > SILENCE_MAX || ping_once(&mut socket).await.is_err() { break false }
            }
        }
    };
    if goodbye {
        handle.leave();
    }
    close(&mut socket, code).await;
}

/// Passes a person's signal to the room.
///
/// # Errors
/// `Busy` if too many requests of all people wait, `BadOffer` if an offer is too long to be queued. The room did not get the signal.
fn pass_on(signal: ClientSignal, handle: &RoomHandle) -> Result<(), Refusal> {
    let sent = match signal {
        ClientSignal::Join { sdp } | ClientSignal::RestartIce { sdp } if sdp.len() > OFFER_MAX_BYTES => {
            return Err(Refusal::BadOffer);
        }
        ClientSignal::Join { sdp } => handle.join(sdp),
        ClientSignal::RestartIce { sdp } => handle.restart_ice(sdp),
        ClientSignal::WatchFacts { of } => handle.watch_facts(of),
        ClientSignal::Mute { on } => handle.mute(on),
        ClientSignal::HearYourself => handle.hear_yourself(),
        ClientSignal::StageRequest(request) => handle.request(request),
        // The caller ends the socket, which leaves the room, and answers pings.
        ClientSignal::Leave | ClientSignal::Ping { .. } => Ok(()),
    };
    sent.map_err(|QueueFull| Refusal::Busy)
}
