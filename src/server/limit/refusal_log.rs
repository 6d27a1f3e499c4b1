//! Counts how often each limit has refused somebody, and logs which limit of a whole network did. The log names the setting, so that the
//! person who runs this Snug can raise the limit. Otherwise nobody would learn why a school or an office whose people share one address is
//! refused.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The log names each setting at most once in this time.
const PAUSE: Duration = Duration::from_secs(60);

/// The refusals of each setting. The address of the network is left out, because the log must not contain the addresses of people.
#[derive(Default)]
pub struct RefusalLog(Mutex<BTreeMap<&'static str, RefusalCount>>);

#[derive(Default)]
struct RefusalCount {
    all: u64,
    /// When the log last named the setting.
    named_at: Option<Instant>,
    /// Refusals since then.
    more: u64,
}

impl RefusalLog {
    /// Counts that the limit `key`, such as `limits.codes_per_hour`, has refused somebody.
    pub fn was_refused(&self, key: &'static str) {
        self.lock().entry(key).or_default().all += 1;
    }

    /// Counts and logs that the limit `key`, such as `limits.codes_per_hour_ip`, has refused somebody. `most` is its value.
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

    /// How often each limit has refused somebody since the start, by key.
    pub fn list(&self) -> Vec<(&'static str, u64)> {
        self.lock().iter().map(|(key, count)| (*key, count.all)).collect()
    }

    /// Counts a refusal. Returns how many refusals were not logged since the setting was named last; `None` if the setting should not be
    /// named now.
    fn count(&self, key: &'static str, now: Instant) -> Option<u64> {
        let mut counts = self.lock();
        let count = counts.entry(key).or_default();
        count.all += 1;
        if count.named_at.is_some_and(|last| now.duration_since(last) < PAUSE) {
            count.more += 1;
            return None;
        }
        count.named_at = Some(now);
        Some(std::mem::take(&mut count.more))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, RefusalCount>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_is_named_at_most_once_a_minute_and_every_refusal_is_counted() {
        let (log, start) = (RefusalLog::default(), Instant::now());
        let at = |key, seconds| log.count(key, start + Duration::from_secs(seconds));
        assert_eq!(at("limits.codes_per_hour_ip", 0), Some(0));
        assert_eq!(at("limits.codes_per_hour_ip", 1), None);
        assert_eq!(at("limits.codes_per_hour_ip", 59), None);
        assert_eq!(at("limits.guests_per_hour_ip", 59), Some(0), "another setting");
        assert_eq!(at("limits.codes_per_hour_ip", 60), Some(2));
        assert_eq!(at("limits.codes_per_hour_ip", 121), Some(0));
        log.was_refused("limits.codes_per_hour");
        let counts = [
            ("limits.codes_per_hour", 1),
            ("limits.codes_per_hour_ip", 5),
            ("limits.guests_per_hour_ip", 1),
        ];
        assert_eq!(log.list(), counts);
    }
}
