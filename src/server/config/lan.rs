//! `snug serve --lan`: for the local network, with a certificate of our own.

use std::net::IpAddr;

/// The machine's place in its network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanSetup {
    /// The address that others in the network use.
    pub address: IpAddr,
    /// All addresses of the machine.
    pub all: Vec<IpAddr>,
}

impl LanSetup {
    /// The addresses and `localhost`, as hosts of a URL, the one for others first.
    pub fn hosts(&self) -> Vec<String> {
        let mut hosts = vec![host(self.address)];
        for name in self
            .all
            .iter()
            .map(|address| host(*address))
            .chain(["localhost".to_owned()])
        {
            if !hosts.contains(&name) {
                hosts.push(name);
            }
        }
        hosts
    }
}

/// An address as the host of a URL: IPv6 in brackets.
pub(super) fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_named_once_and_the_one_for_others_first() {
        let read = |text: &str| text.parse().expect("an address");
        let lan = LanSetup {
            address: read("192.168.1.5"),
            all: ["127.0.0.1", "192.168.1.5", "fd00::5"].map(read).into(),
        };
        assert_eq!(lan.hosts(), ["192.168.1.5", "127.0.0.1", "[fd00::5]", "localhost"]);
    }
}
