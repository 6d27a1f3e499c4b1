//! The SQL of owner links.

use crate::server::database::Database;
use sqlx::{Any, Transaction};

/// The owner link that has not been used; `None` where there is none.
pub async fn find_open_owner_link(database: &Database) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = sqlx::query_as("select id from owner_links where used_at is null")
        .fetch_optional(database.reader())
        .await?;
    Ok(row.map(|(id,)| id))
}

pub async fn insert_owner_link(database: &Database, id: &str, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("insert into owner_links (id, created_at, browser_hash) values ($1, $2, '')")
        .bind(id)
        .bind(now_s)
        .execute(database.writer())
        .await?;
    Ok(())
}

/// Uses the link up for the browser whose secret hashes to `browser_hash`; false where it was used before.
pub async fn use_owner_link(
    transaction: &mut Transaction<'_, Any>,
    id: &str,
    browser_hash: &str,
    now_s: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query("update owner_links set used_at = $1, browser_hash = $2 where id = $3 and used_at is null")
        .bind(now_s)
        .bind(browser_hash)
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether this browser is the one that used an owner link.
pub async fn is_owner_browser(database: &Database, browser_hash: &str) -> sqlx::Result<bool> {
    let row: Option<(String,)> =
        sqlx::query_as("select id from owner_links where browser_hash = $1 and used_at is not null")
            .bind(browser_hash)
            .fetch_optional(database.reader())
            .await?;
    Ok(row.is_some())
}
