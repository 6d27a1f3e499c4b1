//! The fence of a PostgreSQL database: until when this process may use the database.
//!
//! A process that was stopped or cut off from the network may have lost the database to another process without knowing. So it may
//! use the database only as long as nobody else can have taken it.

use std::{
    io,
    ops::Add,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

/// One moment on both clocks of the machine. On Linux, the monotonic clock stands still while the machine sleeps. The wall clock can
/// be set back. So time counts as passed if it has passed on either clock.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    monotonic: Instant,
    wall: SystemTime,
}

impl Moment {
    pub fn now() -> Self {
        Self {
            monotonic: Instant::now(),
            wall: SystemTime::now(),
        }
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self {
            monotonic: self.monotonic + time,
            wall: self.wall + time,
        }
    }
}

/// The time until which this process may use the database. Clones share one time. A new fence is closed.
#[derive(Debug, Clone, Default)]
pub struct DatabaseFence(Arc<Mutex<Option<Moment>>>);

impl DatabaseFence {
    /// Lets this process use the database until the first of the two clocks shows `until`.
    pub fn open_until(&self, until: Moment) {
        self.set(Some(until));
    }

    pub fn close(&self) {
        self.set(None);
    }

    pub fn is_open(&self) -> bool {
        self.is_open_at(Moment::now())
    }

    /// # Errors
    /// If another process may have taken the database.
    pub fn must_be_open(&self) -> io::Result<()> {
        let message = "this Snug has not renewed its lease of the database yet";
        self.is_open().then_some(()).ok_or_else(|| io::Error::other(message))
    }

    fn is_open_at(&self, now: Moment) -> bool {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| now.monotonic < until.monotonic && now.wall < until.wall)
    }

    fn set(&self, until: Option<Moment>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_fence_is_open_only_until_its_time() {
        let fence = DatabaseFence::default();
        assert!(!fence.is_open());
        fence.open_until(Moment::now() + MINUTE);
        assert!(fence.clone().is_open());
        fence.close();
        assert!(!fence.is_open());
        fence.open_until(Moment::now());
        assert!(!fence.is_open());
    }

    #[test]
    fn the_fence_is_closed_when_the_time_has_passed_on_one_of_the_clocks() {
        let (fence, began) = (DatabaseFence::default(), Moment::now());
        fence.open_until(began + MINUTE);
        assert!(fence.is_open_at(began));
        let monotonic = began.monotonic + MINUTE;
        assert!(
            !fence.is_open_at(Moment { monotonic, ..began }),
            "the clock was set back"
        );
        let wall = began.wall + MINUTE;
        assert!(!fence.is_open_at(Moment { wall, ..began }), "the machine has slept");
    }
}
