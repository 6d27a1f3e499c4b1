//! What the server tells about one voice connection while a sheet about it is open. The code is pure.

use crate::model::{
    id::UserId,
    voice_facts::{VoiceFacts, VoicePath},
};
use std::collections::VecDeque;

/// The server sends one reading in a second. The rates are computed from the last five seconds.
const READINGS_MAX: usize = 6;

/// The person about whom the page asks, and the last readings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WatchedFacts {
    of: Option<UserId>,
    readings: VecDeque<VoiceFacts>,
    /// Whether the server has said that the person has no voice connection.
    is_unplugged: bool,
}

/// The readings in numbers that people understand. Rates and losses are those of the time between the first and the last reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoiceRates {
    pub path: Option<VoicePath>,
    /// `None` before the second reading, like `out_per_s`.
    pub in_per_s: Option<u64>,
    /// `None` if no packet was due, so that nobody knows.
    pub lost_in_percent: Option<u64>,
    pub out_per_s: Option<u64>,
    pub lost_out_percent: Option<u8>,
    pub last_in_ms: Option<u64>,
    pub loudest_dbov: Option<i8>,
}

impl WatchedFacts {
    pub fn of(&self) -> Option<&UserId> {
        self.of.as_ref()
    }

    /// Begins to watch `of`, or ends that.
    pub fn watch(&mut self, of: Option<UserId>) {
        *self = Self { of, ..Self::default() };
    }

    /// Notes what the server tells about `of`.
    pub fn note(&mut self, of: &UserId, facts: Option<VoiceFacts>) {
        if self.of() != Some(of) {
            return;
        }
        self.is_unplugged = facts.is_none();
        let Some(facts) = facts else {
            self.readings.clear();
            return;
        };
        let before = self.readings.back();
        if before.is_some_and(|before| is_other_connection(before, &facts)) {
            self.readings.clear();
        }
        if self.readings.len() == READINGS_MAX {
            self.readings.pop_front();
        }
        self.readings.push_back(facts);
    }

    /// Whether the person has no voice connection.
    pub fn is_unplugged(&self) -> bool {
        self.is_unplugged
    }

    /// `None` before the first reading.
    pub fn rates(&self) -> Option<VoiceRates> {
        let (first, last) = (self.readings.front()?, self.readings.back()?);
        let seconds = self.readings.len() as u64 - 1;
        let arrived = last.packets_in - first.packets_in;
        // Packets that were missing in the first reading may have arrived late.
        let lost = last.lost_in.saturating_sub(first.lost_in);
        Some(VoiceRates {
            path: last.path,
            in_per_s: arrived.checked_div(seconds),
            lost_in_percent: (lost * 100).checked_div(lost + arrived),
            out_per_s: (last.packets_out - first.packets_out).checked_div(seconds),
            lost_out_percent: last.lost_out_percent,
            last_in_ms: last.last_in_ms,
            loudest_dbov: last.loudest_dbov,
        })
    }
}

/// Whether the two readings are of two connections, which count from 0 each.
fn is_other_connection(before: &VoiceFacts, now: &VoiceFacts) -> bool {
    before.connection != now.connection || now.packets_in < before.packets_in || now.packets_out < before.packets_out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> UserId {
        UserId::parse("abcdefghij").expect("an id")
    }

    fn facts(packets_in: u64, lost_in: u64) -> VoiceFacts {
        VoiceFacts {
            connection: 1,
            path: Some(VoicePath::Udp),
            packets_in,
            lost_in,
            packets_out: packets_in * 2,
            lost_out_percent: Some(1),
            last_in_ms: Some(20),
            loudest_dbov: Some(-30),
        }
    }

    #[test]
    fn rates_are_those_of_the_last_five_seconds() {
        let mut watched = WatchedFacts::default();
        watched.watch(Some(ada()));
        assert_eq!(watched.rates(), None);
        for second in 0..20 {
            // In the first ten seconds, nothing arrives.
            let arrived = u64::max(second, 10) - 10;
            watched.note(&ada(), Some(facts(arrived * 45, arrived * 5)));
        }
        let rates = watched.rates().expect("readings");
        assert_eq!(
            (rates.in_per_s, rates.lost_in_percent, rates.out_per_s),
            (Some(45), Some(10), Some(90))
        );
    }

    #[test]
    fn nothing_is_said_before_it_is_known() {
        let mut watched = WatchedFacts::default();
        watched.watch(Some(ada()));
        let rates = |watched: &WatchedFacts| watched.rates().map(|rates| (rates.in_per_s, rates.lost_in_percent));
        watched.note(&ada(), Some(facts(100, 50)));
        assert_eq!(rates(&watched), Some((None, None)), "one reading has no duration");
        watched.note(&ada(), Some(facts(100, 50)));
        assert_eq!(rates(&watched), Some((Some(0), None)), "no packet was due");
        watched.note(&ada(), Some(facts(200, 49)));
        assert_eq!(rates(&watched), Some((Some(50), Some(0))), "a packet came late");
    }

    #[test]
    fn packets_of_two_devices_are_never_compared() {
        let mut watched = WatchedFacts::default();
        watched.watch(Some(ada()));
        watched.note(&ada(), Some(facts(100, 0)));
        let phone = VoiceFacts {
            connection: 2,
            ..facts(5_000, 900)
        };
        watched.note(&ada(), Some(phone));
        assert_eq!(watched.rates().and_then(|rates| rates.in_per_s), None);
        watched.note(
            &ada(),
            Some(VoiceFacts {
                packets_in: 5_050,
                ..phone
            }),
        );
        let rates = watched.rates().expect("readings");
        assert_eq!((rates.in_per_s, rates.lost_in_percent), (Some(50), Some(0)));
    }

    #[test]
    fn another_connection_begins_again_and_other_people_do_not_count() {
        let mut watched = WatchedFacts::default();
        watched.watch(Some(ada()));
        watched.note(&ada(), Some(facts(1_000, 0)));
        watched.note(&ada(), Some(facts(50, 0)));
        assert_eq!(watched.rates().map(|rates| rates.in_per_s), Some(None));
        watched.note(&ada(), None);
        assert!(watched.is_unplugged() && watched.rates().is_none());
        let ben = UserId::parse("klmnopqrst").expect("an id");
        watched.note(&ben, Some(facts(7, 0)));
        assert_eq!(watched.rates(), None);
    }
}
