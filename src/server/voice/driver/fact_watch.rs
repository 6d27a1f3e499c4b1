//! About whose voice connection the page of one socket asks, and when it is told next.

use crate::model::id::UserId;
use std::time::{Duration, Instant};

/// How often a page that asks is told.
const TELL_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct FactWatch {
    of: UserId,
    due: Instant,
    /// When the voice connection was made about which the page was told last; `None` before that.
    born_at: Option<Instant>,
    /// About how many voice connections the page was told.
    connections: u32,
}

impl FactWatch {
    /// A watch whose page is told at once.
    pub fn new(of: UserId, now: Instant) -> Self {
        Self {
            of,
            due: now,
            born_at: None,
            connections: 0,
        }
    }

    /// The person, if it is time to tell the page.
    pub fn take_due(&mut self, now: Instant) -> Option<UserId> {
        if now < self.due {
            return None;
        }
        self.due = now + TELL_EVERY;
        Some(self.of.clone())
    }

    /// The number of the voice connection that was made at `born_at`, about which the page is told now.
    pub fn number(&mut self, born_at: Instant) -> u32 {
        if self.born_at.replace(born_at) != Some(born_at) {
            self.connections += 1;
        }
        self.connections
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_connection_gets_another_number() {
        let first = Instant::now();
        let second = first + Duration::from_millis(1);
        let mut watch = FactWatch::new(UserId::parse("abcdefghij").expect("an id"), first);
        let numbers = [first, first, second, second, first].map(|born_at| watch.number(born_at));
        assert_eq!(numbers, [1, 1, 2, 2, 3]);
    }
}
