//! Notices when the wall clock jumps, by comparing it with the monotonic clock, and decides which tokens are still alive after a jump.
//!
//! The wall clock jumps when NTP corrects it, when somebody sets it, and after a suspend: on Linux the monotonic clock stands still
//! while the machine sleeps. Until a jump has been over for long enough, differences of unix times say nothing about how much time
//! has really passed.

use std::{collections::VecDeque, sync::Arc};

/// Smaller differences between the two clocks are no jump: both are read in whole seconds, and NTP may change the speed of the
/// wall clock by one part in 2,000. The times in the rules of token rotation have more than this in reserve.
const JUMP_S: u64 = 5;

/// How many earlier eras are remembered. Tokens are alive for ten minutes only, so older eras matter to nobody.
const EARLIER_MAX: usize = 64;

/// Both clocks at one moment, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub unix_s: i64,
    /// Seconds on the monotonic clock, since the server started.
    pub elapsed_s: i64,
}

/// The jumps of the wall clock since the server started.
///
/// An *era* is the time from one jump back to the next, or from the start of the server. Within an era, the wall clock never shows
/// the same time twice. So a unix time and its era together name one moment, which a unix time alone does not.
#[derive(Debug)]
pub struct ClockJumps {
    /// The unix time at which the monotonic clock read 0, by the current wall clock.
    offset_s: i64,
    /// The time of the last jump, on the monotonic clock.
    jumped_at_s: Option<i64>,
    era: Arc<str>,
    /// When the server started, on the monotonic clock.
    started_s: i64,
    /// The eras before, newest first.
    earlier: VecDeque<EarlierEra>,
}

#[derive(Debug)]
struct EarlierEra {
    name: Arc<str>,
    /// The unix time at which the monotonic clock read 0, by the wall clock of that era.
    offset_s: i64,
}

impl ClockJumps {
    /// No jump so far. `era` is the name of the first era.
    pub fn new(now: Reading, era: Arc<str>) -> Self {
        Self {
            offset_s: now.unix_s - now.elapsed_s,
            jumped_at_s: None,
            era,
            started_s: now.elapsed_s,
            earlier: VecDeque::new(),
        }
    }

    /// Compares the clocks. `new_era` makes the name of the era that a jump back begins.
    pub fn note(&mut self, now: Reading, new_era: impl FnOnce() -> Arc<str>) {
        let offset_s = now.unix_s - now.elapsed_s;
        if offset_s.abs_diff(self.offset_s) < JUMP_S {
            return;
        }
        if offset_s < self.offset_s {
            self.earlier.push_front(EarlierEra {
                name: std::mem::replace(&mut self.era, new_era()),
                offset_s: self.offset_s,
            });
            self.earlier.truncate(EARLIER_MAX);
        }
        (self.offset_s, self.jumped_at_s) = (offset_s, Some(now.elapsed_s));
    }

    pub fn era(&self) -> Arc<str> {
        self.era.clone()
    }

    /// Whether the wall clock has not jumped for this number of seconds, as far as we know.
    pub fn is_steady_for(&self, seconds: i64, now: Reading) -> bool {
        self.jumped_at_s.is_none_or(|at_s| now.elapsed_s - at_s >= seconds)
    }

