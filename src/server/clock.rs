//! The server's clock. It counts unix seconds, notices jumps of the wall clock, and tests can stop it and move it.

use super::{
    clock_jumps::{ClockJumps, Reading},
    keyring::random_id,
};
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock,
    atomic::{AtomicI64, Ordering},
};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The current time. Clones share everything.
#[derive(Debug, Clone)]
pub struct Clock(Arc<ClockInner>);

#[derive(Debug)]
struct ClockInner {
    began: Instant,
    /// How many seconds tests have let pass, on both clocks.
    advanced_s: AtomicI64,
    /// How many seconds the wall clock has jumped in tests.
    jumped_s: AtomicI64,
    /// What both clocks showed when a test stopped them.
    stopped_at: OnceLock<Reading>,
    /// Empty until somebody asks about jumps for the first time.
    jumps: OnceLock<Mutex<ClockJumps>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(ClockInner {
            began: Instant::now(),
            advanced_s: AtomicI64::default(),
            jumped_s: AtomicI64::default(),
            stopped_at: OnceLock::new(),
            jumps: OnceLock::new(),
        }))
    }
}

impl Clock {
    /// Unix time in seconds.
    pub fn now_s(&self) -> i64 {
        match self.0.jumps.get() {
            Some(_) => self.compare().1.unix_s,
            None => self.read().unix_s,
        }
    }

    /// Begins to notice jumps of the wall clock. The server calls this when it starts.
    pub fn watch(&self) {
        drop(self.compare());
    }

    /// Seconds since the server started, on the monotonic clock.
    pub fn elapsed_s(&self) -> i64 {
        self.read().elapsed_s
    }

    /// Whether the wall clock has not jumped for this number of seconds, as far as we know. Read the time before you ask: then the
    /// answer is also about the moment at which the time was read.
    pub fn is_steady_for(&self, seconds: i64) -> bool {
        let (jumps, now) = self.compare();
        jumps.is_steady_for(seconds, now)
    }

    /// The name of the current era; see [`ClockJumps`].
    pub fn era(&self) -> Arc<str> {
        self.compare().0.era()
    }

    /// Whether a token that was made in the era `era` is still alive; see [`ClockJumps::is_alive`].
    pub fn is_alive(&self, era: &str, expires_at: i64, life_s: i64) -> bool {
        let (jumps, now) = self.compare();
        jumps.is_alive(era, expires_at, life_s, now)
    }

    /// Stops both clocks, for tests in which every second counts. From then on, only [`Clock::advance_s`] and [`Clock::jump_s`]
    /// move them. A second call does nothing.
    pub fn stop(&self) {
        self.0.stopped_at.get_or_init(|| self.running());
    }

    /// Lets time pass, so that a test can cover weeks.
    pub fn advance_s(&self, seconds: i64) {
        self.0.advanced_s.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Lets the wall clock jump, forward or back, while no time passes.
    pub fn jump_s(&self, seconds: i64) {
        self.0.jumped_s.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Reads both clocks, and notes a jump. The clocks are read while the lock is held. Otherwise a reading from before a jump could
    /// be noted after it, and would look like a jump back.
    fn compare(&self) -> (MutexGuard<'_, ClockJumps>, Reading) {
        let first = || Mutex::new(ClockJumps::new(self.read(), new_era()));
        let jumps = self.0.jumps.get_or_init(first);
        let mut jumps = jumps.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let now = self.read();
        jumps.note(now, new_era);
        (jumps, now)
    }

    fn read(&self) -> Reading {
        let base = self.0.stopped_at.get().copied().unwrap_or_else(|| self.running());
        let advanced_s = self.0.advanced_s.load(Ordering::Relaxed);
        Reading {
            unix_s: base.unix_s + advanced_s + self.0.jumped_s.load(Ordering::Relaxed),
            elapsed_s: base.elapsed_s + advanced_s,
        }
    }

    /// The clocks of the machine.
    fn running(&self) -> Reading {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Reading {
            unix_s: since_epoch.as_secs() as i64,
            elapsed_s: self.0.began.elapsed().as_secs() as i64,
        }
    }
}

fn new_era() -> Arc<str> {
    random_id(8).into()
}
