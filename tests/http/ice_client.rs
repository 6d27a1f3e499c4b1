//! The client inside a raw peer: one WebRTC connection on str0m, with its socket and the loop that its thread runs.

use snug::model::signal::SLOTS;
use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender},
    },
    time::{Duration, Instant, SystemTime},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    media::{Direction, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::{ExtensionValues, RtpPacket, RtpWrite},
};

/// The time between two packets of a voice.
pub const FRAME: Duration = Duration::from_millis(20);

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

/// What a handle tells its client.
pub enum PeerOrder {
    /// Takes the server's SDP answer.
    Accept(String),
    /// Goes over to another address, and sends back an offer with new ICE credentials.
    Restart(Sender<String>),
    /// Starts sending these packets; `None` stops.
    Speak(Option<ToneSource>),
    /// Uses a new SSRC for each of this many packets of the voice.
    ShowStreams(u32),
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
    pub heard: Vec<ReceivedPacket>,
    pub sent: u64,
}

/// A WebRTC connection with its socket.
pub struct IceClient {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    microphone: Mid,
    slots: Vec<Mid>,
    seen: Arc<Mutex<Observed>>,
    pending: Option<SdpPendingOffer>,
    /// Whether the client has gone over to another address. str0m forgets the old one when it takes the answer.
    has_moved: bool,
    voice: Option<ToneSource>,
    seq: u64,
    /// How many packets of the voice still get a new SSRC.
    to_show: u32,
    /// How many new SSRCs the voice has had.
    shown: u32,
    due: Instant,
}

impl IceClient {
    /// A client with a socket of its own, and its SDP offer.
    pub fn offer() -> (Self, String) {
        let (socket, address) = bind();
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .build(Instant::now());
        rtc.add_local_candidate(candidate(address));
        let mut change = rtc.sdp_api();
        let microphone = change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let slots: Vec<Mid> = (0..SLOTS)
            .map(|_| change.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None))
            .collect();
        let (offer, pending) = change.apply().expect("something to offer");
        let client = Self {
            rtc,
            socket,
            address,
            microphone,
            slots,
            seen: Arc::default(),
            pending: Some(pending),
            has_moved: false,
            voice: None,
            seq: 0,
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
        let mut buffer = [0; 2_048];
        loop {
            loop {
                match inbox.try_recv() {
                    Ok(PeerOrder::Accept(answer)) => self.accept(&answer),
                    Ok(PeerOrder::Restart(reply)) => reply.send(self.restart()).expect("the test waits"),
                    Ok(PeerOrder::Speak(voice)) => (self.voice, self.due) = (voice, Instant::now()),
                    Ok(PeerOrder::ShowStreams(count)) => self.to_show = count,
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
            self.socket.set_read_timeout(Some(wait)).expect("a timeout");
            if let Ok((length, source)) = self.socket.recv_from(&mut buffer)
                && let Ok(receive) = Receive::new(Protocol::Udp, source, self.address, &buffer[..length])
            {
                let _ = self.rtc.handle_input(Input::Receive(Instant::now(), receive));
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
            self.rtc.add_local_candidate(candidate(self.address));
        }
    }

    /// Goes over to another address. Nothing can arrive at the old one any more. Returns an offer with new ICE credentials.
    fn restart(&mut self) -> String {
        (self.socket, self.address) = bind();
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
            self.seq += 1;
            let pt = self.rtc.codec_config().params()[0].pt();
            let levels = ExtensionValues {
                audio_level: voice.level,
                voice_activity: voice.level.map(|_| true),
                ..Default::default()
            };
            let mut payload = vec![0x78; voice.payload_bytes];
            stamp(&mut payload);
            let (seq, time) = (self.seq, (self.seq * 960) as u32);
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
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
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
        self.seen.lock().expect("not poisoned").heard.push(ReceivedPacket {
            slot,
            seq: *packet.seq_no,
            time: packet.header.timestamp,
            voice,
            level: packet.header.ext_vals.audio_level,
            at: Instant::now(),
            delay: stamped(&packet.payload),
        });
    }
}

fn bind() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("the port");
    (socket, address)
}

fn candidate(address: SocketAddr) -> Candidate {
    Candidate::host(address, "udp").expect("a candidate")
}

/// Writes the current time into a payload, after the TOC byte (RFC 6716, section 3.1).
fn stamp(payload: &mut [u8]) {
    if let Some(place) = payload.get_mut(1..9) {
        place.copy_from_slice(&now_us().to_be_bytes());
    }
}

/// The time since [`stamp`] wrote into the payload. `None` if the payload has no stamp, or an implausible one.
fn stamped(payload: &[u8]) -> Option<Duration> {
    let sent = u64::from_be_bytes(payload.get(1..9)?.try_into().ok()?);
    let passed = now_us().checked_sub(sent)?;
    (passed < 10_000_000).then(|| Duration::from_micros(passed))
}

fn now_us() -> u64 {
    SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |time| time.as_micros() as u64)
}
