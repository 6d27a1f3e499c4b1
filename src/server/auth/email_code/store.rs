//! The SQL of codes.

use crate::{model::user::EmailAddress, server::database::Database};
use sqlx::{Any, Transaction};

/// A code as it is written.
pub struct NewCode<'a> {
    pub id: &'a str,
    pub email: &'a EmailAddress,
    pub mac: &'a str,
    pub now_s: i64,
    pub expires_at: i64,
}

/// Writes a code, and sweeps out those that have expired.
pub async fn insert_code(database: &Database, code: &NewCode<'_>) -> sqlx::Result<()> {
    let mut transaction = database.begin().await?;
    sqlx::query("delete from codes where expires_at <= $1")
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

/// A code on its way: the address, when it was asked for, when it ends.
pub async fn find_pending_code(database: &Database, id: &str, now_s: i64) -> sqlx::Result<Option<(String, i64, i64)>> {
    sqlx::query_as(
        "select email, created_at, expires_at from codes where id = $1 and used_at is null and expires_at > $2",
    )
    .bind(id)
    .bind(now_s)
    .fetch_optional(database.reader())
    .await
}

/// Counts one try, before anything is compared. The code's MAC and the tries so far; `None` where it is used, over,
/// or tried out.
pub async fn count_attempt(
    database: &Database,
    id: &str,
    most: i64,
    now_s: i64,
) -> sqlx::Result<Option<(String, i64)>> {
    // All rows, of which there is one: SQLite commits after the last, and only who waits for the end hears of that.
    let rows = sqlx::query_as(
        "update codes set attempts = attempts + 1
          where id = $1 and used_at is null and expires_at > $2 and attempts < $3 returning mac, attempts",
    )
    .bind(id)
    .bind(now_s)
    .bind(most)
    .fetch_all(database.writer())
    .await?;
    Ok(rows.into_iter().next())
}

/// Uses a code up; the address it was sent to, `None` where it was used before or is over.
pub async fn use_code(transaction: &mut Transaction<'_, Any>, id: &str, now_s: i64) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = sqlx::query_as(
        "update codes set used_at = $1 where id = $2 and used_at is null and expires_at > $1 returning email",
    )
    .bind(now_s)
    .bind(id)
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(row.map(|(email,)| email))
}
