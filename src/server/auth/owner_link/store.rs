//! The SQL for owner links and owners.

use crate::{
    model::{id::UserId, user::EmailAddress},
    server::database::Database,
};
use sqlx::{Any, Transaction};

/// The ids of the owner links that have not been used, the newest first. There is usually at most one.
pub async fn list_open_owner_links(database: &Database) -> sqlx::Result<Vec<String>> {
    let rows: Vec<(String,)> =
        sqlx::query_as("select id from owner_links where used_at is null order by created_at desc, id")
            .fetch_all(database.reader())
            .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Stores a new link. The links that have not been used stop working.
pub async fn replace_open_owner_links(database: &Database, id: &str, now_s: i64) -> sqlx::Result<()> {
    let mut transaction = database.begin().await?;
    delete_open_owner_links(&mut transaction).await?;
    sqlx::query(INSERT)
        .bind(id)
        .bind(now_s)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

async fn delete_open_owner_links(transaction: &mut Transaction<'_, Any>) -> sqlx::Result<()> {
    sqlx::query("delete from owner_links where used_at is null")
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

const INSERT: &str = "insert into owner_links (id, created_at, browser_hash) values ($1, $2, '')";

pub async fn insert_owner_link(database: &Database, id: &str, now_s: i64) -> sqlx::Result<()> {
    sqlx::query(INSERT)
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

/// Whether an owner link was used in this browser. If the link has made an account an owner, the account must also still be an owner
/// and switched on. Otherwise a former owner could still read the outbox in this browser.
pub async fn is_owner_browser(database: &Database, browser_hash: &str) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as(
        "select id from owner_links where browser_hash = $1 and used_at is not null and (owner_id is null or exists (
                select 1 from users where users.id = owner_links.owner_id and owner_at is not null and disabled_at is null))",
    )
    .bind(browser_hash)
    .fetch_optional(database.reader())
    .await?;
    Ok(row.is_some())
}

/// Makes `user` an owner by the link that was used in the browser with this hash. Returns false and changes nothing if the link has
/// already made somebody an owner, or if `user` can't sign in: guests have no address to sign in with.
///
/// All other owner links stop working, also those that were used in a browser in which nobody has signed in yet.
pub async fn make_owner_by_link(
    transaction: &mut Transaction<'_, Any>,
    browser_hash: &str,
    user: &str,
    now_s: i64,
) -> sqlx::Result<bool> {
    // The browser stays marked. Without the check for `owner_id`, everybody who later signs in with this browser would become an
    // owner too. The update also locks the link, so of two sign-ins at the same time only one makes an owner.
    let claimed = sqlx::query(
        "update owner_links set owner_id = $1
          where browser_hash = $2 and used_at is not null and owner_id is null
            and exists (select 1 from users where users.id = $1 and email is not null and disabled_at is null)",
    )
    .bind(user)
    .bind(browser_hash)
    .execute(&mut **transaction)
    .await?;
    if claimed.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("update owner_links set owner_id = '' where used_at is not null and owner_id is null")
        .execute(&mut **transaction)
        .await?;
    delete_open_owner_links(transaction).await?;
    sqlx::query("update users set owner_at = coalesce(owner_at, $1) where id = $2")
        .bind(now_s)
        .bind(user)
        .execute(&mut **transaction)
        .await?;
    Ok(true)
}

/// The addresses with which owners sign in. Guests and accounts that are deactivated are left out, because nobody can sign in to
/// them.
pub async fn list_owner_emails(database: &Database) -> sqlx::Result<Vec<EmailAddress>> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "select email from users where owner_at is not null and disabled_at is null and email is not null",
    )
    .fetch_all(database.reader())
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(email,)| EmailAddress::parse(&email).ok())
        .collect())
}

/// Whether this user is an owner who can sign in: not a guest, and not deactivated.
pub async fn is_owner(database: &Database, user: &UserId) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as(
        "select id from users where id = $1 and owner_at is not null and disabled_at is null and email is not null",
    )
    .bind(user.as_str())
    .fetch_optional(database.reader())
    .await?;
    Ok(row.is_some())
}
