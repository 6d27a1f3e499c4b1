//! Counts how refreshes of the sign-in ended.

use super::voice::counting::EventCounter;

/// How a refresh ended. `docs/sessions.md` explains the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshResult {
    /// The browser got a new refresh token.
    Rotated,
    /// The refresh token was too new to be replaced, so the browser got only a new access token.
    Kept,
    /// The browser got the successor of its token again, because the first answer may have been lost.
    SentAgain,
    /// The session was over.
    Ended,
    /// A superseded token was used again, so its session was ended.
    Reused,
    /// This server did not make the token.
    Unknown,
    /// The database could not be reached, or there was a fault.
    Failed,
}

impl RefreshResult {
    pub const ALL: [Self; 7] = [
        Self::Rotated,
        Self::Kept,
        Self::SentAgain,
        Self::Ended,
        Self::Reused,
        Self::Unknown,
        Self::Failed,
    ];

    /// The name in the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rotated => "rotated",
            Self::Kept => "kept",
            Self::SentAgain => "sent_again",
            Self::Ended => "ended",
            Self::Reused => "reused",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }
}

/// How many refreshes ended in each way.
#[derive(Debug, Default)]
pub struct RefreshOutcomes([EventCounter; RefreshResult::ALL.len()]);

impl RefreshOutcomes {
    pub fn count(&self, outcome: RefreshResult) {
        self.0[outcome as usize].add(1);
    }

    pub fn get(&self, outcome: RefreshResult) -> u64 {
        self.0[outcome as usize].get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_a_count_of_its_own() {
        let outcomes = RefreshOutcomes::default();
        for (times, outcome) in (1..).zip(RefreshResult::ALL) {
            (0..times).for_each(|_| outcomes.count(outcome));
        }
        let counts = RefreshResult::ALL.map(|outcome| outcomes.get(outcome));
        assert_eq!(counts, [1, 2, 3, 4, 5, 6, 7]);
    }
}
