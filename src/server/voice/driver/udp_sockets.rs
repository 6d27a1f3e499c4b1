//! The UDP sockets, on one port of IPv4 and IPv6.
//!
//! tokio's UDP socket does not tell which of our addresses a datagram came to, and does not read in batches.
//! `quinn-udp` does both, without `unsafe` in our code.

use super::given_sockets::UdpPair;
use crate::server::voice::{egress::Datagram, way::Way};
use mio::{Interest, Registry, Token, net::UdpSocket};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::{
    collections::HashSet,
    io::{self, IoSliceMut},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Instant,
};

/// Room for one datagram. Browsers and str0m send datagrams that fit into an Ethernet frame of 1,500 bytes.
const DATAGRAM_MAX_BYTES: usize = 2_048;
/// Longer datagrams are dropped: they can't be voice, and str0m panics when it must forward more than 2,000 bytes.
const ACCEPTED_MAX_BYTES: usize = 1_500;
/// How many datagrams are read from a socket in a row before orders and timers are looked at again.
const DATAGRAMS_MAX: usize = 512;
/// The size that we ask for the socket's buffers.
pub const BUFFER_BYTES: usize = 4 << 20;

pub struct UdpSockets {
    ports: Vec<Port>,
    /// This machine's own addresses. An answer must leave from the address that the browser sent to.
    pub own: Arc<HashSet<IpAddr>>,
    buffer: Vec<u8>,
}

/// One socket.
struct Port {
    socket: UdpSocket,
    state: UdpSocketState,
    address: SocketAddr,
    /// mio reports readiness once (edge-triggered), so this stays true until a read would block.
    readable: bool,
}

impl UdpSockets {
    /// Uses the sockets in `given`. Binds those that are missing to the same port or, if there are none, to `port`: on IPv4 and, if the
    /// machine has it, on IPv6. 0 takes a free port. The tokens of the sockets are 0 and 1.
    ///
    /// # Errors
    /// If the port is taken.
    pub fn open(given: UdpPair, port: u16, registry: &Registry) -> io::Result<Self> {
        let port = given.port.unwrap_or(port);
        let first = match given.v4 {
            Some(socket) => Port::on(socket),
            None => Port::bind((Ipv4Addr::UNSPECIFIED, port).into()),
        }?;
        // Start on IPv4 alone if the machine has no IPv6, or if another program uses the same port number on IPv6.
        let second = match given.v6 {
            Some(socket) => Port::on(socket),
            None => Port::bind((Ipv6Addr::UNSPECIFIED, first.address.port()).into()),
        };
        let mut ports = vec![first];
        match second {
            Ok(second) => ports.push(second),
            Err(error) => tracing::info!(%error, "voice uses IPv4 only, because the port can't be bound on IPv6"),
        }
        for (token, port) in ports.iter_mut().enumerate() {
            registry.register(&mut port.socket, Token(token), Interest::READABLE | Interest::WRITABLE)?;
        }
        let segments = ports.iter().map(|port| port.state.gro_segments()).max().unwrap_or(1);
        Ok(Self {
            ports,
            own: Arc::default(),
            buffer: vec![0; BATCH_SIZE * segments * DATAGRAM_MAX_BYTES],
        })
    }

    pub fn port(&self) -> u16 {
        self.ports[0].address.port()
    }

    pub fn has_ipv6(&self) -> bool {
        self.ports.len() > 1
    }

    pub fn is_readable(&self) -> bool {
        self.ports.iter().any(|port| port.readable)
    }

    /// Notes that a socket can be read, if it is one of these.
    pub fn note_readable(&mut self, token: Token) {
        if let Some(port) = self.ports.get_mut(token.0) {
            port.readable = true;
        }
    }

