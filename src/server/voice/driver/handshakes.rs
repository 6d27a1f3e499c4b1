//! The queue of DTLS datagrams. A handshake costs 2 to 4 ms of CPU, and voices must not wait for it. So the driver spends only a
//! limited time of each pass on this queue.

use crate::server::voice::way::Way;
use std::{collections::VecDeque, net::SocketAddr};

/// How many datagrams may wait. If there are more, the new ones are dropped: DTLS sends a lost datagram again after a second (RFC 6347
/// section 4.2.4.1).
const WAITING_MAX: usize = 1_024;

/// A datagram of a handshake. `ends` contains its source, our address to which it was sent, and its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandshakeDatagram {
    pub ends: (SocketAddr, SocketAddr, Way),
    pub contents: Vec<u8>,
}

/// The datagrams of handshakes, in the order of their arrival.
#[derive(Debug, Default)]
pub struct Handshakes {
    waiting: VecDeque<HandshakeDatagram>,
}

impl Handshakes {
    pub fn push(&mut self, ends: (SocketAddr, SocketAddr, Way), datagram: &[u8]) {
        if self.waiting.len() < WAITING_MAX {
            let contents = datagram.to_vec();
            self.waiting.push_back(HandshakeDatagram { ends, contents });
        }
    }

    pub fn pop(&mut self) -> Option<HandshakeDatagram> {
        self.waiting.pop_front()
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_keep_their_order_and_a_full_queue_drops_the_newest() {
        let address = SocketAddr::from(([192, 0, 2, 1], 1));
        let mut handshakes = Handshakes::default();
        for number in 0..WAITING_MAX + 10 {
            handshakes.push((address, address, Way::Udp), &number.to_be_bytes());
        }
        let mut waiting = std::iter::from_fn(|| handshakes.pop()).map(|one| one.contents);
        assert_eq!(waiting.next(), Some(0_usize.to_be_bytes().to_vec()));
        assert_eq!(waiting.last(), Some((WAITING_MAX - 1).to_be_bytes().to_vec()));
        assert!(handshakes.is_empty());
    }
}
