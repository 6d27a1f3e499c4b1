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
    /// Seconds since the device's last request, by the server's clock.
    pub seen_ago_s: u32,
    /// Whether this is the device that asked for the list.
    pub this_one: bool,
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