    /// Reads the datagrams that have arrived; `take` gets source, destination, way and contents of each. Stops after the batch during
    /// which `until` passes, and reads at least one batch from each socket.
    pub fn receive(&mut self, until: Instant, mut take: impl FnMut((SocketAddr, SocketAddr, Way), &[u8])) {
        for port in &mut self.ports {
            let mut read = 0;
            while port.readable && read < DATAGRAMS_MAX {
                read += port.receive_batch(&mut self.buffer, &mut take);
                if Instant::now() >= until {
                    break;
                }
            }
        }
    }

    /// Sends one datagram; false if the operating system accepts no more for now. After any other error the datagram is
    /// dropped, just as the network may lose any datagram.
    pub fn send(&self, datagram: &Datagram) -> bool {
        let is_of_family = |port: &&Port| port.address.is_ipv4() == datagram.to.is_ipv4();
        let Some(port) = self.ports.iter().find(is_of_family) else {
            return true;
        };
        let transmit = Transmit {
            destination: datagram.to,
            ecn: None,
            contents: &datagram.contents,
            segment_size: None,
            src_ip: Some(datagram.from.ip()).filter(|ip| self.own.contains(ip)),
        };
        match port.state.send((&port.socket).into(), &transmit) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
            Err(error) => {
                tracing::debug!(%error, "could not send a voice datagram");
                true
            }
            Ok(()) => true,
        }
    }
}

impl Port {
    fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&address.into())?;
        Self::on(socket.into())
    }

    /// Prepares a socket that is bound already. One from systemd may have datagrams in it that have arrived during a restart.
    fn on(socket: std::net::UdpSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        enlarge_buffers(&SockRef::from(&socket));
        let address = socket.local_addr()?;
        // This also sets the options for our own address of each datagram, and for reading several datagrams at once.
        let state = UdpSocketState::new((&socket).into())?;
        Ok(Self {
            socket: UdpSocket::from_std(socket),
            state,
            address,
            readable: false,
        })
    }

    /// Reads one batch; returns how many datagrams it had, or 1 for an error.
    fn receive_batch(
        &mut self,
        buffer: &mut [u8],
        take: &mut impl FnMut((SocketAddr, SocketAddr, Way), &[u8]),
    ) -> usize {
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let mut slices: Vec<IoSliceMut<'_>> = buffer
            .chunks_mut(buffer.len() / BATCH_SIZE)
            .map(IoSliceMut::new)
            .collect();
        let count = match self.state.recv((&self.socket).into(), &mut slices, &mut metas) {
            Ok(count) => count,
            Err(error) => {
                // `WouldBlock` means that all is read. Other errors report on a datagram that we sent earlier:
                // for example, ICMP says that the destination port is closed.
                self.readable = error.kind() != io::ErrorKind::WouldBlock;
                return 1;
            }
        };
        let mut read = 0;
        for (slice, meta) in slices.iter().zip(&metas).take(count) {
            let destination = SocketAddr::new(meta.dst_ip.unwrap_or(self.address.ip()), self.address.port());
            let datagrams = slice[..meta.len].chunks(meta.stride.max(1));
            // An empty datagram has no chunk. Count it anyway, so that `DATAGRAMS_MAX` also stops a flood of empty datagrams.
            read += datagrams.len().max(1);
            for datagram in datagrams.filter(|datagram| datagram.len() <= ACCEPTED_MAX_BYTES) {
                take((meta.addr, destination, Way::Udp), datagram);
            }
        }
        read
    }
}

