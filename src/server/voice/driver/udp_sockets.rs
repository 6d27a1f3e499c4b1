//! The sockets: one UDP port on IPv4 and IPv6, and the wait for datagrams, orders or time.

use super::addresses::own_addresses;
use crate::server::voice::egress::Datagram;
use mio::{Events, Interest, Poll, Token, Waker, net::UdpSocket};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    collections::HashSet,
    io::{self, IoSliceMut},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

const WAKE: Token = Token(usize::MAX);
/// No datagram of ours or a browser's is longer: all keep below an Ethernet frame.
const DATAGRAM_MAX_BYTES: usize = 2_048;
/// What is longer is no datagram of a voice. str0m panics where one of more than 2,000 bytes would have to be forwarded.
const ACCEPTED_MAX_BYTES: usize = 1_500;
/// So many datagrams are read from a socket before orders and time get their turn.
const DATAGRAMS_MAX: usize = 512;
const BUFFER_BYTES: usize = 4 << 20;

pub struct Net {
    poll: Poll,
    events: Events,
    waker: Arc<Waker>,
    ports: Vec<Port>,
    /// This machine's own addresses: an answer leaves from the one that was asked.
    own: HashSet<IpAddr>,
    buffer: Vec<u8>,
}

/// One socket.
struct Port {
    socket: UdpSocket,
    state: UdpSocketState,
    address: SocketAddr,
    /// Readiness is told once: there may be more until a read would block.
    readable: bool,
}

impl Net {
    /// Binds `port` for IPv4 and, where the machine has it, IPv6; 0 takes a free one.
    ///
    /// # Errors
    /// Where the port is taken.
    pub fn bind(port: u16) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        let first = Port::bind((Ipv4Addr::UNSPECIFIED, port).into())?;
        // A machine without IPv6 is no reason not to start; nor is a neighbour who has that half of a port we drew.
        let second = Port::bind((Ipv6Addr::UNSPECIFIED, first.address.port()).into());
        let mut ports = vec![first];
        match second {
            Ok(second) => ports.push(second),
            Err(error) => tracing::info!(%error, "voices go by IPv4 only"),
        }
        for (token, port) in ports.iter_mut().enumerate() {
            poll.registry()
                .register(&mut port.socket, Token(token), Interest::READABLE | Interest::WRITABLE)?;
        }
        let segments = ports.iter().map(|port| port.state.gro_segments()).max().unwrap_or(1);
        Ok(Self {
            poll,
            events: Events::with_capacity(8),
            waker,
            ports,
            own: own_addresses().collect(),
            buffer: vec![0; BATCH_SIZE * segments * DATAGRAM_MAX_BYTES],
        })
    }

    pub fn port(&self) -> u16 {
        self.ports[0].address.port()
    }

    pub fn has_ipv6(&self) -> bool {
        self.ports.len() > 1
    }

    pub fn waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    /// Waits for datagrams, for the waker, or for so long.
    pub fn wait(&mut self, at_most: Option<Duration>) {
        let at_most = if self.ports.iter().any(|port| port.readable) {
            Some(Duration::ZERO)
        } else {
            at_most
        };
        if let Err(error) = self.poll.poll(&mut self.events, at_most)
            && error.kind() != io::ErrorKind::Interrupted
        {
            tracing::error!(%error, "waiting for voices failed");
            std::thread::sleep(Duration::from_millis(10));
        }
        for event in &self.events {
            if let Some(port) = self.ports.get_mut(event.token().0) {
                port.readable |= event.is_readable();
            }
        }
    }

    /// Reads what has come; `take` gets where from, where to, and what.
    pub fn receive(&mut self, mut take: impl FnMut((SocketAddr, SocketAddr), &[u8])) {
        for port in &mut self.ports {
            let mut read = 0;
            while port.readable && read < DATAGRAMS_MAX {
                read += port.receive_batch(&mut self.buffer, &mut take);
            }
        }
    }

    /// Sends one datagram; false where the machine takes no more for now. Any other error loses it, as may happen anywhere
    /// on its way.
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
                tracing::debug!(%error, "a datagram was not sent");
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
        socket.set_nonblocking(true)?;
        // As much as the machine allows: joins after a restart come all at once.
        let _ = socket
            .set_recv_buffer_size(BUFFER_BYTES)
            .and(socket.set_send_buffer_size(BUFFER_BYTES));
        socket.bind(&address.into())?;
        let socket = std::net::UdpSocket::from(socket);
        let address = socket.local_addr()?;
        let state = UdpSocketState::new((&socket).into())?;
        Ok(Self {
            socket: UdpSocket::from_std(socket),
            state,
            address,
            readable: false,
        })
    }

    /// Reads one batch; how many datagrams that were, or 1 for an error.
    fn receive_batch(&mut self, buffer: &mut [u8], take: &mut impl FnMut((SocketAddr, SocketAddr), &[u8])) -> usize {
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let mut slices: Vec<IoSliceMut<'_>> = buffer
            .chunks_mut(buffer.len() / BATCH_SIZE)
            .map(IoSliceMut::new)
            .collect();
        let count = match self.state.recv((&self.socket).into(), &mut slices, &mut metas) {
            Ok(count) => count,
            Err(error) => {
                // Anything but "nothing more" is about a single datagram, such as a port that nobody listens at.
                self.readable = error.kind() != io::ErrorKind::WouldBlock;
                return 1;
            }
        };
        let mut read = 0;
        for (slice, meta) in slices.iter().zip(&metas).take(count) {
            let destination = SocketAddr::new(meta.dst_ip.unwrap_or(self.address.ip()), self.address.port());
            let whole = &slice[..meta.len];
            for datagram in whole.chunks(meta.stride.max(1)) {
                read += 1;
                if datagram.len() <= ACCEPTED_MAX_BYTES {
                    take((meta.addr, destination), datagram);
                }
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_an_error() {
        let net = Net::bind(0).expect("a free port");
        assert!(Net::bind(net.port()).is_err());
    }
}
