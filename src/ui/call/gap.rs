//! The gap in which nobody hears you because the connection is cut off, and whether it is long. The code is pure.

/// After a gap of at most this many milliseconds, your microphone is as it was before. People who talk in a train do not notice a tunnel of
/// this length, and whoever has read that the page reconnects expects to be heard again.
pub const SHORT_GAP_MAX_MS: f64 = 15_000.0;

/// The present gap, if there is one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gap {
    since_ms: Option<f64>,
    is_long: bool,
    /// How many gaps have begun. A timer of an older gap says nothing about this one.
    number: u32,
}

/// What has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapNews {
    Nothing,
    /// The gap with this number has begun, and becomes long in `long_in_ms` milliseconds.
    Begun {
        gap: u32,
        long_in_ms: u32,
    },
    /// The gap has become long.
    Long,
}

impl Gap {
    /// Notes whether you are cut off now; if so, a gap begins at `heard_at_ms`, the last time when you were not. The end of a gap is no
    /// news, but if it was long and nobody has noticed that yet, this is.
    pub fn note(&mut self, is_cut_off: bool, heard_at_ms: f64, now_ms: f64) -> GapNews {
        let Some(since_ms) = self.since_ms else {
            if !is_cut_off {
                return GapNews::Nothing;
            }
            self.since_ms = Some(heard_at_ms);
            self.number += 1;
            return GapNews::Begun {
                gap: self.number,
                long_in_ms: (heard_at_ms + SHORT_GAP_MAX_MS - now_ms).max(0.0) as u32,
            };
        };
        let becomes_long = !self.is_long && now_ms > since_ms + SHORT_GAP_MAX_MS;
        self.is_long |= becomes_long;
        if !is_cut_off {
            (self.since_ms, self.is_long) = (None, false);
        }
        if becomes_long { GapNews::Long } else { GapNews::Nothing }
    }

    /// Begins the present gap again, because you have unmuted in it. Returns its new number; `None` if there is no gap.
    pub fn begin_again(&mut self, now_ms: f64) -> Option<u32> {
        self.since_ms?;
        (self.since_ms, self.is_long) = (Some(now_ms), false);
        self.number += 1;
        Some(self.number)
    }

    /// The timer of the gap with this number is over. Returns whether that gap has become long now.
    pub fn lengthen(&mut self, gap: u32) -> bool {
        let becomes_long = self.since_ms.is_some() && self.number == gap && !self.is_long;
        self.is_long |= becomes_long;
        becomes_long
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_becomes_long_once_by_the_clock_or_by_its_own_timer() {
        let mut gap = Gap::default();
        let begun = |gap, long_in_ms| GapNews::Begun { gap, long_in_ms };
        assert_eq!(gap.note(false, 0.0, 0.0), GapNews::Nothing);
        assert_eq!(gap.note(true, 1_000.0, 2_500.0), begun(1, 13_500));
        assert_eq!(gap.note(true, 1_000.0, 16_000.0), GapNews::Nothing);
        assert_eq!(gap.note(false, 16_001.0, 16_001.0), GapNews::Long, "it ended too late");
        assert!(!gap.lengthen(1), "it is over");
        assert_eq!(gap.note(true, 20_000.0, 20_000.0), begun(2, 15_000));
        assert!(!gap.lengthen(1) && gap.lengthen(2) && !gap.lengthen(2));
        assert_eq!(
            gap.note(true, 20_000.0, 90_000.0),
            GapNews::Nothing,
            "it is long already"
        );
        assert_eq!(gap.note(false, 90_000.0, 90_001.0), GapNews::Nothing);
    }

    #[test]
    fn a_gap_in_which_you_unmute_becomes_long_again() {
        let mut gap = Gap::default();
        assert_eq!(gap.begin_again(0.0), None);
        gap.note(true, 0.0, 0.0);
        assert!(gap.lengthen(1));
        assert_eq!(gap.begin_again(20_000.0), Some(2));
        assert!(!gap.lengthen(1), "the timer of the time before");
        assert_eq!(gap.note(true, 0.0, 35_000.0), GapNews::Nothing);
        assert_eq!(gap.note(true, 0.0, 35_001.0), GapNews::Long);
    }

    #[test]
    fn a_device_that_slept_has_a_long_gap_at_once() {
        let mut gap = Gap::default();
        let begun = GapNews::Begun { gap: 1, long_in_ms: 0 };
        assert_eq!(gap.note(true, 1_000.0, 3_600_000.0), begun);
        assert_eq!(gap.note(false, 3_600_001.0, 3_600_001.0), GapNews::Long);
    }
}
