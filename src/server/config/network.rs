//! A network: an address with the length of its prefix, as operators write it (`10.0.0.0/8`, `2001:db8::/32`, `127.0.0.1`).

use std::{fmt, net::IpAddr, str::FromStr};

/// The addresses that share the first `prefix` bits of `address`; a bare address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let apart = ours.to_bits() ^ theirs.to_bits();
                apart.checked_shr(32 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let apart = ours.to_bits() ^ theirs.to_bits();
                apart.checked_shr(128 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = ();

    /// Refuses bits after the prefix: `10.0.0.7/8` is more likely a slip than a network of 16 million.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| ())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        let host_bits = match address {
            IpAddr::V4(v4) => v4.to_bits().checked_shl(prefix.into()).unwrap_or(0) != 0,
            IpAddr::V6(v6) => v6.to_bits().checked_shl(prefix.into()).unwrap_or(0) != 0,
        };
        (prefix <= longest && !host_bits)
            .then_some(Self { address, prefix })
            .ok_or(())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().expect(text)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    #[test]
    fn a_network_holds_what_shares_its_prefix() {
        for (inside, outside, of) in [
            ("10.255.0.1", "11.0.0.1", "10.0.0.0/8"),
            ("192.0.2.7", "192.0.2.8", "192.0.2.7"),
            ("::ffff:192.0.2.7", "2001:db8::7", "192.0.2.0/24"),
            ("2001:db8:1::7", "2001:db9::7", "2001:db8::/32"),
            ("::1", "::2", "::1"),
        ] {
            assert!(network(of).contains(address(inside)), "{inside} in {of}");
            assert!(!network(of).contains(address(outside)), "{outside} in {of}");
        }
        assert!(network("0.0.0.0/0").contains(address("203.0.113.7")));
        assert!(network("::/0").contains(address("2001:db8::7")));
    }

    #[test]
    fn what_is_no_network_is_refused() {
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
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_listed_proxies_are_believed() {
        let config = |file| {
            crate::server::config::Config::load(file, [])
                .expect("a good one")
                .config
        };
        assert!(!config("").trusts(address("127.0.0.1")));
        let some = config("[snug.public]\nproxies = [\"127.0.0.0/8\"]\n");
        assert!(some.trusts(address("127.0.0.1")) && !some.trusts(address("203.0.113.7")));
    }
}
