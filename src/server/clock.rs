//! The server's clock. It counts unix seconds, and tests can stop it and move it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::{SystemTime, UNIX_EPOCH};

/// The current time. Clones share one offset.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_s: Arc<AtomicI64>,
    /// The time at which the clock was stopped; 0 while it runs.
    stopped_at_s: Arc<AtomicI64>,
}

impl Clock {
    /// Unix time in seconds.
    pub fn now_s(&self) -> i64 {
        let base_s = match self.stopped_at_s.load(Ordering::Relaxed) {
            0 => time_of_day_s(),
            stopped_at_s => stopped_at_s,
        };
        base_s + self.offset_s.load(Ordering::Relaxed)
    }

    /// Stops the clock, for tests in which every second counts. From then on, only [`Clock::advance_s`] moves the clock.
    pub fn stop(&self) {
        self.stopped_at_s.store(time_of_day_s(), Ordering::Relaxed);
    }

    /// Moves the clock forward, so that a test can cover weeks.
    pub fn advance_s(&self, seconds: i64) {
        self.offset_s.fetch_add(seconds, Ordering::Relaxed);
    }
}

fn time_of_day_s() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_epoch.as_secs() as i64
}
