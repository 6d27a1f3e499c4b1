//! Days, in which operators write long times.

use std::time::Duration;

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many whole days it is.
pub(super) fn in_days(duration: Duration) -> u64 {
    duration.as_secs() / DAY.as_secs()
}
