//! What goes out, pure: datagrams, gathered until the driver puts them on the wire. The seam for a faster path.

use std::net::SocketAddr;

/// One datagram on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Ours, as the peer knows it.
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub contents: Vec<u8>,
}

/// Datagrams in the order in which they leave.
#[derive(Debug, Default)]
pub struct Egress {
    waiting: Vec<Datagram>,
}

impl Egress {
    pub fn push(&mut self, datagram: Datagram) {
        self.waiting.push(datagram);
    }

    /// Takes everything out; the room for as many again stays.
    pub fn drain(&mut self) -> impl Iterator<Item = Datagram> + '_ {
        self.waiting.drain(..)
    }
}
