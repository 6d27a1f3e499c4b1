//! How many TCP connections the voice port holds: of one network address, and in all.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

/// The first 64 of the 128 bits of an IPv6 address: a household or a rented server has a whole /64.
const IPV6_NETWORK: u128 = (u64::MAX as u128) << 64;

/// The most connections at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpCaps {
    /// From one IPv4 address, or from one /64 of IPv6.
    pub per_address: usize,
    pub in_all: usize,
}

/// Counts the connections that are open.
#[derive(Debug)]
pub struct TcpConnectionCounts {
    caps: TcpCaps,
    of_network: HashMap<IpAddr, usize>,
    in_all: usize,
}

/// Why a connection can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// The address has as many connections as it may have.
    ForAddress,
    /// The port has as many connections as it may have.
    AtAll,
}

impl TcpConnectionCounts {
    pub fn new(caps: TcpCaps) -> Self {
        Self {
            caps,
            of_network: HashMap::new(),
            in_all: 0,
        }
    }

    /// Counts a connection from `address`.
    ///
    /// # Errors
    /// `NoRoom`. Then the connection is not counted.
    pub fn open(&mut self, address: IpAddr) -> Result<(), NoRoom> {
        let network = network(address);
        if self.of_network.get(&network).copied().unwrap_or(0) >= self.caps.per_address {
            return Err(NoRoom::ForAddress);
        }
        if self.in_all >= self.caps.in_all {
            return Err(NoRoom::AtAll);
        }
        *self.of_network.entry(network).or_default() += 1;
        self.in_all += 1;
        Ok(())
    }

    /// Forgets a connection from `address` that was counted.
    pub fn close(&mut self, address: IpAddr) {
        let network = network(address);
        let Some(count) = self.of_network.get_mut(&network) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            self.of_network.remove(&network);
        }
        self.in_all -= 1;
    }
}

/// The address itself, or the first address of its /64. An IPv4 address that is written as IPv6 counts as IPv4.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & IPV6_NETWORK).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_network_can_not_use_up_the_port_and_all_together_are_limited_too() {
        let mut counts = TcpConnectionCounts::new(TcpCaps {
            per_address: 2,
            in_all: 4,
        });
        assert_eq!(counts.open(ip("2001:db8::1")), Ok(()));
        assert_eq!(counts.open(ip("2001:db8::2")), Ok(()));
        assert_eq!(counts.open(ip("2001:db8::3")), Err(NoRoom::ForAddress));
        assert_eq!(counts.open(ip("192.0.2.1")), Ok(()));
        assert_eq!(counts.open(ip("::ffff:192.0.2.1")), Ok(()));
        assert_eq!(counts.open(ip("192.0.2.1")), Err(NoRoom::ForAddress));
        assert_eq!(counts.open(ip("192.0.2.2")), Err(NoRoom::AtAll));
        counts.close(ip("2001:db8::2"));
        assert_eq!(counts.open(ip("192.0.2.2")), Ok(()));
    }

    proptest! {
        #[test]
        fn the_counts_agree_with_the_open_connections(steps in vec((any::<bool>(), 0_u8..4), 0..200)) {
            let caps = TcpCaps { per_address: 3, in_all: 7 };
            let (mut counts, mut open) = (TcpConnectionCounts::new(caps), vec![]);
            for (is_open, host) in steps {
                let address = IpAddr::from([192, 0, 2, host]);
                let of_address = open.iter().filter(|one| **one == address).count();
                if is_open {
                    let fits = of_address < caps.per_address && open.len() < caps.in_all;
                    prop_assert_eq!(counts.open(address).is_ok(), fits);
                    if fits {
                        open.push(address);
                    }
                } else if let Some(place) = open.iter().position(|one| *one == address) {
                    open.swap_remove(place);
                    counts.close(address);
                }
                prop_assert_eq!(counts.in_all, open.len());
            }
            open.into_iter().for_each(|address| counts.close(address));
            prop_assert!(counts.of_network.is_empty());
        }
    }
}
