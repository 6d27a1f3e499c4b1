//! The client inside a raw peer: one WebRTC connection on str0m, with its socket and the loop that its thread runs.

use crate::{
    frame_stamp::{number, stamp, stamped},
    ice_link::IceLink,
    packet_loss::{PacketLoss, is_sound},
};
use snug::model::signal::SLOTS;
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender},
    },
    time::{Duration, Instant},
};
use str0m::{
    Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    media::{Direction, MediaKind, Mid, Pt},
    net::Receive,
    rtp::{ExtensionValues, RedDecoder, RedEncoder, RedundantBlock, RtpPacket, RtpWrite},
};

/// The time between two packets of a voice.
pub const FRAME: Duration = Duration::from_millis(20);
/// The same in RTP timestamps (RFC 7587 section 4.1: Opus counts at 48 kHz).
const FRAME_TICKS: u32 = 960;

/// A packet that the peer received.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceivedPacket {
    pub slot: usize,
    pub seq: u64,
    pub time: u32,
    /// The CSRC, which says whose voice it is.
    pub voice: Option<u32>,
    pub level: Option<i8>,
    pub at: Instant,
    /// The time from sending to receiving, if another raw peer sent the packet.
    pub delay: Option<Duration>,
}

/// What a client offers, and what its network is like.
#[derive(Debug, Clone, Copy, Default)]
pub struct PeerOptions {
    /// Whether the client offers redundant sound (RED, RFC 2198), as Chromium does. It then sends each frame twice.
    pub redundancy: bool,
    /// How many of a hundred packets of sound get lost on the way to the server.
    pub lost_outward: u64,
    /// How many of a hundred packets of sound get lost on the way from the server.
    pub lost_inward: u64,
}

/// What a handle tells its client.
pub enum PeerOrder {
    /// Takes the server's SDP answer.
    Accept(String),
    /// Goes over to another address, over UDP, and sends back an offer with new ICE credentials.
    Restart(Sender<String>),
    /// Starts sending these packets; `None` stops.
    Speak(Option<ToneSource>),
    /// Uses a new SSRC for each of this many packets of the voice.
    ShowStreams(u32),
    /// From now on, loses this many of a hundred packets of sound on the way to the server.
    LoseOutward(u64),
    /// Sends this many packets that have only padding, before the next frame.
    Pad(u32),
}

/// The packets of a voice: their level, their size and the time between two of them.
#[derive(Debug, Clone, Copy)]
pub struct ToneSource {
    pub level: Option<i8>,
    pub payload_bytes: usize,
    pub every: Duration,
}

impl ToneSource {
    pub fn at(level: Option<i8>) -> Self {
        Self {
            level,
            payload_bytes: 60,
            every: FRAME,
        }
    }
}

/// What a client has done and received so far.
#[derive(Default)]
pub struct Observed {
    pub connected: bool,
    /// Whether the server has closed the TCP connection of this client.
    pub closed: bool,
    pub heard: Vec<ReceivedPacket>,
    /// The numbers of the frames that were received, in packets of their own or as copies in other packets.
    pub frames: BTreeSet<u32>,
    /// The bytes of all packets of sound that were received: UDP payload, so without the headers of IP and UDP.
    pub bytes: u64,
    /// How many frames were sent. This is also the number of the newest one.
    pub sent: u64,
}

/// A WebRTC connection with its socket.
pub struct IceClient {
    rtc: Rtc,
    link: IceLink,
    microphone: Mid,
    slots: Vec<Mid>,
    seen: Arc<Mutex<Observed>>,
    pending: Option<SdpPendingOffer>,
    outward: PacketLoss,
    inward: PacketLoss,
    /// Whether the client has gone over to another address. str0m forgets the old one when it takes the answer.
    has_moved: bool,
    voice: Option<ToneSource>,
    seq: u64,
    /// The frame that was sent last, for the copy in the next packet.
    previous: Option<Vec<u8>>,
    /// How many packets with only padding are to be sent, and how many were sent so far. They have numbers of the voice's stream.
    to_pad: u32,
    padded: u64,
    /// How many packets of the voice still get a new SSRC.
    to_show: u32,
    /// How many new SSRCs the voice has had.
    shown: u32,
    due: Instant,
}

