//! A token bucket, pure: so much a second, with half a second's worth at once.

/// What is left to spend. Times are milliseconds of a clock that only goes forward.
#[derive(Debug, Clone)]
pub struct Budget {
    per_second: u64,
    /// In thousandths, so that a millisecond's share is whole.
    left: u64,
    counted_at_ms: u64,
}

impl Budget {
    /// A full bucket.
    pub fn new(per_second: u64, now_ms: u64) -> Self {
        Self {
            per_second,
            left: per_second * 500,
            counted_at_ms: now_ms,
        }
    }

    /// Spends `amount`, if so much is left; else spends nothing.
    pub fn spend(&mut self, amount: u64, now_ms: u64) -> bool {
        let passed_ms = now_ms.saturating_sub(self.counted_at_ms);
        self.counted_at_ms = self.counted_at_ms.max(now_ms);
        self.left = (self.left + passed_ms.saturating_mul(self.per_second)).min(self.per_second * 500);
        let enough = self.left >= amount * 1_000;
        if enough {
            self.left -= amount * 1_000;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_spender_gets_through_and_a_flood_does_not() {
        let mut budget = Budget::new(100, 0);
        assert!((0..500).all(|turn| budget.spend(1, turn * 20)), "50 a second");
        let mut budget = Budget::new(100, 0);
        let passed = (0..10_000).filter(|turn| budget.spend(1, turn / 10)).count();
        assert!((100..=150).contains(&passed), "{passed} of 10,000 in a second");
    }

    #[test]
    fn time_that_goes_back_gives_nothing() {
        let mut budget = Budget::new(2, 1_000);
        assert!(budget.spend(1, 1_000) && !budget.spend(1, 1_000));
        assert!(!budget.spend(1, 0) && !budget.spend(1, 1_000));
    }
}
