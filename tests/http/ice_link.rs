//! The socket of a raw peer: UDP, or a TCP connection to the server with frames on it (RFC 4571).

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream, UdpSocket},
    time::Duration,
};
use str0m::{
    Candidate,
    net::{Protocol, TcpType, Transmit},
};

/// A socket that carries the datagrams of one connection.
pub struct IceLink {
    /// Our own address.
    pub address: SocketAddr,
    socket: LinkSocket,
}

enum LinkSocket {
    Udp(UdpSocket),
    Tcp(TcpLink),
}

struct TcpLink {
    stream: TcpStream,
    server: SocketAddr,
    /// What has arrived and is no complete frame yet.
    arrived: Vec<u8>,
    is_closed: bool,
}

impl IceLink {
    /// A UDP socket of its own.
    pub fn udp() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        Self {
            address: socket.local_addr().expect("the port"),
            socket: LinkSocket::Udp(socket),
        }
    }

    /// A connection to this TCP port of this machine.
    pub fn tcp(port: u16) -> Self {
        let server = SocketAddr::from(([127, 0, 0, 1], port));
        let stream = TcpStream::connect(server).expect("somebody listens");
        stream.set_nodelay(true).expect("an option");
        Self {
            address: stream.local_addr().expect("the port"),
            socket: LinkSocket::Tcp(TcpLink {
                stream,
                server,
                arrived: vec![],
                is_closed: false,
            }),
        }
    }

    pub fn protocol(&self) -> Protocol {
        match self.socket {
            LinkSocket::Udp(_) => Protocol::Udp,
            LinkSocket::Tcp(_) => Protocol::Tcp,
        }
    }

    pub fn candidate(&self) -> Candidate {
        let candidate = match self.socket {
            LinkSocket::Udp(_) => Candidate::builder().udp().host(self.address).build(),
            LinkSocket::Tcp(_) => Candidate::builder()
                .tcp()
                .host(self.address)
                .tcptype(TcpType::Active)
                .build(),
        };
        candidate.expect("a candidate")
    }

    /// Whether the server has closed the connection.
    pub fn is_closed(&self) -> bool {
        matches!(&self.socket, LinkSocket::Tcp(link) if link.is_closed)
    }

    /// Sends a datagram. A TCP connection has only one other end, so datagrams for others are lost.
    pub fn send(&mut self, transmit: &Transmit) {
        match &mut self.socket {
            LinkSocket::Udp(socket) => {
                let _ = socket.send_to(&transmit.contents, transmit.destination);
            }
            LinkSocket::Tcp(link) if transmit.destination == link.server => {
                let contents: &[u8] = &transmit.contents;
                let mut frame = (contents.len() as u16).to_be_bytes().to_vec();
                frame.extend_from_slice(contents);
                if link.stream.write_all(&frame).is_err() {
                    link.is_closed = true;
                }
            }
            LinkSocket::Tcp(_) => {}
        }
    }

    /// Waits for a datagram, at most this long. Returns its source, and its contents.
    pub fn receive(&mut self, at_most: Duration) -> Option<(SocketAddr, Vec<u8>)> {
        match &mut self.socket {
            LinkSocket::Udp(socket) => {
                let mut buffer = [0; 2_048];
                socket.set_read_timeout(Some(at_most)).expect("a timeout");
                let (length, source) = socket.recv_from(&mut buffer).ok()?;
                Some((source, buffer[..length].to_vec()))
            }
            LinkSocket::Tcp(link) => {
                let datagram = link.take_frame().or_else(|| {
                    link.read(at_most);
                    link.take_frame()
                });
                datagram.map(|datagram| (link.server, datagram))
            }
        }
    }
}

impl TcpLink {
    fn take_frame(&mut self) -> Option<Vec<u8>> {
        let header = self.arrived.first_chunk::<2>()?;
        let end = 2 + usize::from(u16::from_be_bytes(*header));
        let datagram = self.arrived.get(2..end)?.to_vec();
        self.arrived.drain(..end);
        Some(datagram)
    }

    fn read(&mut self, at_most: Duration) {
        if self.is_closed {
            std::thread::sleep(at_most);
            return;
        }
        let mut buffer = [0; 4_096];
        self.stream.set_read_timeout(Some(at_most)).expect("a timeout");
        match self.stream.read(&mut buffer) {
            Ok(0) => self.is_closed = true,
            Ok(count) => self.arrived.extend_from_slice(&buffer[..count]),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) => {}
            Err(_) => self.is_closed = true,
        }
    }
}
