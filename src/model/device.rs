//! A device on the settings page. Each device is one session of the person.

use crate::model::id::SessionId;
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

/// The time that was `seconds` ago, in words, such as "10 minutes ago".
pub fn ago(seconds: u32) -> String {
    let (many, unit) = match seconds {
        0..=599 => return "just now".to_owned(),
        600..=5_399 => (seconds / 60, "minutes"),
        5_400..=129_599 => ((seconds + 1_800) / 3_600, "hours"),
        _ => ((seconds + 43_200) / 86_400, "days"),
    };
    format!("{many} {unit} ago")
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
    fn a_time_span_has_one_unit() {
        for (seconds, words) in [
            (0, "just now"),
            (600, "10 minutes ago"),
            (5_399, "89 minutes ago"),
            (5_400, "2 hours ago"),
            (129_599, "36 hours ago"),
            (129_600, "2 days ago"),
            (90 * 86_400, "90 days ago"),
        ] {
            assert_eq!(ago(seconds), words);
        }
    }
}
