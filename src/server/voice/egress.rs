//! The queue of outgoing datagrams: peers add datagrams to it, and the driver sends them.

use super::way::Way;
use std::{collections::VecDeque, net::SocketAddr};

/// How many datagrams may wait while the operating system accepts no more. If more are waiting, the oldest is dropped,
/// because late sound is useless.
const WAITING_MAX: usize = 8_192;

/// One datagram to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Our address, as the peer knows it.
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub way: Way,
    pub contents: Vec<u8>,
}

/// The datagrams to send, in order.
#[derive(Debug, Default)]
pub struct Egress {
    waiting: VecDeque<Datagram>,
}

impl Egress {
    pub fn push(&mut self, datagram: Datagram) {
        if self.waiting.len() == WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(datagram);
    }

    /// Passes datagrams to `send` until none is left or `send` returns false. A refused datagram stays first in the
    /// queue.
    pub fn flush(&mut self, mut send: impl FnMut(&Datagram) -> bool) {
        while let Some(datagram) = self.waiting.front() {
            if !send(datagram) {
                return;
            }
            self.waiting.pop_front();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(number: usize) -> Datagram {
        let address = SocketAddr::from(([192, 0, 2, 1], 1));
        Datagram {
            from: address,
            to: address,
            way: Way::Udp,
            contents: number.to_be_bytes().to_vec(),
        }
    }

    #[test]
    fn refused_datagrams_wait_in_order_and_the_oldest_are_dropped_first() {
        let mut egress = Egress::default();
        (0..WAITING_MAX + 2).for_each(|number| egress.push(datagram(number)));
        let mut sent = vec![];
        egress.flush(|one| {
            sent.push(one.clone());
            sent.len() < 3
        });
        egress.flush(|one| {
            sent.push(one.clone());
            true
        });
        assert!(egress.is_empty());
        // The third one was refused, so `send` gets it twice.
        let expected: Vec<Datagram> = (2..5).chain(4..WAITING_MAX + 2).map(datagram).collect();
        assert_eq!(sent, expected);
    }
}
