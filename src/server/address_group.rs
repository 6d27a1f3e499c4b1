//! How addresses are grouped for limits on connections, sockets and signals.
//!
//! A household or a rented server usually gets a whole /64 of IPv6, and can use a new address from the /64 for every connection.
//! So all addresses of a /64 share one limit. Each IPv4 address has its own limit. Limits on e-mails and guests use larger
//! networks (`Visit::ip_prefix`), because these limits are about many accounts and not about one machine.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

/// The addresses that share one limit: a single IPv4 address, or a /64 of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressGroup(IpAddr);

/// The first 64 of the 128 bits.
const IPV6_NETWORK: u128 = (u64::MAX as u128) << 64;

impl AddressGroup {
    /// The group of `address`. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) counts as the IPv4 address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.into()),
            IpAddr::V6(v6) => Self(Ipv6Addr::from_bits(v6.to_bits() & IPV6_NETWORK).into()),
        }
    }

    /// One address that represents the whole group: the IPv4 address, or the first address of the /64.
    pub fn first_address(self) -> IpAddr {
        self.0
    }
}

impl fmt::Display for AddressGroup {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => write!(out, "{v4}"),
            IpAddr::V6(v6) => write!(out, "{v6}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(address: &str) -> String {
        AddressGroup::of(address.parse().expect("an address")).to_string()
    }

    #[test]
    fn ipv6_counts_by_64_bits_and_ipv4_by_address() {
        for (address, wanted) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::1", "::/64"),
        ] {
            assert_eq!(group(address), wanted, "{address}");
        }
    }

    #[test]
    fn the_first_address_of_a_group_is_in_it() {
        for address in ["192.0.2.1", "2001:db8:1:2:3:4:5:6"] {
            let group = AddressGroup::of(address.parse().expect("an address"));
            assert_eq!(AddressGroup::of(group.first_address()), group);
        }
    }
}