/// After a restart everybody joins at once, which needs large buffers. The operating system may give less than we ask for. systemd may give
/// more than we can get (`ReceiveBuffer=`), and asking would then make a buffer smaller.
fn enlarge_buffers(socket: &SockRef<'_>) {
    if socket.recv_buffer_size().is_ok_and(|bytes| bytes < BUFFER_BYTES) {
        let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
    }
    if socket.send_buffer_size().is_ok_and(|bytes| bytes < BUFFER_BYTES) {
        let _ = socket.set_send_buffer_size(BUFFER_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mio::{Events, Poll};
    use std::time::Duration;

    fn bind(port: u16) -> io::Result<(Poll, UdpSockets)> {
        let poll = Poll::new()?;
        let sockets = UdpSockets::open(UdpPair::default(), port, poll.registry())?;
        Ok((poll, sockets))
    }

    /// Waits until a datagram has arrived.
    fn wait(poll: &mut Poll, sockets: &mut UdpSockets) {
        let mut events = Events::with_capacity(8);
        while !sockets.is_readable() {
            poll.poll(&mut events, Some(Duration::from_secs(5))).expect("events");
            for event in events.iter().filter(|event| event.is_readable()) {
                sockets.note_readable(event.token());
            }
        }
    }

    #[test]
    fn empty_datagrams_count_against_the_limit_of_a_batch() {
        let (mut poll, mut sockets) = bind(0).expect("a free port");
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let to = ("127.0.0.1", sockets.port());
        for contents in [&b""[..], b"", b"", b"", b"", b"last"] {
            sender.send_to(contents, to).expect("sent");
        }
        wait(&mut poll, &mut sockets);
        let (mut read, mut seen) = (0, vec![]);
        while seen.is_empty() {
            let take = &mut |_: (SocketAddr, SocketAddr, Way), datagram: &[u8]| seen.push(datagram.to_vec());
            read += sockets.ports[0].receive_batch(&mut sockets.buffer, take);
        }
        assert!(read >= 6, "{read}");
    }

    #[test]
    fn a_pass_stops_reading_when_its_time_is_over() {
        let (mut poll, mut sockets) = bind(0).expect("a free port");
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
        for _ in 0..4 * BATCH_SIZE {
            sender.send_to(b"x", ("127.0.0.1", sockets.port())).expect("sent");
        }
        wait(&mut poll, &mut sockets);
        let mut read = 0;
        sockets.receive(Instant::now(), |_, _| read += 1);
        assert!((1..4 * BATCH_SIZE).contains(&read), "{read}");
    }

    #[test]
    fn a_port_in_use_is_an_error() {
        let (_poll, sockets) = bind(0).expect("a free port");
        assert!(bind(sockets.port()).is_err());
    }

    #[test]
    fn a_socket_from_systemd_is_prepared_like_our_own_and_gives_what_arrived_before() {
        let given = std::net::UdpSocket::bind("0.0.0.0:0").expect("a free port");
        let port = given.local_addr().expect("the port").port();
        let of_systemd = given.try_clone().expect("a second handle");
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
        sender.send_to(b"early", ("127.0.0.1", port)).expect("sent");
        let mut poll = Poll::new().expect("a poll");
        let pair = UdpPair::of(vec![given]).expect("one of IPv4");
        let mut sockets = UdpSockets::open(pair, 0, poll.registry()).expect("the port is open");
        assert_eq!(sockets.port(), port);
        assert!(bind(port).is_err(), "nobody else binds it");
        sender.send_to(b"late", ("127.0.0.1", port)).expect("sent");
        let mut seen = vec![];
        while seen.len() < 2 {
            wait(&mut poll, &mut sockets);
            let until = Instant::now() + Duration::from_secs(1);
            sockets.receive(until, |(_, to, _), datagram| seen.push((to, datagram.to_vec())));
        }
        let (to, own): (Vec<SocketAddr>, Vec<Vec<u8>>) = seen.into_iter().unzip();
        assert_eq!(own, [b"early".to_vec(), b"late".to_vec()]);
        // Only with the option for it do we learn to which of our addresses a datagram came.
        assert_eq!(to[1], ([127, 0, 0, 1], port).into());

        let made = Port::bind((Ipv4Addr::UNSPECIFIED, 0).into()).expect("a free port");
        let sizes = |socket: SockRef<'_>| {
            let sizes = socket
                .recv_buffer_size()
                .and_then(|recv| Ok((recv, socket.send_buffer_size()?)));
            sizes.expect("the sizes")
        };
        // Both handles are of one socket, so systemd's has what we have set.
        assert_eq!(sizes((&of_systemd).into()), sizes((&made.socket).into()));
    }
}
