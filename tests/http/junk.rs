//! Junk for the UDP port: what strangers send, and a flood of it at a steady rate.

use std::{
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The time from one burst of a flood to the next.
const BURST_EVERY: Duration = Duration::from_millis(1);
/// How late a burst may be and still be sent. More bursts at once could fill the buffer of the port, and then the system would drop voice.
const LATE_MAX: Duration = Duration::from_millis(2);

/// A STUN binding request with this user name. Only the peer can compute a valid message integrity, so this request has none or a
/// wrong one.
pub fn binding_request(username: &str, number: usize) -> Vec<u8> {
    let mut attributes = vec![0, 6, 0, username.len() as u8];
    attributes.extend(username.as_bytes());
    attributes.resize(attributes.len().next_multiple_of(4), b' ');
    attributes.extend([0, 0x24, 0, 4, 0x6e, 0, 0x1e, 0xff, 0, 0x25, 0, 0]);
    // Every second request has a wrong message integrity, the others have none.
    if number.is_multiple_of(2) {
        attributes.extend([0, 8, 0, 20]);
        attributes.extend([number as u8; 20]);
    }
    let mut datagram = vec![0, 1];
    datagram.extend((attributes.len() as u16).to_be_bytes());
    datagram.extend([0x21, 0x12, 0xa4, 0x42]);
    datagram.extend([number as u8; 12]);
    datagram.extend(attributes);
    datagram
}

/// One of six kinds of junk: STUN with this user name, DTLS, RTP, RTCP, or noise.
pub fn junk(username: &str, number: usize) -> Vec<u8> {
    match number % 6 {
        0 | 1 => binding_request(username, number),
        2 => b"\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x10\x01 a ClientHello, or nearly".to_vec(),
        3 => [&[0x80, 0x6f], &[number as u8; 60][..]].concat(),
        4 => [&[0x81, 200, 0, 6], &[number as u8; 24][..]].concat(),
        _ => (0..number % 1_400).map(|byte| (byte * 31 + number) as u8).collect(),
    }
}

/// The user name of a STUN request from the peer with the SDP `own_sdp` to the peer with the SDP `other_sdp`. The user name is not
/// secret: STUN sends it unencrypted.
pub fn username(own_sdp: &str, other_sdp: &str) -> String {
    format!("{}:{}", ufrag_of(other_sdp), ufrag_of(own_sdp))
}

fn ufrag_of(sdp: &str) -> String {
    let ufrag = sdp.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:"));
    ufrag.expect("a ufrag").trim().to_owned()
}

/// A thread that sends datagrams from its own address, in turn and at a steady rate.
pub struct Flood {
    stops: Arc<AtomicBool>,
    thread: JoinHandle<Flooded>,
}

/// What a flood has done.
#[derive(Debug, Clone, Copy)]
pub struct Flooded {
    pub sent_per_s: usize,
    pub answered_bytes: usize,
}

impl Flood {
    /// Starts sending `per_s` datagrams a second to this port of this machine. If the machine can't send so many, the flood
    /// catches up only on the last [`LATE_MAX`].
    pub fn start(port: u16, per_s: usize, datagrams: Vec<Vec<u8>>) -> Self {
        let stops = Arc::<AtomicBool>::default();
        let is_over = stops.clone();
        let thread = thread::spawn(move || flood(port, per_s, &datagrams, &is_over));
        Self { stops, thread }
    }

    pub fn stop(self) -> Flooded {
        self.stops.store(true, Ordering::Relaxed);
        self.thread.join().expect("the flood")
    }
}

fn flood(port: u16, per_s: usize, datagrams: &[Vec<u8>], is_over: &AtomicBool) -> Flooded {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.connect(("127.0.0.1", port)).expect("an address");
    socket.set_nonblocking(true).expect("a socket");
    let burst = per_s * BURST_EVERY.as_millis() as usize / 1_000;
    let mut buffer = [0; 2_048];
    let (mut turn, mut sent, mut answered_bytes) = (0, 0, 0);
    let began = Instant::now();
    let mut due = began;
    while !is_over.load(Ordering::Relaxed) {
        for _ in 0..burst {
            sent += usize::from(socket.send(&datagrams[turn % datagrams.len()]).is_ok());
            turn += 1;
        }
        answered_bytes += socket.recv(&mut buffer).unwrap_or(0);
        // A sleep always ends a little late. The next bursts make up for that, but never for more than [`LATE_MAX`] at once.
        due = (due + BURST_EVERY).max(Instant::now() - LATE_MAX);
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    let sent_per_s = (sent as f64 / began.elapsed().as_secs_f64()) as usize;
    while let Ok(length) = socket.recv(&mut buffer) {
        answered_bytes += length;
    }
    Flooded {
        sent_per_s,
        answered_bytes,
    }
}