impl IceClient {
    /// A client over `link`, and its SDP offer.
    pub fn offer(link: IceLink, options: PeerOptions) -> (Self, String) {
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, options.redundancy)
            .build(Instant::now());
        rtc.add_local_candidate(link.candidate());
        let mut change = rtc.sdp_api();
        let microphone = change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let slots: Vec<Mid> = (0..SLOTS)
            .map(|_| change.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None))
            .collect();
        let (offer, pending) = change.apply().expect("something to offer");
        let client = Self {
            rtc,
            link,
            microphone,
            slots,
            seen: Arc::default(),
            pending: Some(pending),
            outward: PacketLoss::new(options.lost_outward),
            inward: PacketLoss::new(options.lost_inward),
            has_moved: false,
            voice: None,
            seq: 0,
            previous: None,
            to_pad: 0,
            padded: 0,
            to_show: 0,
            shown: 0,
            due: Instant::now(),
        };
        (client, offer.to_sdp_string())
    }

    /// What this client has done and received so far.
    pub fn observed(&self) -> Arc<Mutex<Observed>> {
        self.seen.clone()
    }

    /// Runs until the sender of the orders is dropped, or the connection is over.
    pub fn run(mut self, inbox: &Receiver<PeerOrder>) {
        loop {
            loop {
                match inbox.try_recv() {
                    Ok(PeerOrder::Accept(answer)) => self.accept(&answer),
                    Ok(PeerOrder::Restart(reply)) => reply.send(self.restart()).expect("the test waits"),
                    Ok(PeerOrder::Speak(voice)) => (self.voice, self.due) = (voice, Instant::now()),
                    Ok(PeerOrder::ShowStreams(count)) => self.to_show = count,
                    Ok(PeerOrder::LoseOutward(percent)) => self.outward.percent = percent,
                    Ok(PeerOrder::Pad(count)) => self.to_pad += count,
                    Err(std::sync::mpsc::TryRecvError::Empty) => break,
                    Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
                }
            }
            self.speak_if_due();
            let Some(wake) = self.drain() else { return };
            let wait = wake
                .min(self.due.max(Instant::now()))
                .saturating_duration_since(Instant::now());
            let wait = wait.clamp(Duration::from_millis(1), Duration::from_millis(5));
            if let Some((source, datagram)) = self.link.receive(wait)
                && !self.inward.loses(&datagram)
                && let Ok(receive) = Receive::new(self.link.protocol(), source, self.link.address, &datagram)
            {
                if is_sound(&datagram) {
                    self.seen.lock().expect("not poisoned").bytes += datagram.len() as u64;
                }
                let _ = self.rtc.handle_input(Input::Receive(Instant::now(), receive));
            }
            if self.link.is_closed() {
                self.seen.lock().expect("not poisoned").closed = true;
            }
            let _ = self.rtc.handle_input(Input::Timeout(Instant::now()));
        }
    }

    fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).expect("an answer");
        let pending = self.pending.take().expect("one answer");
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("an answer to the offer");
        if self.has_moved {
            self.rtc.add_local_candidate(self.link.candidate());
        }
    }

    /// Goes over to another address, over UDP. Nothing can arrive at the old one any more. Returns an offer with new ICE credentials.
    fn restart(&mut self) -> String {
        self.link = IceLink::udp();
        self.has_moved = true;
        let mut change = self.rtc.sdp_api();
        change.ice_restart(false);
        let (offer, pending) = change.apply().expect("something to offer");
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    fn speak_if_due(&mut self) {
        let Some(voice) = self.voice else { return };
        let now = Instant::now();
        while self.due <= now && self.seen.lock().expect("not poisoned").connected {
            self.due += voice.every;
            if self.to_show > 0 {
                self.begin_stream(voice.every);
            }
            self.send_padding(now);
            self.seq += 1;
            let levels = ExtensionValues {
                audio_level: voice.level,
                voice_activity: voice.level.map(|_| true),
                ..Default::default()
            };
            let mut payload = vec![0x78; voice.payload_bytes];
            stamp(&mut payload, self.seq as u32);
            let (pt, payload) = self.pack(payload);
            let (seq, time) = (self.seq + self.padded, self.seq as u32 * FRAME_TICKS);
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(self.microphone, None) {
                stream.write_rtp(RtpWrite::new(pt, seq.into(), time, now, payload).ext_vals(levels));
                self.seen.lock().expect("not poisoned").sent += 1;
            }
            let _ = self.rtc.handle_input(Input::Timeout(now));
            if self.drain().is_none() {
                return;
            }
        }
    }

    /// Sends the packets that have only padding, as libwebrtc does to measure the network: with the time and the payload type of the frame
    /// before. What remains of such a packet without its padding is an empty payload.
    fn send_padding(&mut self, now: Instant) {
        let opus = self.rtc.codec_config().params()[0];
        let pt = opus.red().unwrap_or(opus.pt());
        for _ in 0..std::mem::take(&mut self.to_pad) {
            self.padded += 1;
            let (seq, time) = (self.seq + self.padded, self.seq as u32 * FRAME_TICKS);
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(self.microphone, None) {
                stream.write_rtp(RtpWrite::new(pt, seq.into(), time, now, Vec::<u8>::new()));
            }
        }
    }

    /// The payload type and the payload of a packet with this frame: Opus, or RED with a copy of the frame before it.
    fn pack(&mut self, frame: Vec<u8>) -> (Pt, Vec<u8>) {
        let opus = self.rtc.codec_config().params()[0];
        let Some(red) = opus.red() else {
            return (opus.pt(), frame);
        };
        let copy = |payload| RedundantBlock {
            pt: *opus.pt(),
            timestamp_offset: FRAME_TICKS,
            payload,
        };
        let copies: Vec<RedundantBlock> = self.previous.replace(frame.clone()).into_iter().map(copy).collect();
        (red, RedEncoder::encode(*opus.pt(), &frame, &copies))
    }

    /// Gives the microphone's stream a new SSRC, from the packet that is due now. A second stream for the same media line would send
    /// nothing, because str0m polls only one stream for each media line.
    ///
    /// The streams come one by one, as fast as the packets of the voice. str0m sends a sender report before the first packet of each
    /// SSRC, so a burst of 63 streams would be 126 datagrams. The server reads at most 100 of them in a burst, and drops the others.
    fn begin_stream(&mut self, every: Duration) {
        self.to_show -= 1;
        self.shown += 1;
        // After a pause of this thread, do not catch up: that would be a burst.
        self.due = Instant::now() + every;
        let ssrc = (1_000_000 + self.shown).into();
        self.rtc
            .direct_api()
            .reset_stream_tx(self.microphone, None, ssrc, None)
            .expect("a new SSRC");
    }

    /// Sends what str0m wants to send. Returns the time at which to call this again, or `None` if the connection is over.
    fn drain(&mut self) -> Option<Instant> {
        loop {
            match self.rtc.poll_output().ok()? {
                Output::Timeout(at) => return Some(at),
                Output::Transmit(transmit) => {
                    if !self.outward.loses(&transmit.contents) {
                        self.link.send(&transmit);
                    }
                }
                Output::Event(Event::Connected) => self.seen.lock().expect("not poisoned").connected = true,
                Output::Event(Event::RtpPacket(packet)) => self.hear(&packet),
                Output::Event(_) => {}
            }
        }
    }

    fn hear(&mut self, packet: &RtpPacket) {
        let mid = self
            .rtc
            .direct_api()
            .stream_rx(&packet.header.ssrc)
            .map(|stream| stream.mid());
        let slot = mid
            .and_then(|mid| self.slots.iter().position(|slot| *slot == mid))
            .expect("one of our slots");
        let voice = (packet.header.csrc_count > 0).then_some(packet.header.csrc[0]);
        let red = self.rtc.codec_config().params()[0].red();
        let frames: Vec<&[u8]> = match red == Some(packet.header.payload_type) {
            true => {
                let blocks = RedDecoder::decode(&packet.payload).expect("a RED payload");
                blocks.into_iter().map(|block| block.payload).collect()
            }
            false => vec![&packet.payload[..]],
        };
        let mut seen = self.seen.lock().expect("not poisoned");
        seen.frames.extend(frames.iter().copied().filter_map(number));
        seen.heard.push(ReceivedPacket {
            slot,
            seq: *packet.seq_no,
            time: packet.header.timestamp,
            voice,
            level: packet.header.ext_vals.audio_level,
            at: Instant::now(),
            // The packet's own frame is the last one.
            delay: frames.last().copied().and_then(stamped),
        });
    }
}
