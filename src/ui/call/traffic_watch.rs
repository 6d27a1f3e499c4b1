//! What the page counts of the traffic of a voice connection, and whether nothing reaches the page any more. The code is pure.

use super::gap::SHORT_GAP_MAX_MS;
use crate::browser::peer::Traffic;

/// If nothing has reached the page for this many milliseconds, the connection is cut off. The server sends a report every 500 ms, and two
/// of them in a row can be lost on the way.
const QUIET_MAX_MS: f64 = 1_500.0;
/// In a page that is hidden, or on a device that sleeps, there can be minutes between two counts of packets. No more than this many
/// milliseconds of such a pause count as quiet.
const COUNTED_PAUSE_MAX_MS: f64 = 1_000.0;
/// For a browser that does not count bytes: if the server has left this many checks in a row unanswered, the connection is cut off. One
/// answer can be lost on the way. Browsers check every 1 to 3 s.
const CHECKS_MAX: u64 = 2;

/// For each direction, how many packet counts in a row have found no new packet. The page counts the packets of a connection
/// regularly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CountsWithout {
    pub sent: u32,
    pub received: u32,
}

/// What was counted on the present connection.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TrafficWatch {
    pub traffic: Traffic,
    pub counts_without: CountsWithout,
    /// How many checks in a row the server has not answered. Any packet from the server counts as an answer.
    checks_without_answer: u64,
    /// For how many milliseconds nothing has reached the page, and when it last counted; `None` before the first count.
    quiet_ms: f64,
    counted_at_ms: Option<f64>,
    /// Whether the browser has counted bytes on this connection. If it then counts none, it has lost the path.
    has_counted_bytes: bool,
    /// When the page last knew that the connection works.
    heard_at_ms: f64,
}

impl TrafficWatch {
    /// Forgets the counts, because the connection is closed. It is still known when the page last knew that the connection works.
    pub fn forget(&mut self) {
        *self = Self {
            heard_at_ms: self.heard_at_ms,
            ..Self::default()
        };
    }

    /// Notes that the connection works.
    pub fn note_life(&mut self, now_ms: f64) {
        (self.quiet_ms, self.heard_at_ms) = (0.0, now_ms);
    }

    /// When the page last knew that the connection works. While a device sleeps, nobody looks.
    pub fn heard_at_ms(&self) -> f64 {
        self.heard_at_ms
    }

    /// Whether nothing reaches the page any more.
    pub fn is_quiet(&self) -> bool {
        match self.has_counted_bytes {
            true => self.quiet_ms >= QUIET_MAX_MS,
            false => self.checks_without_answer >= CHECKS_MAX,
        }
    }

    /// Whether the last count was longer ago than a short gap, because the device has slept.
    pub fn has_slept(&self, now_ms: f64) -> bool {
        self.counted_at_ms
            .is_some_and(|at_ms| now_ms > at_ms + SHORT_GAP_MAX_MS)
    }

    /// Nobody knows whether the connection still works, so it counts as quiet until the next count.
    pub fn doubt(&mut self) {
        self.quiet_ms = QUIET_MAX_MS;
        // A browser that counts no checks either would never show that the connection works.
        if self.traffic.checks > 0 {
            self.checks_without_answer = self.checks_without_answer.max(CHECKS_MAX);
        }
    }

    /// Notes what the page counts now.
    pub fn note(&mut self, traffic: Traffic, now_ms: f64) {
        let without = |before: u64, now: u64, counts: u32| if now > before { 0 } else { counts + 1 };
        self.counts_without = CountsWithout {
            sent: without(self.traffic.sent, traffic.sent, self.counts_without.sent),
            received: without(self.traffic.received, traffic.received, self.counts_without.received),
        };
        let is_answered = traffic.received > self.traffic.received || traffic.answers > self.traffic.answers;
        self.checks_without_answer = match is_answered {
            true => 0,
            false => self.checks_without_answer + traffic.checks.saturating_sub(self.traffic.checks),
        };
        let passed_ms = now_ms - self.counted_at_ms.unwrap_or(now_ms);
        // After a restart, the bytes of the new path are counted from 0. No bytes at all are no sign of life.
        let is_quiet = !is_answered && (traffic.bytes == self.traffic.bytes || traffic.bytes == 0);
        // What was counted after a sleep has perhaps arrived before it.
        let has_slept = self.has_slept(now_ms);
        self.has_counted_bytes |= traffic.bytes > 0;
        self.counted_at_ms = Some(now_ms);
        self.traffic = traffic;
        if has_slept {
            self.doubt();
        } else if is_quiet {
            self.quiet_ms += passed_ms.clamp(0.0, COUNTED_PAUSE_MAX_MS);
        } else {
            self.note_life(now_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(bytes: u64) -> Traffic {
        Traffic {
            bytes,
            ..Traffic::default()
        }
    }

    #[test]
    fn a_connection_without_new_bytes_is_quiet_after_a_second_and_a_half() {
        let mut watch = TrafficWatch::default();
        for at_ms in [0.0, 500.0, 1_000.0] {
            watch.note(bytes(1_000), at_ms);
            assert!(!watch.is_quiet(), "{at_ms}");
        }
        watch.note(bytes(1_000), 1_500.0);
        assert!(watch.is_quiet());
        assert_eq!(watch.heard_at_ms(), 0.0);
        watch.note(bytes(1_100), 1_900.0);
        assert!(!watch.is_quiet());
        assert_eq!(watch.heard_at_ms(), 1_900.0);
    }

    #[test]
    fn of_a_long_pause_between_two_counts_one_second_counts_as_quiet() {
        let mut watch = TrafficWatch::default();
        watch.note(bytes(1_000), 0.0);
        watch.note(bytes(1_000), 10_000.0);
        assert!(!watch.is_quiet());
        watch.note(bytes(1_000), 10_500.0);
        assert!(watch.is_quiet());
    }

    #[test]
    fn a_closed_connection_leaves_only_the_time_when_it_last_worked() {
        let mut watch = TrafficWatch::default();
        watch.note(bytes(1_000), 400.0);
        watch.note(bytes(1_000), 800.0);
        watch.forget();
        let only_the_time = TrafficWatch {
            heard_at_ms: 400.0,
            ..TrafficWatch::default()
        };
        assert_eq!(watch, only_the_time);
    }
}
