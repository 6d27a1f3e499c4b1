//! A device on the settings page. Each device is one session of the person.

use crate::model::{id::SessionId, time_words::ago};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: SessionId,
    /// The browser and the operating system.
    pub name: String,
    /// The network from which the device signed in: the /24 network of its IPv4 address, or the /48 network of its IPv6 address.
    pub network: String,
    /// Whether this is the network from which the list was asked for.
    pub same_network: bool,
    /// Seconds since the device's last request, by the server's clock.
    pub seen_ago_s: u32,
    /// Whether this is the device that asked for the list.
    pub this_one: bool,
}

impl Device {
    /// The network from which the device signed in, in words: "this network" or "network 203.0.113.…".
    pub fn network_words(&self) -> String {
        if self.same_network {
            return "this network".to_owned();
        }
        // The last part of the address and the length of the prefix mean nothing to most people.
        let address = self.network.split('/').next().unwrap_or_default();
        let known = match address.strip_suffix("::") {
            Some(ipv6) => format!("{ipv6}:"),
            None => address.strip_suffix('0').unwrap_or(address).to_owned(),
        };
        format!("network {known}…")
    }
}

/// When a device was last seen, `seconds` ago, in words. An open page sends a request every ten minutes, so nothing more precise is known.
pub fn seen_ago(seconds: u32) -> String {
    match seconds {
        0..=599 => "just now".to_owned(),
        _ => ago(seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_this_one_or_the_beginning_of_an_address() {
        let words = |network: &str, same_network| {
            let device = Device {
                id: SessionId::parse("session-ada").expect("an id"),
                name: "Chrome on Windows".into(),
                network: network.into(),
                same_network,
                seen_ago_s: 0,
                this_one: false,
            };
            device.network_words()
        };
        assert_eq!(words("127.0.0.0/24", true), "this network");
        assert_eq!(words("203.0.113.0/24", false), "network 203.0.113.…");
        assert_eq!(words("2001:db8:10::/48", false), "network 2001:db8:10:…");
    }

    #[test]
    fn a_device_that_was_seen_within_ten_minutes_was_seen_just_now() {
        let words = [0, 599, 600, 5_400].map(seen_ago);
        assert_eq!(words, ["just now", "just now", "10 minutes ago", "2 hours ago"]);
    }
}
