//! The SQL for limits.

use super::limited::Limit;
use crate::server::database::Database;
use sqlx::AnyConnection;

/// A limit that is reached, and the time from which another event is allowed (unix seconds).
type Reached<'a> = (&'a Limit, i64);

/// Counts an event one time for each different key of the limits, under that key or under the key of its reserve. If a limit is
/// reached, counts nothing and returns that limit.
pub async fn take<'a>(database: &Database, limits: &'a [Limit], now_s: i64) -> sqlx::Result<Option<Reached<'a>>> {
    let reserves = limits.iter().filter_map(|limit| limit.reserve.as_ref());
    let mut keys: Vec<&str> = limits.iter().map(|limit| limit.key.as_str()).collect();
    keys.extend(reserves.map(|reserve| reserve.key.as_str()));
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
        // If an event has a time in the future, the clock has jumped back since it was counted. It now counts as an event of this
        // moment. Otherwise the limit would last until the clock has caught up, and nobody could ask for a code until then.
        let done = sqlx::query("update limit_events set at = $1 where key = $2 and at > $1")
            .bind(now_s)
            .bind(key)
            .execute(&mut *transaction)
            .await?;
        moved += done.rows_affected();
    }
    let mut counted: Vec<&str> = vec![];
    for limit in limits {
        if counted.contains(&limit.key.as_str()) || is_reserve_counted(limit, &counted) {
            continue;
        }
        let same_key: Vec<&Limit> = limits.iter().filter(|other| other.key == limit.key).collect();
        match find_free_key(&mut transaction, &same_key, now_s).await? {
            Ok(key) => counted.push(key),
            Err(reached) => {
                if moved > 0 {
                    transaction.commit().await?;
                }
                return Ok(Some(reached));
            }
        }
    }
    for key in counted {
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

fn is_reserve_counted(limit: &Limit, counted: &[&str]) -> bool {
    let reserve = limit.reserve.as_ref();
    reserve.is_some_and(|reserve| counted.contains(&reserve.key.as_str()))
}

/// Finds the key under which to count the event. All `limits` must have the same key. The result is that key if none of the limits
/// is reached. Otherwise it is the key of the reserve, if there is a reserve and it is not used up. If neither has room, the inner
/// error is the limit that is reached.
async fn find_free_key<'a>(
    connection: &mut AnyConnection,
    limits: &[&'a Limit],
    now_s: i64,
) -> sqlx::Result<Result<&'a str, Reached<'a>>> {
    let mut reached = None;
    for limit in limits {
        if let Some(free_at) = find_blocking(connection, &limit.key, limit.most, limit.window_s, now_s).await? {
            reached = Some((*limit, free_at));
            break;
        }
    }
    let (Some((limit, free_at)), Some(first)) = (reached, limits.first()) else {
        return Ok(Ok(limits.first().map_or("", |limit| limit.key.as_str())));
    };
    let Some(reserve) = &first.reserve else {
        return Ok(Err((limit, free_at)));
    };
    for limit in limits {
        let Some(reserve) = &limit.reserve else { continue };
        if let Some(later) = find_blocking(connection, &reserve.key, reserve.most, limit.window_s, now_s).await? {
            return Ok(Err((limit, free_at.min(later))));
        }
    }
    Ok(Ok(reserve.key.as_str()))
}

/// The time from which another event is allowed; `None` if fewer than `most` events in the window are counted under this key.
async fn find_blocking(
    connection: &mut AnyConnection,
    key: &str,
    most: i64,
    window_s: i64,
    now_s: i64,
) -> sqlx::Result<Option<i64>> {
    // The event that is number `most` in the window, counted back from the newest. If there is such an event, the limit is reached,
    // and another event is allowed only when this event is out of the window.
    let blocking: Option<(i64,)> =
        sqlx::query_as("select at from limit_events where key = $1 and at > $2 order by at desc limit 1 offset $3")
            .bind(key)
            .bind(now_s - window_s)
            .bind(most - 1)
            .fetch_optional(connection)
            .await?;
    Ok(blocking.map(|(at,)| at + window_s))
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
