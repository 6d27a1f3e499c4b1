//! Logs which limit of a whole network has refused somebody. The log names the setting, so that the person who runs this Snug can raise
//! the limit. Otherwise nobody would learn why a school or an office whose people share one address is refused.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The log names each setting at most once in this time.
const PAUSE: Duration = Duration::from_secs(60);

/// When the log last named each setting. The address of the network is left out, because the log must not contain the addresses of
/// people.
#[derive(Default)]
pub struct RefusalLog(Mutex<HashMap<&'static str, Named>>);

struct Named {
    at: Instant,
    /// Refusals since then.
    more: u64,
}

impl RefusalLog {
    /// Logs that the limit `key`, such as `limits.codes_per_hour_ip`, has refused somebody. `most` is its value.
    pub fn network_was_refused(&self, key: &'static str, most: u32) {
        let Some(others) = self.count(key, Instant::now()) else {
            return;
        };
        let variable = format!("SNUG_{}", key.replace('.', "_").to_uppercase());
        tracing::warn!(
            others,
            "snug.{key} = {most} ({variable}) refused somebody, because their network has reached the limit; \
             raise it if many people share that network"
        );
    }

    /// How many refusals were not logged since the setting was named last; `None` if the setting should not be named now.
    fn count(&self, key: &'static str, now: Instant) -> Option<u64> {
        let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match named.get_mut(key) {
            Some(last) if now.duration_since(last.at) < PAUSE => {
                last.more += 1;
                None
            }
            Some(last) => {
                last.at = now;
                Some(std::mem::take(&mut last.more))
            }
            None => {
                named.insert(key, Named { at: now, more: 0 });
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_is_named_at_most_once_a_minute() {
        let (log, start) = (RefusalLog::default(), Instant::now());
        let at = |key, seconds| log.count(key, start + Duration::from_secs(seconds));
        assert_eq!(at("limits.codes_per_hour_ip", 0), Some(0));
        assert_eq!(at("limits.codes_per_hour_ip", 1), None);
        assert_eq!(at("limits.codes_per_hour_ip", 59), None);
        assert_eq!(at("limits.guests_per_hour_ip", 59), Some(0), "another setting");
        assert_eq!(at("limits.codes_per_hour_ip", 60), Some(2));
        assert_eq!(at("limits.codes_per_hour_ip", 121), Some(0));
    }
}
