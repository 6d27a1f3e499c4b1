//! The addresses of this machine, and whether an address that people use is one of them.

use crate::server::{own_network, voice_addresses::is_private};
use std::net::IpAddr;

/// All addresses of this machine's network interfaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnAddresses(Vec<IpAddr>);

impl OwnAddresses {
    pub fn read() -> Self {
        Self(own_network::addresses())
    }

    #[cfg(test)]
    pub fn for_tests(addresses: &[&str]) -> Self {
        Self(addresses.iter().map(|text| text.parse().expect("an address")).collect())
    }

    /// Whether packets to this address stay on this machine.
    pub fn holds(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.0.contains(&address)
    }

    /// A public address of this machine, of the same version of IP as `like`. If there is one, no router translates addresses, so people
    /// can reach this machine only at its own addresses.
    pub fn public_like(&self, like: IpAddr) -> Option<IpAddr> {
        let is_public = |address: &&IpAddr| address.is_ipv4() == like.is_ipv4() && !is_private(**address);
        self.0.iter().find(is_public).copied()
    }

    /// An address that a router can forward a port to, for advice.
    pub fn to_forward_to(&self) -> String {
        let is_usable = |address: &&IpAddr| address.is_ipv4() && !address.is_loopback();
        let found = self.0.iter().find(is_usable);
        found.map_or_else(|| "this machine".to_owned(), ToString::to_string)
    }
}

/// The sentence about an address behind a router that has not answered.
pub fn hairpin_sentence(what: &str) -> String {
    format!(
        "Nothing answers at {what}, as far as this machine can see. Either the router does not forward the port, or the router does not let \
         this machine reach its own public address (hairpin NAT), which hides the answer."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_found_for_its_own_version_of_ip() {
        let own = OwnAddresses::for_tests(&["127.0.0.1", "192.168.1.5", "2001:db8::5", "fe80::1"]);
        let ask = |text: &str| own.public_like(text.parse().expect("an address"));
        assert_eq!(ask("203.0.113.7"), None, "behind a router");
        assert_eq!(ask("2001:db8::9"), "2001:db8::5".parse().ok());
        assert_eq!(own.to_forward_to(), "192.168.1.5");
    }

    #[test]
    fn loopback_addresses_are_always_ours() {
        let own = OwnAddresses::for_tests(&["192.168.1.5"]);
        let holds = |text: &str| own.holds(text.parse().expect("an address"));
        assert!(holds("127.8.0.1") && holds("192.168.1.5") && !holds("192.168.1.6"));
    }
}
