//! Connects the registry and the peers on the driver's thread: routes datagrams, packets, commands and effects.

mod fact_watches;
mod order_handling;
mod sound_delivery;

use super::{
    address_cap_log::AddressCapLog, fact_watch::FactWatch, handshakes::Handshakes, offer_workers::OfferWorkers,
    outputs::Outputs, socket_signals::SocketSender,
};
use crate::{
    model::signal::ServerSignal,
    server::voice::{
        command::{Command, ConnectionId, Delivery, Effect},
        demux::{Demux, is_binding_request, is_dtls},
        egress::{Datagram, Egress},
        figures::VoiceCounts,
        outgoing_packet::RecentPackets,
        peer::PeerEvent,
        peers::{Absent, Peers},
        probe::ProbeResponder,
        registry::{RoomRegistry, VoiceCaps},
        wall_clock::WallClock,
        way::Way,
    },
};
use bytes::Bytes;
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Instant};

pub struct Engine {
    started: Instant,
    /// How many milliseconds tests have let pass.
    advanced_ms: u64,
    offers: OfferWorkers,
    registry: RoomRegistry,
    address_cap: AddressCapLog,
    counts: Arc<VoiceCounts>,
    peers: Peers,
    demux: Demux,
    handshakes: Handshakes,
    probes: ProbeResponder,
    pub egress: Egress,
    /// The queue of signals for each socket.
    tell: HashMap<ConnectionId, SocketSender>,
    /// The sockets that are told what goes through a voice connection.
    fact_watches: HashMap<ConnectionId, FactWatch>,
    outputs: Outputs,
    /// Somebody in a room on the list began or stopped speaking, or the wall clock has jumped, so the next tick publishes the cards of
    /// the rooms again.
    cards_are_stale: bool,
    /// Sockets whose queue is full; the next tick treats them as lost.
    lost: Vec<ConnectionId>,
    /// Reused for every packet, to save the allocation.
    deliveries: Vec<Delivery>,
    /// The newest packets of each voice, for the copies in later packets. Only voices that were forwarded have an entry.
    recent: HashMap<ConnectionId, RecentPackets>,
}

impl Engine {
    /// `began` is the current time, on the monotonic clock and on the wall clock. The engine counts refusals in `counts`.
    pub fn new(
        offers: OfferWorkers,
        caps: VoiceCaps,
        outputs: Outputs,
        began: (Instant, WallClock),
        counts: Arc<VoiceCounts>,
        probes: ProbeResponder,
    ) -> Self {
        Self {
            started: began.0,
            advanced_ms: 0,
            offers,
            registry: RoomRegistry::new(caps, began.1),
            address_cap: AddressCapLog::default(),
            counts,
            peers: Peers::default(),
            demux: Demux::default(),
            handshakes: Handshakes::default(),
            probes,
            egress: Egress::default(),
            tell: HashMap::new(),
            fact_watches: HashMap::new(),
            outputs,
            cards_are_stale: false,
            lost: vec![],
            deliveries: vec![],
            recent: HashMap::new(),
        }
    }

    /// The time at which the engine has something to do next; `None` if nothing is planned. `tick` is the time of the
    /// next [`Engine::tick`]; it is ignored if there are no rooms.
    pub fn next_wake(&self, tick: Instant) -> Option<Instant> {
        let tick = self.registry.needs_ticks().then_some(tick);
        self.peers.next_wake().into_iter().chain(tick).min()
    }

    /// Notes what the wall clock shows now, in unix seconds. Call this before each pass, because that clock can jump.
    pub fn read_wall_clock(&mut self, unix_s: i64, now: Instant) {
        self.cards_are_stale |= self.registry.set_wall_clock(WallClock::new(unix_s, self.ms(now)));
    }

    /// Handles a datagram that arrived from `source` at our address `destination`. A DTLS datagram is only queued here;
    /// [`Engine::continue_handshakes`] handles it. Returns whether a peer has accepted the datagram; false for DTLS.
    pub fn receive(
        &mut self,
        ends @ (source, _, way): (SocketAddr, SocketAddr, Way),
        datagram: &[u8],
        now: Instant,
    ) -> bool {
        let Some(connection) = self.demux.find((source, way), datagram) else {
            self.answer_probe(ends, datagram, now);
            return false;
        };
        if is_dtls(datagram) {
            self.handshakes.push(ends, datagram);
            return false;
        }
        self.hand_over(connection, ends, datagram, now)
    }

    /// Answers `snug doctor`, which asks whether datagrams reach the UDP port.
    fn answer_probe(&mut self, (source, own, way): (SocketAddr, SocketAddr, Way), datagram: &[u8], now: Instant) {
        let now_ms = self.ms(now);
        if way == Way::Udp
            && let Some(contents) = self.probes.answer(datagram, now_ms)
        {
            self.egress.push(Datagram {
                from: own,
                to: source,
                way,
                contents,
            });
        }
    }

    /// Whether a peer that has not ended uses this address.
    pub fn is_in_use(&self, source: (SocketAddr, Way)) -> bool {
        self.demux.is_proven(source)
    }

