//! The SQL for the codes that sign people in, and for the tries of all codes.

use crate::{model::user::EmailAddress, server::database::Database};
use sqlx::{Any, FromRow, Transaction};

/// How long, in seconds, expired codes and old tries are kept. Until then, somebody who types an expired code learns that it has
/// expired.
pub const KEPT_S: i64 = 3_600;

/// By how many seconds a time may lie in the future. NTP can set the clock back by a second or two, and must not break a code that was
/// just sent. A time that is further ahead is from before a jump back of the clock.
pub const AHEAD_MAX_S: i64 = 5;

/// How many codes of a browser a typed code is compared with.
const COMPARED_MAX: i64 = 20;

/// A code that was sent and not used.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct IssuedCode {
    pub id: String,
    /// The address that the code was sent to.
    pub email: String,
    pub mac: String,
    /// Unix seconds.
    pub expires_at: i64,
}

/// A new code that is about to be stored.
pub struct NewCode<'a> {
    pub id: &'a str,
    /// The key of the browser that asked for the code.
    pub browser: &'a str,
    pub email: &'a EmailAddress,
    pub mac: &'a str,
    pub now_s: i64,
    pub expires_at: i64,
}

/// Stores a code. Deletes the codes that expired at least [`KEPT_S`] ago, and old tries. Also deletes codes with a time in the
/// future (see [`AHEAD_MAX_S`]): the clock has jumped back since they were made, so they would live too long. No query finds such
/// codes before they are deleted.
pub async fn insert_code(database: &Database, code: &NewCode<'_>) -> sqlx::Result<()> {
    let mut transaction = database.begin().await?;
    sqlx::query("delete from codes where expires_at <= $1 or created_at > $2")
        .bind(code.now_s - KEPT_S)
        .bind(code.now_s + AHEAD_MAX_S)
        .execute(&mut *transaction)
        .await?;
    delete_old_tries(&mut transaction, code.now_s).await?;
    sqlx::query(
        "insert into codes (id, browser, number, email, mac, created_at, expires_at, used_at)
         values ($1, $2, (select coalesce(max(number), 0) + 1 from codes where browser = $2), $3, $4, $5, $6, null)",
    )
    .bind(code.id)
    .bind(code.browser)
    .bind(code.email.as_str())
    .bind(code.mac)
    .bind(code.now_s)
    .bind(code.expires_at)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// Deletes the codes that expired at least [`KEPT_S`] ago, and the tries that no longer count. Returns how many codes.
pub async fn forget_expired(database: &Database, now_s: i64) -> sqlx::Result<u64> {
    let mut transaction = database.begin().await?;
    let deleted = sqlx::query("delete from codes where expires_at <= $1")
        .bind(now_s - KEPT_S)
        .execute(&mut *transaction)
        .await?;
    delete_old_tries(&mut transaction, now_s).await?;
    transaction.commit().await?;
    Ok(deleted.rows_affected())
}

/// The newest code of a browser that can still be used: its address, when it was requested, and when it expires (unix seconds).
pub async fn find_pending_code(
    database: &Database,
    browser: &str,
    now_s: i64,
) -> sqlx::Result<Option<(String, i64, i64)>> {
    sqlx::query_as(
        "select email, created_at, expires_at from codes
          where browser = $1 and used_at is null and expires_at > $2 and created_at <= $3
          order by number desc limit 1",
    )
    .bind(browser)
    .bind(now_s)
    .bind(now_s + AHEAD_MAX_S)
    .fetch_optional(database.reader())
    .await
}

/// The address of the code `id`; `None` if the code was used or has expired.
pub async fn find_address(database: &Database, id: &str, now_s: i64) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = sqlx::query_as(
        "select email from codes where id = $1 and used_at is null and expires_at > $2 and created_at <= $3",
    )
    .bind(id)
    .bind(now_s)
    .bind(now_s + AHEAD_MAX_S)
    .fetch_optional(database.reader())
    .await?;
    Ok(row.map(|(email,)| email))
}

/// The codes of a browser that were not used, also expired ones, the newest first.
pub async fn list_unused_codes(database: &Database, browser: &str, now_s: i64) -> sqlx::Result<Vec<IssuedCode>> {
    sqlx::query_as(
        "select id, email, mac, expires_at from codes where browser = $1 and used_at is null and created_at <= $2
          order by number desc limit $3",
    )
    .bind(browser)
    .bind(now_s + AHEAD_MAX_S)
    .bind(COMPARED_MAX)
    .fetch_all(database.reader())
    .await
}

/// A try of a code that is about to be counted.
pub struct Try<'a> {
    /// The key under which the tries are counted.
    pub id: &'a str,
    pub now_s: i64,
    /// The count begins again if the last try was at least this many seconds ago. It also begins again if the last try is at
    /// least this many seconds in the future: such a try is from before a jump back of the clock.
    pub window_s: i64,
    /// How many tries are allowed.
    pub most: i64,
}

/// Counts one try, and returns the number of tries. If no try is left, counts nothing and returns `None`. Call this before you compare
/// the code, so that simultaneous requests can't get more tries.
pub async fn count_try(database: &Database, this_try: &Try<'_>) -> sqlx::Result<Option<i64>> {
    // The statement returns at most one row, but we call `fetch_all`, because SQLite commits only after the last row was read.
    // `fetch_optional` stops at the first row, so it would not tell us that the commit failed.
    let rows: Vec<(i64,)> = sqlx::query_as(
        "insert into code_tries (id, tries, tried_at) values ($1, 1, $2)
         on conflict (id) do update
            set tries = case when code_tries.tried_at <= $3 or code_tries.tried_at >= $4 then 1 else code_tries.tries + 1 end,
                tried_at = $2
          where code_tries.tries < $5 or code_tries.tried_at <= $3 or code_tries.tried_at >= $4
         returning tries",
    )
    .bind(this_try.id)
    .bind(this_try.now_s)
    .bind(this_try.now_s - this_try.window_s)
    .bind(this_try.now_s + this_try.window_s)
    .bind(this_try.most)
    .fetch_all(database.writer())
    .await?;
    Ok(rows.first().map(|(tries,)| *tries))
}

/// Deletes the tries that no longer count: tries from at least [`KEPT_S`] ago, and tries with a time at least [`KEPT_S`] in the future.
/// The clock has jumped back since such a future try.
pub async fn delete_old_tries(transaction: &mut Transaction<'_, Any>, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("delete from code_tries where tried_at <= $1 or tried_at >= $2")
        .bind(now_s - KEPT_S)
        .bind(now_s + KEPT_S)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Marks a code as used, and with it the other codes that the same browser requested for the same address. Returns the address that
/// the code was sent to; `None` if the code was already used or has expired.
pub async fn use_code(transaction: &mut Transaction<'_, Any>, id: &str, now_s: i64) -> sqlx::Result<Option<String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "update codes set used_at = $1
          where browser = (select browser from codes where id = $2) and email = (select email from codes where id = $2)
            and used_at is null and expires_at > $1 and created_at <= $3
         returning id, email",
    )
    .bind(now_s)
    .bind(id)
    .bind(now_s + AHEAD_MAX_S)
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows.into_iter().find(|(used, _)| used == id).map(|(_, email)| email))
}
