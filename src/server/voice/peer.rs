//! A peer: one WebRTC connection. Only this file and its parts use str0m's `Rtc`. After every change it collects everything
//! that str0m wants to send or report, as str0m requires.

mod candidates;
mod offer;
mod rtc_config;
mod stun_request;

pub use offer::{BadOffer, OFFER_MAX_BYTES, parse_restart};

use super::{
    candidate_addresses::CandidateAddresses,
    command::{Delivery, SoundPacket},
    demux::is_binding_request,
    egress::{Datagram, Egress},
    egress_loss::{EgressLoss, SlotReport},
    figures::VoiceCounts,
    incoming_sound::IncomingSound,
    outgoing_packet::OutgoingPacket,
    peer_facts::PeerFacts,
    peer_setup::Setup,
    red::PayloadTypes,
    redundancy::Redundancy,
    rtp_intake::{IntakeVerdict, RtpIntake},
    sdp,
    speaking::is_voiced,
    way::Way,
};
use crate::model::{signal::SLOTS, voice_facts::VoiceFacts};
use candidates::{add_candidates, protocol_of, way_of};
use offer::parse_offer;
use rtc_config::config;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};
use str0m::{
    Event, IceConnectionState, Input, Output, Rtc, RtcError,
    change::SdpOffer,
    config::CryptoProvider,
    format::Codec,
    media::{Direction, Mid},
    net::Receive,
    rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc},
    stats::MediaEgressStats,
};
use stun_request::is_from_browser;

/// A peer that sends no datagram for this long is closed. The server is ICE-lite and sends no checks of its own, but a
/// browser asks about every 5 s whether we still consent to receive (RFC 7675 section 5.1). So two of these requests
/// can get lost in a row, as on a phone with a bad network.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// The first datagram may take longer. If only a relay gets through, the browser must find it first: names are resolved, and a proxy or a
/// slow network can be in between. The page gives up after about 30 s, and should not have to begin again before that.
const FIRST_DATAGRAM_WITHIN: Duration = Duration::from_secs(40);

/// What a peer reports.
#[derive(Debug)]
pub enum PeerEvent {
    /// A packet of sound arrived.
    Sound(SoundPacket, Arc<[u8]>),
    /// The connection is over.
    Over,
}

/// One WebRTC connection. Methods that change a peer add its outgoing datagrams to `out`, and its reports to `events`.
pub struct Peer {
    rtc: Rtc,
    crypto: Arc<CryptoProvider>,
    /// What this peer has last offered to its browser.
    candidates: Arc<CandidateAddresses>,
    intake: RtpIntake,
    incoming: IncomingSound,
    redundancy: Redundancy,
    egress_loss: EgressLoss,
    facts: PeerFacts,
    /// What all peers together have received and sent.
    counts: Arc<VoiceCounts>,
    /// The time at which the clock of `intake`, `redundancy` and `facts` reads 0.
    born_at: Instant,
    slots: Vec<Mid>,
    payload_types: PayloadTypes,
    /// When [`Peer::wake`] is due.
    pub wake_at: Instant,
    /// If no datagram arrives before this, the connection is over.
    gone_at: Instant,
    /// Whether ICE and DTLS were ever done. During an ICE restart, str0m counts as not connected, but sound goes on over the old path
    /// (RFC 8445 section 9).
    was_connected: bool,
    over: bool,
}

