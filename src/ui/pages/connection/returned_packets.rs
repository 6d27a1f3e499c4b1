//! How many packets of sound have come back from the server, and how many have not. The code is pure.

/// If fewer packets than this should have come back, their loss says nothing. A voice sends as many in half a second.
const ENOUGH: u64 = 25;
/// If less than this share of the packets that were sent has come back or is missing by its number, the sound has stopped coming back.
const STOPPED_DIVISOR: u64 = 4;

/// The packets of some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReturnedPackets {
    /// How many were sent, and packets that have only padding. The server sends none of those back.
    pub sent: u64,
    pub received: u64,
    /// How many are missing between the first and the last one that came back, by their numbers.
    pub missing: u64,
}

impl ReturnedPackets {
    /// How many packets should have come back: those with the numbers from the first to the last one that did (RFC 3550 appendix A.3). What
    /// was sent is no measure, because of the padding, and because the newest packets are still on their way. Only if almost nothing of it
    /// came back, all of it counts.
    pub fn expected(self) -> u64 {
        let numbered = self.received + self.missing;
        match numbered * STOPPED_DIVISOR < self.sent {
            true => self.sent,
            false => numbered,
        }
    }

    /// The share of packets that were lost, in percent. `None` if there were too few packets to say.
    pub fn lost_percent(self) -> Option<u64> {
        let expected = self.expected();
        (expected >= ENOUGH).then(|| (expected - self.received) * 100 / expected)
    }
}

/// What came back by one way: the way itself, its round trip and its loss.
pub fn came_back(way: &str, round_trip_ms: Option<f64>, lost_percent: Option<u64>) -> String {
    let round_trip = round_trip_ms.map(|ms| format!(", round trip {} ms", ms.round() as u64));
    let lost = lost_percent.map(|lost| format!(", {lost} % lost"));
    format!(
        "Connected {way}{}{}.",
        round_trip.unwrap_or_default(),
        lost.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(sent: u64, received: u64, missing: u64) -> ReturnedPackets {
        ReturnedPackets {
            sent,
            received,
            missing,
        }
    }

    #[test]
    fn what_came_back_has_only_what_was_measured() {
        assert_eq!(came_back("by UDP", None, None), "Connected by UDP.");
        assert_eq!(
            came_back("by TCP", Some(12.4), Some(3)),
            "Connected by TCP, round trip 12 ms, 3 % lost."
        );
    }

    #[test]
    fn padding_and_packets_on_their_way_are_no_loss() {
        // 75 packets of sound and 16 of padding were sent, and the last two are still on their way.
        assert_eq!(packets(91, 73, 0).lost_percent(), Some(0));
        assert_eq!(packets(91, 73, 0).expected(), 73);
        // Somebody who hardly speaks: eight packets of silence, and a burst of padding.
        assert_eq!(packets(24, 8, 0).expected(), 8);
    }

    #[test]
    fn what_is_missing_between_the_first_and_the_last_packet_is_lost() {
        assert_eq!(packets(100, 97, 3).lost_percent(), Some(3));
        assert_eq!(packets(40, 20, 20).lost_percent(), Some(50));
    }

    #[test]
    fn if_almost_nothing_comes_back_everything_that_was_sent_counts() {
        assert_eq!(packets(100, 0, 0).lost_percent(), Some(100));
        assert_eq!(packets(100, 20, 0).lost_percent(), Some(80), "it stopped after 0.4 s");
    }

    #[test]
    fn too_few_packets_say_nothing() {
        for few in [
            packets(0, 0, 0),
            packets(5, 5, 0),
            packets(24, 0, 0),
            packets(40, 20, 4),
        ] {
            assert_eq!(few.lost_percent(), None, "{few:?}");
        }
    }
}
