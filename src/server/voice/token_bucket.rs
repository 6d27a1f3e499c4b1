//! Rate limits: a token bucket for packets, and a sliding window for what people do by hand.

/// A token bucket: it refills with `per_second` tokens a second until it is full. Times are milliseconds of a monotonic clock.
#[derive(Debug, Clone)]
pub struct TokenBucket {
    per_second: u64,
    /// How much fits into the bucket, in thousandths of a token.
    room: u64,
    /// How much is in the bucket now, in thousandths of a token. In this unit, each millisecond adds a whole number.
    left: u64,
    counted_at_ms: u64,
}

impl TokenBucket {
    /// A full bucket with room for the tokens of half a second.
    pub fn new(per_second: u64, now_ms: u64) -> Self {
        Self {
            per_second,
            room: per_second * 500,
            left: per_second * 500,
            counted_at_ms: now_ms,
        }
    }

    /// A full bucket with room for `most` tokens.
    pub fn with_room(per_second: u64, most: u64, now_ms: u64) -> Self {
        Self {
            per_second,
            room: most * 1_000,
            left: most * 1_000,
            counted_at_ms: now_ms,
        }
    }

    /// Spends `amount` and returns true, or spends nothing and returns false if less is left.
    pub fn spend(&mut self, amount: u64, now_ms: u64) -> bool {
        self.refill(now_ms);
        let enough = self.left >= amount * 1_000;
        if enough {
            self.left -= amount * 1_000;
        }
        enough
    }

    /// Whether the bucket is full, so that it is the same as a new one.
    pub fn is_full(&mut self, now_ms: u64) -> bool {
        self.refill(now_ms);
        self.left == self.room
    }

    fn refill(&mut self, now_ms: u64) {
        let passed_ms = now_ms.saturating_sub(self.counted_at_ms);
        self.counted_at_ms = self.counted_at_ms.max(now_ms);
        self.left = (self.left + passed_ms.saturating_mul(self.per_second)).min(self.room);
    }
}

/// A sliding window: at most `most` times within `window_ms`.
#[derive(Debug, Clone)]
pub struct RateWindow {
    most: usize,
    window_ms: u64,
    times_ms: Vec<u64>,
}

impl RateWindow {
    pub fn new(most: usize, window_ms: u64) -> Self {
        Self {
            most,
            window_ms,
            times_ms: vec![],
        }
    }

    /// Counts one more use.
    ///
    /// # Errors
    /// If the limit is reached: how many seconds to wait, at least 1. Nothing is counted then.
    pub fn take(&mut self, now_ms: u64) -> Result<(), u32> {
        self.times_ms.retain(|time| now_ms < time + self.window_ms);
        match self.wait_s(now_ms) {
            Some(wait_s) => Err(wait_s),
            None => {
                self.times_ms.push(now_ms);
                Ok(())
            }
        }
    }

    /// If the limit is reached: how many seconds to wait, at least 1.
    pub fn wait_s(&self, now_ms: u64) -> Option<u32> {
        let recent = self.times_ms.iter().filter(|time| now_ms < *time + self.window_ms);
        if recent.clone().count() < self.most {
            return None;
        }
        let free_at_ms = recent.min().map_or(now_ms, |oldest| oldest + self.window_ms);
        Some(free_at_ms.saturating_sub(now_ms).div_ceil(1_000).max(1) as u32)
    }

    /// Whether a use is inside the window.
    pub fn is_in_use(&self, now_ms: u64) -> bool {
        self.times_ms.iter().any(|time| now_ms < time + self.window_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_sender_passes_and_a_flood_is_limited() {
        let mut budget = TokenBucket::new(100, 0);
        assert!((0..500).all(|step| budget.spend(1, step * 20)), "50 a second");
        let mut budget = TokenBucket::new(100, 0);
        let passed = (0..10_000).filter(|step| budget.spend(1, step / 10)).count();
        assert!((100..=150).contains(&passed), "{passed} of 10,000 in a second");
    }

    #[test]
    fn a_bucket_with_room_takes_a_burst_and_is_full_again_later() {
        let mut budget = TokenBucket::with_room(2, 8, 0);
        assert!(budget.is_full(0));
        assert_eq!((0..20).filter(|_| budget.spend(1, 0)).count(), 8);
        assert!(!budget.spend(1, 499) && budget.spend(1, 500));
        assert!(!budget.is_full(4_400) && budget.is_full(4_500));
    }

    #[test]
    fn a_clock_that_goes_back_adds_no_tokens() {
        let mut budget = TokenBucket::new(2, 1_000);
        assert!(budget.spend(1, 1_000) && !budget.spend(1, 1_000));
        assert!(!budget.spend(1, 0) && !budget.spend(1, 1_000));
    }

    #[test]
    fn a_full_window_says_how_long_to_wait() {
        let mut pace = RateWindow::new(2, 60_000);
        assert_eq!((pace.take(0), pace.take(10_000)), (Ok(()), Ok(())));
        assert_eq!((pace.take(20_000), pace.take(59_999)), (Err(40), Err(1)));
        assert_eq!((pace.take(60_000), pace.take(60_001)), (Ok(()), Err(10)));
    }
}
