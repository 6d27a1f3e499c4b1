//! Housekeeping: once an hour, what has lost its use is taken away.

use super::{auth, error::Result, limit, state::AppState};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(3_600);
/// A session that has ended is still known for so long, so that a replayed token of it is called what it is.
const ENDED_SESSION_KEPT_S: i64 = 30 * 86_400;
/// No limit looks back further.
const LIMIT_EVENT_KEPT_S: i64 = 86_400;

/// Tidies now and once an hour, until the task is aborted. What fails is logged, and tried again.
pub async fn keep_tidy(state: AppState) {
    loop {
        if let Err(error) = tidy(&state).await {
            let error = crate::error::AppError::from(error);
            tracing::warn!(%error, "housekeeping was not finished; it goes on in an hour");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Takes away pictures that nobody wears, sessions long ended, and events that no limit counts any more.
///
/// # Errors
/// Where database or pictures can't be reached.
pub async fn tidy(state: &AppState) -> Result<()> {
    let now_s = state.now_s();
    let pictures = state.gallery.sweep(&state.database, now_s).await?;
    let sessions = auth::store::forget_ended(&state.database, now_s - ENDED_SESSION_KEPT_S).await?;
    let events = limit::forget(&state.database, now_s - LIMIT_EVENT_KEPT_S).await?;
    if pictures > 0 || sessions > 0 || events > 0 {
        tracing::info!(pictures, sessions, events, "tidied");
    }
    Ok(())
}
