//! The SQL for the codes that sign people in.

use crate::{model::user::EmailAddress, server::database::Database};
use sqlx::{Any, Transaction};

/// A new code that is about to be stored.
pub struct NewCode<'a> {
    pub id: &'a str,
    pub email: &'a EmailAddress,
    pub mac: &'a str,
    pub now_s: i64,
    pub expires_at: i64,
}

/// Stores a code, and deletes all codes that have expired. It also deletes codes from the future: they are from before a jump back
/// of the clock, and would live too long. Until then, no query finds them.
pub async fn insert_code(database: &Database, code: &NewCode<'_>) -> sqlx::Result<()> {
    let mut transaction = database.begin().await?;
    sqlx::query("delete from codes where expires_at <= $1 or created_at > $1")
        .bind(code.now_s)
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "insert into codes (id, email, mac, attempts, created_at, expires_at, used_at) values ($1, $2, $3, 0, $4, $5, null)",
    )
    .bind(code.id)
    .bind(code.email.as_str())
    .bind(code.mac)
    .bind(code.now_s)
    .bind(code.expires_at)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// Deletes the codes that had expired at `now_s`. Returns how many.
pub async fn forget_expired(database: &Database, now_s: i64) -> sqlx::Result<u64> {
    let deleted = sqlx::query("delete from codes where expires_at <= $1")
        .bind(now_s)
        .execute(database.writer())
        .await?;
    Ok(deleted.rows_affected())
}

/// A code that can still be used: its address, when it was requested, and when it expires (unix seconds).
pub async fn find_pending_code(database: &Database, id: &str, now_s: i64) -> sqlx::Result<Option<(String, i64, i64)>> {
    sqlx::query_as(
        "select email, created_at, expires_at from codes where id = $1 and used_at is null and expires_at > $2 and created_at <= $2",
    )
    .bind(id)
    .bind(now_s)
    .fetch_optional(database.reader())
    .await
}

/// Counts one try of a code. Returns the code's MAC and the number of tries. `None` if the code was used, has expired, or was
/// already tried `most` times. Call this before you compare the code, so that simultaneous requests can't get more than `most`
/// tries.
pub async fn count_attempt(
    database: &Database,
    id: &str,
    most: i64,
    now_s: i64,
) -> sqlx::Result<Option<(String, i64)>> {
    // The statement returns at most one row, but we call `fetch_all`, because SQLite commits only after the last row was read.
    // `fetch_optional` stops at the first row, so it would not tell us that the commit failed.
    let rows = sqlx::query_as(
        "update codes set attempts = attempts + 1
          where id = $1 and used_at is null and expires_at > $2 and created_at <= $2 and attempts < $3 returning mac, attempts",
    )
    .bind(id)
    .bind(now_s)
    .bind(most)
    .fetch_all(database.writer())
    .await?;
    Ok(rows.into_iter().next())
}

/// Marks a code as used. Returns the address that the code was sent to; `None` if the code was already used or has expired.
pub async fn use_code(transaction: &mut Transaction<'_, Any>, id: &str, now_s: i64) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = sqlx::query_as(
        "update codes set used_at = $1 where id = $2 and used_at is null and expires_at > $1 and created_at <= $1 returning email",
    )
    .bind(now_s)
    .bind(id)
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(row.map(|(email,)| email))
}
