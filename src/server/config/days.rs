//! Conversion between days, the unit in the configuration, and `Duration`.

use std::time::Duration;

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The number of whole days in `duration`.
pub(super) fn in_days(duration: Duration) -> u64 {
    duration.as_secs() / DAY.as_secs()
}
