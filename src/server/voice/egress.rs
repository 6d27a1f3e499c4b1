//! What goes out, pure: datagrams, gathered until the driver puts them on the wire. The seam for a faster path.

use std::{collections::VecDeque, net::SocketAddr};

/// So many may wait while the machine takes no more; then the oldest are lost, for late sound is no better than none.
const WAITING_MAX: usize = 8_192;

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
    waiting: VecDeque<Datagram>,
}

impl Egress {
    pub fn push(&mut self, datagram: Datagram) {
        if self.waiting.len() == WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(datagram);
    }

    /// Hands datagrams to `send` until none is left, or until it takes no more: that one stays the first.
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
            contents: number.to_be_bytes().to_vec(),
        }
    }

    #[test]
    fn what_is_not_taken_waits_in_order_and_the_oldest_are_lost_first() {
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
        // The third was refused, so it came again.
        let expected: Vec<Datagram> = (2..5).chain(4..WAITING_MAX + 2).map(datagram).collect();
        assert_eq!(sent, expected);
    }
}