impl Peer {
    /// Makes a peer from a browser's offer. The second value is the answer, as SDP. Only [`Peer::restart`] exchanges SDP again:
    /// when a person unmutes, the browser puts a track into the microphone that was offered here.
    ///
    /// # Errors
    /// `BadOffer`.
    pub fn answer(sdp: &str, setup: &Setup, now: Instant) -> Result<(Self, String), BadOffer> {
        let offer = parse_offer(sdp)?;
        let mut rtc = config(setup).build(now);
        let candidates = setup.candidates();
        add_candidates(&mut rtc, &candidates);
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|_| BadOffer)?;
        let codecs = rtc.codec_config();
        let opus = codecs
            .find(|params| params.spec().codec == Codec::Opus)
            .ok_or(BadOffer)?;
        let payload_types = PayloadTypes {
            opus: *opus.pt(),
            red: opus.red().map(|red| *red),
        };
        let peer = Self {
            rtc,
            crypto: setup.crypto.clone(),
            candidates,
            intake: RtpIntake::new(0),
            incoming: IncomingSound::new(payload_types),
            redundancy: Redundancy::new(0),
            egress_loss: EgressLoss::default(),
            facts: PeerFacts::default(),
            counts: setup.counts.clone(),
            born_at: now,
            slots: vec![],
            payload_types,
            wake_at: now,
            gone_at: now + FIRST_DATAGRAM_WITHIN,
            was_connected: false,
            over: false,
        };
        Ok((peer, sdp::with_opus_parameters(&answer.to_sdp_string())))
    }

    /// Restarts ICE with the new credentials of an offer for this connection (RFC 8445 section 2.4), and returns the answer, as SDP. The
    /// keys of DTLS and all streams stay. An offer with the credentials that are in use restarts nothing. If the offer does not belong to
    /// this connection, the connection ends and `None` is returned: str0m has then taken only a part of it. `offer` comes from
    /// [`parse_restart`], because str0m adds the SSRCs and the addresses in an offer to those that it has.
    ///
    /// The answer has our present addresses, `candidates`, and also those that were offered before.
    pub fn restart(
        &mut self,
        offer: SdpOffer,
        candidates: Arc<CandidateAddresses>,
        now: Instant,
        out: &mut Egress,
        events: &mut Vec<PeerEvent>,
    ) -> Option<String> {
        // str0m keeps the addresses that it has.
        if self.candidates != candidates {
            add_candidates(&mut self.rtc, &candidates);
            self.candidates = candidates;
        }
        let answer = self.rtc.sdp_api().accept_offer(offer);
        let answer = answer.map(|answer| sdp::with_opus_parameters(&answer.to_sdp_string()));
        if answer.is_err() {
            self.end(events);
        }
        self.wake(now, out, events);
        answer.ok()
    }

    /// The ICE user name (`ufrag`) that the browser's STUN requests to this peer will carry.
    pub fn ufrag(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }

    /// When this connection was made. No other connection of the same person was made at this time.
    pub fn born_at(&self) -> Instant {
        self.born_at
    }

    /// What has gone through this connection so far. The level of the voice is from the last `level_for_ms` milliseconds.
    pub fn facts(&self, now: Instant, level_for_ms: u64) -> VoiceFacts {
        self.facts.read(self.ms(now), level_for_ms)
    }

    /// The way of the sound to the browser, and the address to which it goes; `None` if nothing was sent yet.
    pub fn way(&self) -> Option<(Way, IpAddr)> {
        self.facts.way()
    }

    /// Takes a datagram. If it does not belong to this peer, returns false, changes nothing and sends no answer. If the result is true,
    /// either `datagram` is a STUN request that this peer has verified, or the peer has verified an earlier request from `source`.
    pub fn receive(
        &mut self,
        (source, destination, way): (SocketAddr, SocketAddr, Way),
        datagram: &[u8],
        now: Instant,
        out: &mut Egress,
        events: &mut Vec<PeerEvent>,
    ) -> bool {
        // str0m accepts everything from the address in use, even a request that somebody else has sent in its name.
        if is_binding_request(datagram) && !is_from_browser(&mut self.rtc, &self.crypto, datagram) {
            return false;
        }
        let Some(destination) = self.candidates.nearest(destination, way) else {
            return false;
        };
        let Ok(receive) = Receive::new(protocol_of(way), source, destination, datagram) else {
            return false;
        };
        let input = Input::Receive(now, receive);
        if !self.rtc.accepts(&input) {
            return false;
        }
        self.gone_at = now + SILENCE_MAX;
        // Check the budget before `handle_input`, because str0m decrypts and remembers what it gets.
        let is_connected = self.is_connected();
        let verdict = self.intake.check(datagram, is_connected, self.ms(now));
        if verdict != IntakeVerdict::Drop {
            let result = self.rtc.handle_input(input);
            if let IntakeVerdict::Try { ssrc } = verdict
                && self.rtc.direct_api().stream_rx(&Ssrc::from(ssrc)).is_some()
            {
                self.intake.remember(ssrc);
            }
            self.settle(result, out, events);
        }
        true
    }

    /// Runs the timers that are due by `now`.
    pub fn wake(&mut self, now: Instant, out: &mut Egress, events: &mut Vec<PeerEvent>) {
        if now >= self.gone_at {
            self.end(events);
        }
        let result = self.rtc.handle_input(Input::Timeout(now));
        self.settle(result, out, events);
    }

    /// Sends a packet of somebody's sound on a slot.
    pub fn send(
        &mut self,
        delivery: &Delivery,
        packet: &mut OutgoingPacket<'_>,
        now: Instant,
        out: &mut Egress,
        events: &mut Vec<PeerEvent>,
    ) {
        if !self.is_connected() {
            return;
        }
        let Some(mid) = self.slots.get(delivery.slot) else {
            return;
        };
        let copies = self.redundancy.copies(delivery.people, self.ms(now));
        let (payload_type, payload) = packet.payload_for(self.payload_types, copies, delivery.copies_from);
        let sound = packet.sound;
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(*mid, None) {
            let levels = ExtensionValues {
                audio_level: sound.level,
                // str0m writes the extension only if both values are given.
                voice_activity: sound.level.map(|_| is_voiced(sound.level)),
                ..Default::default()
            };
            stream.write_rtp(
                RtpWrite::new(payload_type.into(), delivery.seq.into(), delivery.time, now, payload)
                    .marker(delivery.marker)
                    .ext_vals(levels)
                    .csrc(&[delivery.voice]),
            );
            self.facts.note_out();
            self.egress_loss.note_sent(delivery.slot, delivery.seq);
            self.counts.packets_sent.add(1);
        }
        self.wake(now, out, events);
    }

    /// Whether sound can go through, now or over the path before an ICE restart.
    fn is_connected(&mut self) -> bool {
        self.was_connected |= self.rtc.is_connected();
        self.was_connected
    }

    fn ms(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.born_at).as_millis() as u64
    }

    fn settle(&mut self, result: Result<(), RtcError>, out: &mut Egress, events: &mut Vec<PeerEvent>) {
        if result.and_then(|()| self.drain(out, events)).is_err() {
            self.end(events);
        }
    }

    fn drain(&mut self, out: &mut Egress, events: &mut Vec<PeerEvent>) -> Result<(), RtcError> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.wake_at = if self.over { at } else { at.min(self.gone_at) };
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    let way = way_of(transmit.proto);
                    self.facts.note_way(&transmit.contents, way, transmit.destination.ip());
                    out.push(Datagram {
                        from: transmit.source,
                        to: transmit.destination,
                        way,
                        contents: transmit.contents.into(),
                    });
                }
                Output::Event(event) => self.note(event, events),
            }
        }
    }

    fn note(&mut self, event: Event, events: &mut Vec<PeerEvent>) {
        match event {
            // str0m reports only packets that it has authenticated.
            Event::RtpPacket(packet) if !self.intake.prove(*packet.header.ssrc) => self.end(events),
            Event::RtpPacket(packet) => {
                let (sound, payload_type) = (describe(&packet), *packet.header.payload_type);
                let arrived_ms = self.ms(packet.timestamp);
                let order = self.facts.note_in(&sound, arrived_ms);
                self.counts.note_in(order);
                self.incoming
                    .receive(sound, payload_type, &packet.payload, |sound, payload| {
                        self.counts.packets_recovered.add(u64::from(sound.is_recovered));
                        events.push(PeerEvent::Sound(sound, payload));
                    });
            }
            // What the browser has lost, of all slots together (transport-wide feedback) or of each slot (RTCP receiver reports).
            Event::PeerStats(stats) => {
                if let Some(lost) = stats.egress_loss_fraction {
                    self.egress_loss.note_feedback();
                    self.note_loss(lost, stats.timestamp);
                }
            }
            Event::MediaEgressStats(stats) => self.note_report(&stats),
            Event::MediaAdded(media) if media.direction == Direction::SendOnly && self.slots.len() < SLOTS => {
                self.slots.push(media.mid);
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) | Event::Closed => self.end(events),
            _ => {}
        }
    }

    /// Notes what the last receiver report says about one slot.
    fn note_report(&mut self, stats: &MediaEgressStats) {
        let slot = self.slots.iter().position(|mid| *mid == stats.mid);
        let (Some(slot), Some(remote)) = (slot, &stats.remote) else {
            return;
        };
        let report = SlotReport {
            slot,
            highest: *remote.maximum_sequence_number,
            missing: remote.packets_lost,
        };
        let now_ms = self.ms(stats.timestamp);
        if let Some(lost) = self.egress_loss.on_report(report, now_ms) {
            self.note_loss(lost, stats.timestamp);
        }
    }

    fn note_loss(&mut self, lost: f32, now: Instant) {
        let now_ms = self.ms(now);
        self.facts.note_loss_out(lost);
        self.counts.note_loss_out(lost);
        self.redundancy.on_report(lost, now_ms);
    }

    fn end(&mut self, events: &mut Vec<PeerEvent>) {
        if !std::mem::replace(&mut self.over, true) {
            events.push(PeerEvent::Over);
        }
    }
}

fn describe(packet: &RtpPacket) -> SoundPacket {
    SoundPacket {
        ssrc: *packet.header.ssrc,
        seq: *packet.seq_no,
        time: packet.header.timestamp,
        marker: packet.header.marker,
        level: packet.header.ext_vals.audio_level,
        bytes: packet.payload.len(),
        is_recovered: false,
    }
}
