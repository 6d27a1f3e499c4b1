//! The server's time: the time in its last message, and the time since then, which the browser measures. So a wrong clock in the
//! browser does not matter. The code is pure.

/// The server's time when a message arrived.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServerClock {
    sent_s: i64,
    received_ms: f64,
}

impl ServerClock {
    /// `sent_s` is the server's time in the message, in unix seconds; it is 0 if the server is too old to send it. The message arrived
    /// at `received_ms` on the browser's monotonic clock.
    pub fn read(sent_s: i64, received_ms: f64) -> Option<Self> {
        (sent_s > 0).then_some(Self { sent_s, received_ms })
    }

    /// The server's time, in unix seconds, when the browser's monotonic clock shows `now_ms`.
    pub fn now_s(self, now_ms: f64) -> i64 {
        self.sent_s + ((now_ms - self.received_ms) / 1_000.0) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_time_goes_on_with_the_monotonic_clock_of_the_browser() {
        let clock = ServerClock::read(1_800_000_000, 5_000.0).expect("a time");
        assert_eq!(
            (clock.now_s(5_900.0), clock.now_s(125_000.0)),
            (1_800_000_000, 1_800_000_120)
        );
        assert_eq!(ServerClock::read(0, 5_000.0), None, "an older server sends no time");
    }
}
