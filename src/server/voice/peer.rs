//! A peer: one WebRTC connection. The only file that holds an `Rtc`, and it drains it after every change.

use super::{
    command::{Delivery, SoundPacket},
    egress::{Datagram, Egress},
    sdp,
    speaking::is_voiced,
};
use crate::model::signal::SLOTS;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig, RtcError,
    change::SdpOffer,
    config::{CryptoProvider, DtlsCert},
    crypto::dtls::DtlsVersion,
    format::Codec,
    media::{Direction, Mid, Pt},
    net::{Protocol, Receive},
    rtp::{ExtensionValues, RtpPacket, RtpWrite},
};

/// Every 5 s, or sooner, a browser asks whether we still listen (RFC 7675 section 5.1). Being ICE-lite we ask nothing
/// ourselves: who has not been heard of for two such times, and has not arrived in as many, is gone.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// The longest payload that is passed on (RFC 7587 section 4.2 lets Opus have up to 1,275 bytes).
const PAYLOAD_MAX_BYTES: usize = 1_275;
/// A browser's offer is about 5 kB.
const OFFER_MAX_BYTES: usize = 16 * 1024;

/// What all peers of a Snug share.
pub struct Setup {
    crypto: Arc<CryptoProvider>,
    certificate: DtlsCert,
    /// Where browsers reach us: the first of a family is the one to choose where there is doubt.
    pub addresses: Vec<SocketAddr>,
}

impl Setup {
    /// Makes the DTLS certificate that all peers show.
    ///
    /// # Errors
    /// Where the cryptography library makes none.
    pub fn new(addresses: Vec<SocketAddr>) -> Result<Self, NoCertificate> {
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        let certificate = crypto.dtls_provider.generate_certificate().ok_or(NoCertificate)?;
        Ok(Self {
            crypto,
            certificate,
            addresses,
        })
    }
}

/// No DTLS certificate could be made.
#[derive(Debug, thiserror::Error)]
#[error("no DTLS certificate could be made")]
pub struct NoCertificate;

/// The offer is none that we can answer.
#[derive(Debug)]
pub struct BadOffer;

/// What a peer reports.
#[derive(Debug)]
pub enum PeerEvent {
    /// A packet of sound came in.
    Sound(SoundPacket, Arc<[u8]>),
    /// The connection is over.
    Over,
}

/// One WebRTC connection. Whatever changes it puts datagrams into the egress and gives its news back.
pub struct Peer {
    rtc: Rtc,
    slots: Vec<Mid>,
    opus: Pt,
    /// When [`Peer::wake`] is due.
    pub wake_at: Instant,
    /// It is over unless something comes before this.
    gone_at: Instant,
    over: bool,
}

impl Peer {
    /// Answers an offer; the answer is its SDP.
    ///
    /// # Errors
    /// `BadOffer`.
    pub fn answer(sdp: &str, setup: &Setup, now: Instant) -> Result<(Self, String), BadOffer> {
        if sdp.len() > OFFER_MAX_BYTES || !sdp::is_one_microphone_and_slots(sdp) {
            return Err(BadOffer);
        }
        let offer = SdpOffer::from_sdp_string(sdp).map_err(|_| BadOffer)?;
        let mut rtc = config(setup).build(now);
        for address in &setup.addresses {
            if let Ok(candidate) = Candidate::host(*address, "udp") {
                rtc.add_local_candidate(candidate);
            }
        }
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|_| BadOffer)?;
        let opus = rtc
            .codec_config()
            .find(|params| params.spec().codec == Codec::Opus)
            .map(|params| params.pt());
        let peer = Self {
            rtc,
            slots: vec![],
            opus: opus.ok_or(BadOffer)?,
            wake_at: now,
            gone_at: now + SILENCE_MAX,
            over: false,
        };
        Ok((peer, sdp::with_opus_parameters(&answer.to_sdp_string())))
    }

    /// The name that its STUN requests will have.
    pub fn ufrag(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }

    /// Takes a datagram; false if it is not this peer's: then nothing has changed, and nothing is answered.
    pub fn receive(
        &mut self,
        (source, destination): (SocketAddr, SocketAddr),
        datagram: &[u8],
        now: Instant,
        out: &mut Egress,
        events: &mut Vec<PeerEvent>,
    ) -> bool {
        let Ok(receive) = Receive::new(Protocol::Udp, source, destination, datagram) else {
            return false;
        };
        let input = Input::Receive(now, receive);
        if !self.rtc.accepts(&input) {
            return false;
        }
        self.gone_at = now + SILENCE_MAX;
        let result = self.rtc.handle_input(input);
        self.settle(result, out, events);
        true
    }

    /// Lets time do its work.
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
        (sound, payload): (&SoundPacket, &Arc<[u8]>),
        now: Instant,
        out: &mut Egress,
        events: &mut Vec<PeerEvent>,
    ) {
        if !self.rtc.is_connected() {
            return;
        }
        let Some(mid) = self.slots.get(delivery.slot) else {
            return;
        };
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(*mid, None) {
            let levels = ExtensionValues {
                audio_level: sound.level,
                // The extension holds both or nothing.
                voice_activity: sound.level.map(|_| is_voiced(sound.level)),
                ..Default::default()
            };
            stream.write_rtp(
                RtpWrite::new(self.opus, delivery.seq.into(), delivery.time, now, payload.clone())
                    .marker(delivery.marker)
                    .ext_vals(levels)
                    .csrc(&[delivery.voice]),
            );
        }
        self.wake(now, out, events);
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
                Output::Transmit(transmit) => out.push(Datagram {
                    from: transmit.source,
                    to: transmit.destination,
                    contents: transmit.contents.into(),
                }),
                Output::Event(event) => self.note(event, events),
            }
        }
    }

    fn note(&mut self, event: Event, events: &mut Vec<PeerEvent>) {
        match event {
            // A voice at our bitrate is 80 bytes; what hardly fits into a datagram would not fit into those we send.
            Event::RtpPacket(packet) if packet.payload.len() > PAYLOAD_MAX_BYTES => {}
            Event::RtpPacket(packet) => events.push(sound_event(&packet)),
            Event::MediaAdded(media) if media.direction == Direction::SendOnly && self.slots.len() < SLOTS => {
                self.slots.push(media.mid);
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) | Event::Closed => self.end(events),
            _ => {}
        }
    }

    fn end(&mut self, events: &mut Vec<PeerEvent>) {
        if !std::mem::replace(&mut self.over, true) {
            events.push(PeerEvent::Over);
        }
    }
}

fn config(setup: &Setup) -> RtcConfig {
    Rtc::builder()
        .set_crypto_provider(setup.crypto.clone())
        .set_dtls_cert(setup.certificate.clone())
        .set_dtls_version(DtlsVersion::Dtls12)
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false)
}

fn sound_event(packet: &RtpPacket) -> PeerEvent {
    let sound = SoundPacket {
        ssrc: *packet.header.ssrc,
        seq: *packet.seq_no,
        time: packet.header.timestamp,
        marker: packet.header.marker,
        level: packet.header.ext_vals.audio_level,
        bytes: packet.payload.len(),
    };
    PeerEvent::Sound(sound, packet.payload.clone())
}
