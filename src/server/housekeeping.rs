//! Housekeeping: once an hour, what has lost its use is taken away.

use super::{auth, error::Result, limit, rooms, state::AppState};
use crate::error::AppError;
use std::time::Duration;

/// The first time a little after the start, which has enough to do.
const FIRST_AFTER: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(3_600);
/// A session that has ended is still known for so long, so that a replayed token of it is called what it is.
const ENDED_SESSION_KEPT_S: i64 = 30 * 86_400;
/// For so long the address of a room that has ended says so, and its links.
const ENDED_ROOM_KEPT_S: i64 = 30 * 86_400;
/// No limit looks back further.
const LIMIT_EVENT_KEPT_S: i64 = 86_400;

/// Tidies a minute from now and then once an hour, until the task is aborted. What fails is logged, and tried again.
pub async fn run_hourly(state: AppState) {
    tokio::time::sleep(FIRST_AFTER).await;
    loop {
        tidy(&state).await;
        tokio::time::sleep(EVERY).await;
    }
}

/// Takes away sessions long ended, guests who are left without one, rooms long ended, pictures that nobody wears, and events
/// that no limit counts any more. Each by itself:
/// where one can't be reached, the others are tidied all the same.
pub async fn tidy(state: &AppState) {
    let (database, now_s) = (&state.database, state.now_s());
    let sessions = auth::store::forget_ended(database, now_s - ENDED_SESSION_KEPT_S).await;
    note("sessions that have ended", sessions.map_err(Into::into));
    note("guests who can't come back", rooms::guest::forget_gone(state).await);
    let pictures = state.avatars.sweep(database, now_s).await;
    note("pictures that nobody wears", pictures.map(|count| count as u64));
    let rooms = rooms::store::forget_ended(database, now_s - ENDED_ROOM_KEPT_S).await;
    note("rooms that have ended", rooms.map_err(Into::into));
    note(
        "events of limits",
        limit::forget(database, now_s - LIMIT_EVENT_KEPT_S).await,
    );
}

fn note(what: &'static str, taken: Result<u64>) {
    match taken {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "tidied: {what}"),
        Err(error) => {
            let error = AppError::from(error);
            tracing::warn!(%error, "not tidied, it will be tried again in an hour: {what}");
        }
    }
}
