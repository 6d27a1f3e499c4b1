//! How far the clock of this machine differs from the clock of the certificate authority.

use http::{HeaderMap, header::DATE};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// A smaller difference is ignored.
pub const TOLERATED_S: i64 = 10 * 60;

/// The difference between the clock of the authority and ours. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct ClockSkew(Arc<AtomicI64>);

impl ClockSkew {
    /// `our_s` plus the difference that we have noted last.
    pub fn corrected_s(&self, our_s: i64) -> i64 {
        our_s + self.0.load(Ordering::Relaxed)
    }

    /// Reads the header `Date` of an answer.
    pub fn note(&self, headers: &HeaderMap) {
        if let Some(theirs_s) = date_of(headers) {
            self.compare(theirs_s, unix_s(SystemTime::now()));
        }
    }

    fn compare(&self, theirs_s: i64, ours_s: i64) {
        let now = match theirs_s - ours_s {
            difference if difference.abs() <= TOLERATED_S => 0,
            difference => difference,
        };
        let before = self.0.swap(now, Ordering::Relaxed);
        if now != 0 && before == 0 {
            tracing::warn!(
                "the clock of this machine is {} minutes {} by the clock of the certificate authority: set it, or browsers and tokens \
                 will disagree about the time",
                now.abs() / 60,
                if now > 0 { "slow" } else { "fast" }
            );
        }
    }
}

/// The header `Date` of an answer, in unix seconds.
pub fn date_of(headers: &HeaderMap) -> Option<i64> {
    let date = headers.get(DATE)?.to_str().ok()?;
    Some(unix_s(httpdate::parse_http_date(date).ok()?))
}

fn unix_s(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_is_corrected_and_a_small_difference_is_not() {
        let skew = ClockSkew::default();
        assert_eq!(skew.corrected_s(1_000), 1_000);
        skew.compare(100_000, 1_000);
        assert_eq!(skew.clone().corrected_s(2_000), 101_000);
        skew.compare(1_005, 1_000);
        assert_eq!(skew.corrected_s(2_000), 2_000);
    }

    #[test]
    fn answers_without_a_date_change_nothing() {
        let skew = ClockSkew::default();
        skew.compare(100_000, 1_000);
        skew.note(&HeaderMap::new());
        let junk = HeaderMap::from_iter([(DATE, http::HeaderValue::from_static("tomorrow"))]);
        skew.note(&junk);
        assert_eq!(skew.corrected_s(0), 99_000);
    }
}