    /// Handles queued DTLS datagrams, at least one, and stops at the time `until`. True if some are left.
    pub fn continue_handshakes(&mut self, until: Instant) -> bool {
        while let Some(part) = self.handshakes.pop() {
            // The peer may have ended since the datagram arrived.
            if let Some(connection) = self.demux.find((part.ends.0, part.ends.2), &part.contents) {
                self.hand_over(connection, part.ends, &part.contents, Instant::now());
            }
            if Instant::now() >= until {
                return !self.handshakes.is_empty();
            }
        }
        false
    }

    /// Gives a datagram to a peer; false if it does not belong to that peer.
    fn hand_over(
        &mut self,
        to: ConnectionId,
        ends: (SocketAddr, SocketAddr, Way),
        datagram: &[u8],
        now: Instant,
    ) -> bool {
        let mut events = vec![];
        let egress = &mut self.egress;
        let taken = self
            .peers
            .with(to, |peer| peer.receive(ends, datagram, now, egress, &mut events));
        let is_its_own = taken == Ok(true);
        if is_its_own && is_binding_request(datagram) && !self.demux.prove(to, (ends.0, ends.2)) {
            events.push(PeerEvent::Over);
        }
        self.handle_peer_events(to, taken.err(), events, now);
        is_its_own
    }

    /// Wakes the peers that are due by `now`, at least one, and stops at the time `until`. The next pass wakes the
    /// others.
    pub fn wake_peers(&mut self, now: Instant, until: Instant) {
        while let Some(connection) = self.peers.next_due(now) {
            self.wake(connection, now);
            if Instant::now() >= until {
                return;
            }
        }
    }

    fn wake(&mut self, connection: ConnectionId, now: Instant) {
        let mut events = vec![];
        let egress = &mut self.egress;
        let woken = self.peers.with(connection, |peer| peer.wake(now, egress, &mut events));
        self.handle_peer_events(connection, woken.err(), events, now);
    }

    fn handle_peer_events(
        &mut self,
        connection: ConnectionId,
        absent: Option<Absent>,
        events: Vec<PeerEvent>,
        now: Instant,
    ) {
        for one in events {
            match one {
                PeerEvent::Sound(sound, payload) => self.pass(connection, &sound, &payload, now),
                PeerEvent::Over => self.unplug(connection, now),
            }
        }
        if absent == Some(Absent::Panicked) {
            tracing::error!(
                connection = connection.0,
                "a voice connection panicked and was closed; the others go on"
            );
            self.unplug(connection, now);
        }
    }

    fn unplug(&mut self, connection: ConnectionId, now: Instant) {
        self.forget_peer(connection);
        self.apply(Command::Unplug { connection }, now);
    }

    fn forget_peer(&mut self, connection: ConnectionId) {
        self.peers.remove(connection);
        self.demux.forget(connection);
        self.recent.remove(&connection);
    }

    fn apply(&mut self, command: Command, now: Instant) {
        let effects = self.registry.apply(command, self.ms(now));
        self.execute(effects);
    }

    pub fn tick(&mut self, now: Instant) {
        for connection in std::mem::take(&mut self.lost) {
            self.apply(Command::Lose { connection }, now);
        }
        let effects = self.registry.tick(self.ms(now));
        self.execute(effects);
        self.tell_facts(now);
        if std::mem::take(&mut self.cards_are_stale) {
            self.publish_cards();
        }
    }

    fn ms(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.started).as_millis() as u64 + self.advanced_ms
    }

    fn execute(&mut self, effects: Vec<Effect>) {
        // Publish the list first: a page that is told of a change may read the list at once.
        if effects.iter().any(|effect| matches!(effect, Effect::RoomsChanged)) {
            self.publish_cards();
        }
        for effect in effects {
            match effect {
                Effect::Tell { to, signal } => self.say(&to, &signal),
                Effect::Forget { connection } => {
                    self.tell.remove(&connection);
                    self.fact_watches.remove(&connection);
                    self.forget_peer(connection);
                }
                Effect::Move { from, to } => {
                    if let Some(before) = self.tell.remove(&from) {
                        before.end_as_moved();
                    }
                    self.fact_watches.remove(&from);
                    self.peers.move_connection(from, to);
                    self.demux.move_connection(from, to);
                    if let Some(recent) = self.recent.remove(&from) {
                        self.recent.insert(to, recent);
                    }
                }
                Effect::RoomsChanged => (),
                Effect::VoicesChanged => self.cards_are_stale = true,
                Effect::Persist { room, what } => self.outputs.unsaved.add(room, what),
                Effect::RightsChanged { user } => {
                    // An error means that no socket is open, so there is nobody to tell.
                    let _ = self.outputs.rights.send(user);
                }
                // The registry has carried this out already.
                Effect::PutOut { .. } => (),
            }
        }
    }

    fn publish_cards(&mut self) {
        self.outputs.cards.send_replace(self.registry.cards().into());
    }

    /// Sends a signal to some sockets. The JSON is made only once. A socket whose queue is full counts as lost, because its
    /// page has stopped reading.
    fn say(&mut self, to: &[ConnectionId], signal: &ServerSignal) {
        if to.is_empty() {
            return;
        }
        let text = Bytes::from(serde_json::to_vec(signal).unwrap_or_default());
        for connection in to {
            if self
                .tell
                .get(connection)
                .is_some_and(|tell| tell.send(text.clone()).is_err())
            {
                self.tell.remove(connection);
                self.lost.push(*connection);
            }
        }
    }
}
