//! Housekeeping: once an hour, deletes data that is no longer needed.

use super::{auth, error::Result, limit, rooms, state::AppState};
use crate::error::AppError;
use std::time::Duration;

/// The time from the start of the server to the first tidying. We don't tidy at once, because the server is busy while it starts.
const FIRST_AFTER: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(3_600);
/// How long the row of an ended session is kept, in seconds. The row says when and why the session ended.
const ENDED_SESSION_KEPT_S: i64 = 30 * 86_400;
/// How long an ended room is kept, in seconds. During that time, the pages at its address and its links say that the room has ended.
const ENDED_ROOM_KEPT_S: i64 = 30 * 86_400;
/// How long the events of limits are kept, in seconds. No limit looks further back.
const LIMIT_EVENT_KEPT_S: i64 = 86_400;

/// Tidies a minute from now and then once an hour, until the task is aborted. Failures are logged and tried again an hour later.
pub async fn run_hourly(state: AppState) {
    tokio::time::sleep(FIRST_AFTER).await;
    loop {
        tidy(&state).await;
        tokio::time::sleep(EVERY).await;
    }
}

/// Deletes sessions that ended long ago, expired codes, changes of addresses that can't be confirmed or undone any more, guests who
/// have no session left in the database, owners who used the owner link and never chose a name, pictures that nobody uses, rooms that ended long ago, and events that no limit counts any
/// more. If one of these fails, the others are still done.
pub async fn tidy(state: &AppState) {
    let (database, now_s) = (&state.database, state.now_s());
    let sessions = auth::store::forget_ended(database, now_s - ENDED_SESSION_KEPT_S).await;
    note("ended sessions", sessions.map_err(Into::into));
    let codes = auth::email_code::store::forget_expired(database, now_s).await;
    note("expired codes", codes.map_err(Into::into));
    let changes = auth::email::store::forget_old(database, now_s, now_s - auth::email_undo::UNDO_S).await;
    note("old changes of addresses", changes.map_err(Into::into));
    note("guests who can't come back", rooms::guest::forget_gone(state).await);
    let owners = auth::owner_link::store::forget_unfinished_owners(database).await;
    note("owners who never chose a name", owners.map_err(Into::into));
    let pictures = state.avatars.sweep(database, now_s).await;
    note("unused pictures", pictures.map(|count| count as u64));
    let rooms = rooms::store::forget_ended(database, now_s - ENDED_ROOM_KEPT_S).await;
    note("ended rooms", rooms.map_err(Into::into));
    note(
        "old events of limits",
        limit::forget(database, now_s - LIMIT_EVENT_KEPT_S).await,
    );
}

fn note(what: &'static str, deleted: Result<u64>) {
    match deleted {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "deleted {what}"),
        Err(error) => {
            let error = AppError::from(error);
            tracing::warn!(%error, "could not delete {what}; trying again in an hour");
        }
    }
}
