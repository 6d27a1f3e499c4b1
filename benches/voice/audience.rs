//! Simulates many listeners on one thread. Each listener does real ICE and DTLS, but only counts the packets of sound and does not
//! decrypt them.

use mio::{Events, Interest, Poll, Token, net::UdpSocket};
use snug::model::signal::SLOTS;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    config::{CryptoProvider, DtlsCert},
    media::{Direction, MediaKind},
    net::{Protocol, Receive},
};

pub struct Audience {
    newcomers: Sender<AudienceMember>,
    counts: Arc<Counts>,
    crypto: Arc<CryptoProvider>,
    certificate: DtlsCert,
}

#[derive(Default)]
struct Counts {
    size: AtomicUsize,
    connected: AtomicUsize,
    received: AtomicU64,
}

struct AudienceMember {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    wake: Instant,
}

/// A listener that waits for the server's SDP answer.
pub struct Offer {
    pub sdp: String,
    listener: AudienceMember,
    pending: SdpPendingOffer,
}

impl Audience {
    pub fn start() -> Self {
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        let certificate = crypto.dtls_provider.generate_certificate().expect("a certificate");
        let (newcomers, inbox) = channel();
        let counts = Arc::<Counts>::default();
        let counted = counts.clone();
        thread::spawn(move || run(&inbox, &counted));
        Self {
            newcomers,
            counts,
            crypto,
            certificate,
        }
    }

    pub fn offer(&self) -> Offer {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
        socket.set_nonblocking(true).expect("a socket");
        let address = socket.local_addr().expect("the port");
        let mut rtc = Rtc::builder()
            .set_crypto_provider(self.crypto.clone())
            .set_dtls_cert(self.certificate.clone())
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("a candidate"));
        let mut change = rtc.sdp_api();
        change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        for _ in 0..SLOTS {
            change.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        }
        let (sdp, pending) = change.apply().expect("something to offer");
        let listener = AudienceMember {
            rtc,
            socket: UdpSocket::from_std(socket),
            address,
            wake: Instant::now(),
        };
        Offer {
            sdp: sdp.to_sdp_string(),
            listener,
            pending,
        }
    }

    pub fn admit(&self, offer: Offer, answer: &str) {
        let Offer {
            mut listener, pending, ..
        } = offer;
        let answer = SdpAnswer::from_sdp_string(answer).expect("an answer");
        listener
            .rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("an answer to the offer");
        self.counts.size.fetch_add(1, Ordering::Relaxed);
        self.newcomers.send(listener).expect("the audience's thread");
    }

    pub fn wait_until_connected(&self, wanted: usize) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.counts.connected.load(Ordering::Relaxed) < wanted {
            assert!(
                Instant::now() < deadline,
                "{} of {wanted} are connected",
                self.counts.connected.load(Ordering::Relaxed)
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn size(&self) -> usize {
        self.counts.size.load(Ordering::Relaxed)
    }

    /// The number of packets of sound that all listeners have received so far.
    pub fn received(&self) -> u64 {
        self.counts.received.load(Ordering::Relaxed)
    }
}

fn run(inbox: &Receiver<AudienceMember>, counts: &Counts) {
    let mut poll = Poll::new().expect("a poll");
    let mut events = Events::with_capacity(1_024);
    let mut audience: Vec<AudienceMember> = vec![];
    let mut buffer = [0; 2_048];
    let mut next_round = Instant::now();
    loop {
        let token = Token(audience.len());
        match inbox.try_recv() {
            Ok(mut listener) => {
                poll.registry()
                    .register(&mut listener.socket, token, Interest::READABLE)
                    .expect("registered");
                listener.drain(counts);
                audience.push(listener);
            }
            Err(std::sync::mpsc::TryRecvError::Empty) => {}
            Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
        }
        poll.poll(&mut events, Some(Duration::from_millis(10))).expect("waited");
        for event in &events {
            if let Some(listener) = audience.get_mut(event.token().0) {
                listener.receive(&mut buffer, counts);
            }
        }
        let now = Instant::now();
        if now >= next_round {
            next_round = now + Duration::from_millis(10);
            for listener in audience.iter_mut().filter(|listener| listener.wake <= now) {
                let _ = listener.rtc.handle_input(Input::Timeout(now));
                listener.drain(counts);
            }
        }
    }
}

impl AudienceMember {
    fn receive(&mut self, buffer: &mut [u8], counts: &Counts) {
        while let Ok((length, source)) = self.socket.recv_from(buffer) {
            let datagram = &buffer[..length];
            if is_sound(datagram) {
                counts.received.fetch_add(1, Ordering::Relaxed);
            } else if let Ok(receive) = Receive::new(Protocol::Udp, source, self.address, datagram) {
                let _ = self.rtc.handle_input(Input::Receive(Instant::now(), receive));
                self.drain(counts);
            }
        }
    }

    fn drain(&mut self, counts: &Counts) {
        while let Ok(output) = self.rtc.poll_output() {
            match output {
                Output::Timeout(at) => {
                    self.wake = at;
                    return;
                }
                Output::Transmit(transmit) => {
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(Event::Connected) => {
                    counts.connected.fetch_add(1, Ordering::Relaxed);
                }
                Output::Event(_) => {}
            }
        }
    }
}

/// Whether the datagram is RTP and not RTCP (RFC 5761 section 4, RFC 7983 section 7).
fn is_sound(datagram: &[u8]) -> bool {
    let is_rtp_or_rtcp = datagram.first().is_some_and(|first| (128..192).contains(first));
    is_rtp_or_rtcp
        && datagram
            .get(1)
            .is_some_and(|second| !(64..96).contains(&(second & 0x7f)))
}
