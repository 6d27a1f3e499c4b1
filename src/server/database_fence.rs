//! The fence of a PostgreSQL database: until when this process may use the database.
//!
//! A process that was stopped or cut off from the network may have lost the database to another process without knowing. So it may
//! use the database only as long as nobody else can have taken it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// The time until which this process may use the database. Clones share one time. A new fence is closed.
#[derive(Debug, Clone, Default)]
pub struct DatabaseFence(Arc<Mutex<Option<Instant>>>);

impl DatabaseFence {
    /// Lets this process use the database until `until`.
    pub fn open_until(&self, until: Instant) {
        self.set(Some(until));
    }

    pub fn close(&self) {
        self.set(None);
    }

    pub fn is_open(&self) -> bool {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn set(&self, until: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_fence_is_open_only_until_its_time() {
        let fence = DatabaseFence::default();
        assert!(!fence.is_open());
        fence.open_until(Instant::now() + Duration::from_secs(60));
        assert!(fence.clone().is_open());
        fence.close();
        assert!(!fence.is_open());
        fence.open_until(Instant::now());
        assert!(!fence.is_open());
    }
}
