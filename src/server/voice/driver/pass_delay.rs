//! How long datagrams have waited in the driver when a pass has sent what they led to.
//!
//! The operating system does not tell when a datagram arrived, so the time is counted from when the driver woke, or, if it did not sleep,
//! from when it had read the sockets last. If the driver should have woken earlier for a timer, the time is counted from then. The time
//! that the system took to wake the driver for a datagram is not in the result.

use std::time::{Duration, Instant};

/// If waiting took longer than this, the driver slept until something arrived.
const ASLEEP: Duration = Duration::from_micros(50);

/// When the sockets were read last.
#[derive(Debug, Clone, Copy)]
pub struct PassDelay {
    read_at: Instant,
    /// From when on the datagrams of this pass have waited.
    since: Instant,
}

impl PassDelay {
    pub fn new(now: Instant) -> Self {
        Self {
            read_at: now,
            since: now,
        }
    }

    /// Call this when the driver has waited from `from` until `woken`. `at_most` is how long it meant to wait.
    pub fn waited(&mut self, (from, woken): (Instant, Instant), at_most: Option<Duration>) {
        let has_slept = woken.saturating_duration_since(from) > ASLEEP;
        let due = at_most.map_or(woken, |at_most| from + in_whole_ms(at_most));
        self.since = if has_slept { woken.min(due) } else { self.read_at };
    }

    /// Call this when the sockets have been read, and what they led to was sent: how long the datagrams have waited. `read_at` is when
    /// the UDP sockets had been read.
    pub fn sent(&mut self, read_at: Instant, now: Instant) -> Duration {
        self.read_at = read_at;
        now.saturating_duration_since(self.since)
    }
}

/// The system waits for whole milliseconds, and mio rounds up.
fn in_whole_ms(time: Duration) -> Duration {
    Duration::from_millis(time.as_nanos().div_ceil(1_000_000) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_have_waited_since_the_driver_woke_or_read_the_sockets_last() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut delay = PassDelay::new(start);
        // The driver slept, so the datagram came when it woke.
        delay.waited((at(0), at(20)), None);
        assert_eq!(delay.sent(at(21), at(22)), Duration::from_millis(2));
        // Something was there already, and may have come right after the sockets were read.
        delay.waited((at(30), at(30)), None);
        assert_eq!(delay.sent(at(31), at(33)), Duration::from_millis(12));
        delay.waited((at(33), at(50)), Some(Duration::from_millis(40)));
        assert_eq!(delay.sent(at(50), at(51)), Duration::from_millis(1));
    }

    #[test]
    fn a_driver_that_wakes_late_for_its_timer_has_let_datagrams_wait() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut delay = PassDelay::new(start);
        delay.waited((at(0), at(20)), Some(Duration::from_micros(4_200)));
        assert_eq!(delay.sent(at(21), at(22)), Duration::from_millis(17));
    }
}