    /// Whether a token is still alive. The token lives for `life_s` seconds, was made in the era `era`, and expires at `expires_at` by
    /// the wall clock of that era. A token of an earlier era lives for the seconds that it had left when the era ended. A token of
    /// an unknown era is from before the server started. How long it has left is not known, so it lives for at most `life_s` after
    /// the start.
    pub fn is_alive(&self, era: &str, expires_at: i64, life_s: i64, now: Reading) -> bool {
        if *era == *self.era {
            return now.unix_s < expires_at;
        }
        if let Some(earlier) = self.earlier.iter().find(|earlier| *era == *earlier.name) {
            return earlier.offset_s + now.elapsed_s < expires_at;
        }
        let left_s = expires_at - now.unix_s;
        // The time counts from the start, not from the last jump back. Otherwise a jump back would extend the token.
        let since_start_s = now.elapsed_s - self.started_s;
        left_s > 0 && left_s <= life_s && since_start_s < life_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_700_000_000;
    const LIFE_S: i64 = 600;

    fn at(elapsed_s: i64, jump_s: i64) -> Reading {
        Reading {
            unix_s: START + elapsed_s + jump_s,
            elapsed_s,
        }
    }

    fn jumps() -> ClockJumps {
        ClockJumps::new(at(0, 0), "first".into())
    }

    /// A clock that has jumped by `jump_s` when the monotonic clock read `at_s`.
    fn jumped(at_s: i64, jump_s: i64) -> ClockJumps {
        let mut jumps = jumps();
        jumps.note(at(at_s, jump_s), || "second".into());
        jumps
    }

    #[test]
    fn a_clock_that_jumped_is_steady_again_after_the_time() {
        assert!(jumps().is_steady_for(120, at(0, 0)));
        for jump_s in [3_600, -3_600, -86_400, 5, -5] {
            let jumps = jumped(1_000, jump_s);
            assert!(!jumps.is_steady_for(120, at(1_119, jump_s)), "{jump_s}");
            assert!(jumps.is_steady_for(120, at(1_120, jump_s)), "{jump_s}");
        }
        assert!(jumped(1_000, 4).is_steady_for(120, at(1_000, 4)), "no jump");
    }

    #[test]
    fn only_a_jump_back_begins_an_era() {
        assert_eq!(&*jumped(10, 3_600).era(), "first");
        assert_eq!(&*jumped(10, -3_600).era(), "second");
    }

    /// How many seconds a token lives: from 1,000 s, when it is made, to the end of the last second in which it is accepted. The clock
    /// jumps at `jump_at_s`, and the token is tried in every second of two days.
    fn accepted_until(jump_at_s: i64, jump_s: i64) -> i64 {
        let (mut jumps, mut last) = (jumps(), 0);
        let expires_at = at(1_000, 0).unix_s + LIFE_S;
        for elapsed_s in 1_000..1_000 + 2 * 86_400 {
            let now = at(elapsed_s, if elapsed_s >= jump_at_s { jump_s } else { 0 });
            jumps.note(now, || "second".into());
            if jumps.is_alive("first", expires_at, LIFE_S, now) {
                last = elapsed_s - 1_000 + 1;
            }
        }
        last
    }

    #[test]
    fn a_jump_extends_no_token() {
        for jump_s in [-3_600, -86_400] {
            for jump_at_s in [1_001, 1_300, 1_599, 1_600, 3_000, 50_000] {
                assert_eq!(accepted_until(jump_at_s, jump_s), LIFE_S, "{jump_s} at {jump_at_s}");
            }
        }
        assert_eq!(accepted_until(1_300, 3_600), 300, "the clock says that it is over");
    }

    #[test]
    fn a_second_jump_extends_no_token_either() {
        let mut jumps = jumped(1_000, -3_600);
        let expires_at = at(1_000, 0).unix_s + LIFE_S;
        // Twenty hours later, the clock jumps back to the time at which the token was made.
        let later_s = 1_000 + 72_000;
        let now = at(later_s, -72_000);
        jumps.note(now, || "third".into());
        assert_eq!(now.unix_s, expires_at - LIFE_S);
        assert!(!jumps.is_alive("first", expires_at, LIFE_S, now));
    }

    #[test]
    fn a_token_from_before_the_start_lives_at_most_its_lifetime_after_the_start() {
        let jumps = jumps();
        let is_alive = |expires_at, elapsed_s| jumps.is_alive("earlier", expires_at, LIFE_S, at(elapsed_s, 0));
        assert!(is_alive(START + 300, 299) && !is_alive(START + 300, 300));
        // The wall clock went back by a day while the server was down.
        let made_before_the_jump = START + 86_400 + 300;
        for elapsed_s in [0, 300, 600, 86_400, 86_699] {
            assert!(!is_alive(made_before_the_jump, elapsed_s), "{elapsed_s}");
        }
    }

    #[test]
    fn a_jump_back_extends_no_token_from_before_the_start() {
        let jumps = jumped(599, -300);
        let is_alive = |elapsed_s| jumps.is_alive("earlier", START + LIFE_S, LIFE_S, at(elapsed_s, -300));
        assert!(is_alive(599));
        for elapsed_s in [600, 601, 700, 899] {
            assert!(!is_alive(elapsed_s), "{elapsed_s}");
        }
    }
}
