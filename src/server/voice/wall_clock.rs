//! The wall clock as the registry sees it: which unix time belongs to a moment of the registry's own clock.
//!
//! The registry's clock counts milliseconds since the server started. It is monotonic: it never jumps, and it runs at the
//! speed of real time. The wall clock can jump either way, for example when NTP corrects it. So durations, such as the ten
//! minutes of a removal, are deadlines on the registry's clock. Unix times are used only on screen, in the log and in
//! the database. Each is computed with the latest reading of the wall clock.
//!
//! On Linux, the monotonic clock stands still while the machine is suspended. After a suspend, the wall clock has therefore
//! jumped forward by the time of the suspend, and the deadlines have not moved: a removal lasts ten minutes, not counting
//! the suspend. Nobody can talk or come in while the machine sleeps, so nobody gains or loses anything by that.

/// Smaller differences than this are no jump: both clocks are read in whole seconds, and NTP changes the speed of the wall
/// clock a little all the time.
const JUMP_S: u64 = 2;

/// The unix time at which the registry's clock read 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WallClock {
    epoch_s: i64,
}

impl WallClock {
    /// The wall clock that shows the unix time `unix_s` while the registry's clock shows `now_ms`.
    pub fn new(unix_s: i64, now_ms: u64) -> Self {
        Self {
            epoch_s: unix_s.saturating_sub(whole_s(now_ms)),
        }
    }

    /// The unix time, in seconds, when the registry's clock shows `at_ms`.
    pub fn unix_s(self, at_ms: u64) -> i64 {
        self.epoch_s.saturating_add(whole_s(at_ms))
    }

    /// Whether the wall clock must have jumped between the readings `self` and `later`.
    pub fn has_jumped_to(self, later: Self) -> bool {
        self.epoch_s.abs_diff(later.epoch_s) >= JUMP_S
    }
}

fn whole_s(ms: u64) -> i64 {
    i64::try_from(ms / 1_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_two_seconds_counts_and_rounding_does_not() {
        let clock = WallClock::new(1_700_000_000, 0);
        assert_eq!(clock.unix_s(90_999), 1_700_000_090);
        for unix_s in [1_700_000_089, 1_700_000_090, 1_700_000_091] {
            assert!(!clock.has_jumped_to(WallClock::new(unix_s, 90_000)), "{unix_s}");
        }
        for jump_s in [-86_400, -3_600, -2, 2, 3_600] {
            assert!(
                clock.has_jumped_to(WallClock::new(1_700_000_090 + jump_s, 90_000)),
                "{jump_s}"
            );
        }
    }
}
