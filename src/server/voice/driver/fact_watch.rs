//! About whose voice connection the page of one socket asks, and when it is told next.

use crate::model::id::UserId;
use std::time::{Duration, Instant};

/// How often a page that asks is told.
const TELL_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct FactWatch {
    of: UserId,
    due: Instant,
}

impl FactWatch {
    /// A watch whose page is told at once.
    pub fn new(of: UserId, now: Instant) -> Self {
        Self { of, due: now }
    }

    /// The person, if it is time to tell the page.
    pub fn take_due(&mut self, now: Instant) -> Option<UserId> {
        if now < self.due {
            return None;
        }
        self.due = now + TELL_EVERY;
        Some(self.of.clone())
    }
}
