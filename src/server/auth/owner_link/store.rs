//! The SQL for owner links and owners.

use crate::{model::id::UserId, server::database::Database};
use sqlx::{Any, Transaction};

/// The id of the owner link that has not been used; `None` if there is none.
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

/// Marks the link as used by the browser whose secret hashes to `browser_hash`. False if it was already used.
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

/// Whether the owner link was used in this browser. False while the account of the first owner is switched off: the first owner is
/// the person who used the link, and could otherwise still read the outbox in this browser.
pub async fn is_owner_browser(database: &Database, browser_hash: &str) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as(
        "select id from owner_links where browser_hash = $1 and used_at is not null and not exists (
                select 1 from users where disabled_at is not null and owner_at = (select min(owner_at) from users))",
    )
    .bind(browser_hash)
    .fetch_optional(database.reader())
    .await?;
    Ok(row.is_some())
}

/// Makes a user the owner, if there is no owner yet.
pub async fn make_owner(transaction: &mut Transaction<'_, Any>, user: &str, now_s: i64) -> sqlx::Result<()> {
    // The browser in which the link was used stays marked. Without the check for another owner, everybody who later signs in
    // with that browser would become an owner too.
    sqlx::query(
        "update users set owner_at = $1
          where id = $2 and not exists (select 1 from users as others where others.owner_at is not null)",
    )
    .bind(now_s)
    .bind(user)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Whether this Snug has an owner.
pub async fn has_owner(database: &Database) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as("select id from users where owner_at is not null limit 1")
        .fetch_optional(database.reader())
        .await?;
    Ok(row.is_some())
}

/// Whether this user is an owner whose account is switched on.
pub async fn is_owner(database: &Database, user: &UserId) -> sqlx::Result<bool> {
    let row: Option<(String,)> =
        sqlx::query_as("select id from users where id = $1 and owner_at is not null and disabled_at is null")
            .bind(user.as_str())
            .fetch_optional(database.reader())
            .await?;
    Ok(row.is_some())
}
