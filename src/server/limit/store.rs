//! The SQL for limits.

use super::limited::Limit;
use crate::server::database::Database;

/// Counts an event once under each key of the limits. If a limit is reached, counts nothing, and returns the limit and the time from
/// which another event is allowed (unix seconds).
pub async fn take<'a>(database: &Database, limits: &'a [Limit], now_s: i64) -> sqlx::Result<Option<(&'a Limit, i64)>> {
    let mut keys: Vec<&str> = limits.iter().map(|limit| limit.key.as_str()).collect();
    // Every transaction locks the keys in the same order, so that no two transactions wait for each other.
    keys.sort_unstable();
    keys.dedup();
    let mut transaction = database.begin().await?;
    for key in &keys {
        sqlx::query("insert into limit_keys (key) values ($1) on conflict (key) do update set key = excluded.key")
            .bind(key)
            .execute(&mut *transaction)
            .await?;
    }
    let mut moved = 0;
    for key in &keys {
        // Events from the future are from before a jump back of the clock. They count as events of now. Otherwise the limit would last
        // until the clock has caught up, and nobody could ask for a code until then.
        let done = sqlx::query("update limit_events set at = $1 where key = $2 and at > $1")
            .bind(now_s)
            .bind(key)
            .execute(&mut *transaction)
            .await?;
        moved += done.rows_affected();
    }
    for limit in limits {
        // Of the newest `most` events in the window, this is the oldest. If there is such an event, the limit is reached, and another
        // event is allowed only when this event is out of the window.
        let blocking: Option<(i64,)> =
            sqlx::query_as("select at from limit_events where key = $1 and at > $2 order by at desc limit 1 offset $3")
                .bind(&limit.key)
                .bind(now_s - limit.window_s)
                .bind(limit.most - 1)
                .fetch_optional(&mut *transaction)
                .await?;
        if let Some((at,)) = blocking {
            if moved > 0 {
                transaction.commit().await?;
            }
            return Ok(Some((limit, at + limit.window_s)));
        }
    }
    for key in keys {
        sqlx::query("delete from limit_events where key = $1 and at <= $2")
            .bind(key)
            .bind(now_s - 86_400)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("insert into limit_events (key, at) values ($1, $2)")
            .bind(key)
            .bind(now_s)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(None)
}

/// Deletes all events up to `until_s`, and the keys that have no events left. Returns the number of deleted events.
pub async fn forget(database: &Database, until_s: i64) -> sqlx::Result<u64> {
    let events = sqlx::query("delete from limit_events where at <= $1")
        .bind(until_s)
        .execute(database.writer())
        .await?;
    // A row of `limit_keys` only serves as a lock. If a transaction counts an event under a deleted key later, it writes that row
    // again.
    sqlx::query("delete from limit_keys where key not in (select key from limit_events)")
        .execute(database.writer())
        .await?;
    Ok(events.rows_affected())
}
