//! Parses a network as operators write it: `10.0.0.0/8`, `2001:db8::/32`, or a single address.

use ipnet::IpNet;
use std::net::IpAddr;

/// `None` if the text is not a network, or if the address has bits set after the prefix, as in `10.0.0.7/8`. Such a text is
/// more likely a mistake than a network of 16 million addresses.
pub(super) fn parse(text: &str) -> Option<IpNet> {
    let network = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text.parse().ok()?,
    };
    (network == network.trunc()).then_some(network)
}

/// Whether the address is in the network. An IPv4-mapped IPv6 address (`::ffff:192.0.2.7`) counts as its IPv4 address.
pub(super) fn holds(network: IpNet, address: IpAddr) -> bool {
    network.contains(&address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> IpNet {
        parse(text).expect(text)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    #[test]
    fn a_network_contains_the_addresses_with_its_prefix() {
        for (inside, outside, of) in [
            ("10.255.0.1", "11.0.0.1", "10.0.0.0/8"),
            ("192.0.2.7", "192.0.2.8", "192.0.2.7"),
            ("::ffff:192.0.2.7", "2001:db8::7", "192.0.2.0/24"),
            ("2001:db8:1::7", "2001:db9::7", "2001:db8::/32"),
            ("::1", "::2", "::1"),
        ] {
            assert!(holds(network(of), address(inside)), "{inside} in {of}");
            assert!(!holds(network(of), address(outside)), "{outside} in {of}");
        }
        assert!(holds(network("0.0.0.0/0"), address("203.0.113.7")));
        assert!(holds(network("::/0"), address("2001:db8::7")));
    }

    #[test]
    fn malformed_networks_are_refused() {
        for wrong in [
            "",
            "snug",
            "10.0.0.7/8",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "10.0.0/8",
        ] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }
}
