//! Limits on how often something can be done. The events that count are rows in the database, so a restart does not reset the
//! counts.

mod limited;
mod refusal_log;
mod store;

use super::{database::Database, error::Result};
use crate::error::AppError;

pub use limited::{Limit, Limited};
pub use refusal_log::RefusalLog;

/// Counts one event under every limit, unless one of them is reached. An event of a browser that was signed in before counts towards
/// the part of a limit that is kept for such browsers, once the other part is used up. If the limit of a whole network is reached, the
/// log names its setting. Every refusal is counted for the metrics.
///
/// # Errors
/// `TooMany` with the seconds to wait, if a limit is reached. In that case nothing is counted.
pub async fn take(database: &Database, refusals: &RefusalLog, limits: &[Limit], now_s: i64) -> Result<()> {
    if limits.is_empty() {
        return Ok(());
    }
    match store::take(database, limits, now_s).await? {
        None => Ok(()),
        Some((limit, free_at)) => {
            match limit.of_network {
                Some(most) => refusals.network_was_refused(limit.setting, most),
                None => refusals.was_refused(limit.setting),
            }
            let wait_s = (free_at - now_s).max(1) as u32;
            Err(AppError::too_many(format!("{} Try again in {}.", limit.sentence, in_words(wait_s)), wait_s).into())
        }
    }
}

/// Deletes all events up to `until_s`. Returns the number of deleted events.
///
/// # Errors
/// If the database can't be written.
pub async fn forget(database: &Database, until_s: i64) -> Result<u64> {
    Ok(store::forget(database, until_s).await?)
}

fn in_words(seconds: u32) -> String {
    match seconds {
        0..=90 => format!("{seconds} s"),
        91..=5_400 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}
