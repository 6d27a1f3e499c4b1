//! A UDP relay between a raw peer and the server. It records what both send. It can also send to the server from the peer's own
//! address, as an attacker does who forges the source of a datagram.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// How often the relay looks whether it was dropped.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub struct UdpRelay(Arc<RelayInner>);

struct RelayInner {
    /// The peer sends to this socket.
    to_peer: UdpSocket,
    /// The address of this socket is the peer's address for the server.
    to_server: UdpSocket,
    server: SocketAddr,
    peer: Mutex<Option<SocketAddr>>,
    from_peer: Mutex<Vec<Vec<u8>>>,
    from_server: Mutex<Vec<Vec<u8>>>,
    /// Sent to the server right before the peer's first DTLS datagram.
    ahead: Mutex<Option<Vec<u8>>>,
    is_over: AtomicBool,
}

impl UdpRelay {
    /// Starts a relay to the server's UDP port. If `ahead` is given, the relay sends it to the server right before the first DTLS
    /// datagram of the peer.
    pub fn start(udp_port: u16, ahead: Option<Vec<u8>>) -> Self {
        let socket = || {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
            socket.set_read_timeout(Some(LOOK_EVERY)).expect("a timeout");
            socket
        };
        let inner = Arc::new(RelayInner {
            to_peer: socket(),
            to_server: socket(),
            server: ([127, 0, 0, 1], udp_port).into(),
            peer: Mutex::default(),
            from_peer: Mutex::default(),
            from_server: Mutex::default(),
            ahead: Mutex::new(ahead),
            is_over: AtomicBool::new(false),
        });
        let (out, back) = (inner.clone(), inner.clone());
        thread::spawn(move || out.run(&out.to_peer, |datagram, source| out.pass_to_server(datagram, source)));
        thread::spawn(move || back.run(&back.to_server, |datagram, _| back.pass_to_peer(datagram)));
        Self(inner)
    }

    /// The SDP answer with the relay's address as the only candidate.
    pub fn redirect(&self, answer: &str) -> String {
        let port = self.0.to_peer.local_addr().expect("the port").port().to_string();
        let redirected = answer.lines().filter_map(|line| {
            if !line.starts_with("a=candidate:") {
                return Some(format!("{line}\r\n"));
            }
            // The fields are foundation, component, transport, priority, address and port (RFC 8839 section 5.1).
            let mut fields: Vec<&str> = line.split(' ').collect();
            fields[5] = &port;
            (fields[2] == "udp" && fields[4] == "127.0.0.1").then(|| format!("{}\r\n", fields.join(" ")))
        });
        redirected.collect()
    }

    /// The datagrams that the peer has sent so far and that `is_wanted` accepts.
    pub fn sent_by_peer(&self, is_wanted: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
        let all = lock(&self.0.from_peer);
        all.iter().filter(|datagram| is_wanted(datagram)).cloned().collect()
    }

    /// How many datagrams the server has sent so far that `is_wanted` accepts.
    pub fn count_from_server(&self, is_wanted: impl Fn(&[u8]) -> bool) -> usize {
        lock(&self.0.from_server)
            .iter()
            .filter(|datagram| is_wanted(datagram))
            .count()
    }

    /// Sends a datagram to the server from the peer's address.
    pub fn inject(&self, datagram: &[u8]) {
        let _ = self.0.to_server.send_to(datagram, self.0.server);
    }
}

impl Drop for UdpRelay {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
    }
}

impl RelayInner {
    /// Passes on what arrives at `socket`, until the relay is dropped.
    fn run(&self, socket: &UdpSocket, mut pass: impl FnMut(&[u8], SocketAddr) -> io::Result<usize>) {
        let mut buffer = [0; 2_048];
        while !self.is_over.load(Ordering::Relaxed) {
            if let Ok((length, source)) = socket.recv_from(&mut buffer) {
                // An error means that the other side is gone. Then the datagram is lost, as in any network.
                let _ = pass(&buffer[..length], source);
            }
        }
    }

    fn pass_to_server(&self, datagram: &[u8], source: SocketAddr) -> io::Result<usize> {
        *lock(&self.peer) = Some(source);
        if is_dtls(datagram)
            && let Some(ahead) = lock(&self.ahead).take()
        {
            self.to_server.send_to(&ahead, self.server)?;
        }
        lock(&self.from_peer).push(datagram.to_vec());
        self.to_server.send_to(datagram, self.server)
    }

    fn pass_to_peer(&self, datagram: &[u8]) -> io::Result<usize> {
        lock(&self.from_server).push(datagram.to_vec());
        let peer = *lock(&self.peer);
        peer.map_or(Ok(0), |peer| self.to_peer.send_to(datagram, peer))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("not poisoned")
}

/// Whether a datagram is DTLS (RFC 7983 section 7).
pub fn is_dtls(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(20..=63))
}

/// Whether a datagram is SRTP and not SRTCP (RFC 5761 section 4: the second octet of RTCP is 192 to 223).
pub fn is_srtp(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, second, ..] if !(192..=223).contains(second))
}
