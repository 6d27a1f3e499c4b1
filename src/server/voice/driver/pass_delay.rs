//! How long datagrams have waited at most when a pass of the driver has sent what they led to.
//!
//! The operating system does not tell when a datagram arrived. But it was not there yet when the driver read the sockets last, or, if
//! the driver slept since then, when it fell asleep. The time that the datagram spent in the network card is not in the result.

use std::time::{Duration, Instant};

/// If waiting took longer than this, the driver slept until something arrived.
const ASLEEP: Duration = Duration::from_micros(50);

/// When the sockets were read last.
#[derive(Debug, Clone, Copy)]
pub struct PassDelay {
    read_at: Instant,
    /// The earliest time at which a datagram of this pass can have arrived.
    oldest: Instant,
}

impl PassDelay {
    pub fn new(now: Instant) -> Self {
        Self {
            read_at: now,
            oldest: now,
        }
    }

    /// Call this when the driver has waited from `from` until `woken`.
    pub fn waited(&mut self, from: Instant, woken: Instant) {
        let has_slept = woken.saturating_duration_since(from) > ASLEEP;
        self.oldest = if has_slept { woken } else { self.read_at };
    }

    /// Call this when the sockets have been read, and what they led to was sent: how long the datagrams have waited at most. `read_at` is
    /// when reading ended.
    pub fn sent(&mut self, read_at: Instant, now: Instant) -> Duration {
        self.read_at = read_at;
        now.saturating_duration_since(self.oldest)
    }
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
        delay.waited(at(0), at(20));
        assert_eq!(delay.sent(at(21), at(22)), Duration::from_millis(2));
        // Something was there already, and may have come right after the sockets were read.
        delay.waited(at(30), at(30));
        assert_eq!(delay.sent(at(31), at(33)), Duration::from_millis(12));
        delay.waited(at(33), at(50));
        assert_eq!(delay.sent(at(50), at(51)), Duration::from_millis(1));
    }
}
