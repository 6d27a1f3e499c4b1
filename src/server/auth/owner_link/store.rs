//! The SQL for owner links and owners.

use crate::{
    model::{
        id::{SessionId, UserId},
        user::EmailAddress,
    },
    server::{auth::account_status::store::lock_row, database::Database},
};
use sqlx::{Any, FromRow, Transaction};

/// A link that nobody has used.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OpenLink {
    pub id: String,
    /// Unix seconds.
    pub created_at: i64,
}

/// The owner links that have not been used, the newest first. There is usually at most one.
pub async fn list_open_owner_links(database: &Database) -> sqlx::Result<Vec<OpenLink>> {
    sqlx::query_as("select id, created_at from owner_links where used_at is null order by created_at desc, id")
        .fetch_all(database.reader())
        .await
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

/// How a link is used.
pub struct LinkUse<'a> {
    pub id: &'a str,
    /// The hash of the secret in the cookie of the browser.
    pub browser_hash: &'a str,
    /// The account that the link makes an owner, or signs in to.
    pub owner: &'a UserId,
    pub now_s: i64,
}

/// Marks the link as used, and makes all other links stop working. False if the link was already used.
pub async fn use_owner_link(transaction: &mut Transaction<'_, Any>, link: &LinkUse<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update owner_links set used_at = $1, browser_hash = $2, owner_id = $3 where id = $4 and used_at is null",
    )
    .bind(link.now_s)
    .bind(link.browser_hash)
    .bind(link.owner.as_str())
    .bind(link.id)
    .execute(&mut **transaction)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    delete_open_owner_links(transaction).await?;
    Ok(true)
}

/// Makes all open links stop working if `user` is a new owner who chooses a name and a face now. A start of the server may have printed
/// another link meanwhile. Call this before you lock the row of the user: a link that is being used locks the rows in this order, too.
pub async fn end_links_before_activation(transaction: &mut Transaction<'_, Any>, user: &UserId) -> sqlx::Result<()> {
    sqlx::query(
        "delete from owner_links where used_at is null and exists (
            select 1 from users where id = $1 and owner_at is not null and email is null and activated_at is null)",
    )
    .bind(user.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Whether an owner link was used in this browser, and the account of the link is still an owner and switched on. Otherwise a former
/// owner could still read the outbox in this browser.
pub async fn is_owner_browser(database: &Database, browser_hash: &str) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as(
        "select id from owner_links where browser_hash = $1 and used_at is not null and exists (
                select 1 from users where users.id = owner_links.owner_id and owner_at is not null and disabled_at is null)",
    )
    .bind(browser_hash)
    .fetch_optional(database.reader())
    .await?;
    Ok(row.is_some())
}

/// Locks the account for which a link is used, and those of owners who have not chosen a name and a face yet, which the link deletes.
pub async fn lock_in_order(transaction: &mut Transaction<'_, Any>, user: &UserId) -> sqlx::Result<()> {
    let to_lock: Vec<(String,)> = sqlx::query_as(
        "select id from users
          where id = $1 or (owner_at is not null and email is null and activated_at is null)
          order by id",
    )
    .bind(user.as_str())
    .fetch_all(&mut **transaction)
    .await?;
    for (id,) in to_lock {
        lock_row(transaction, &id).await?;
    }
    Ok(())
}

/// Writes a new owner, who has no address, and no name and face yet.
pub async fn insert_owner(transaction: &mut Transaction<'_, Any>, user: &UserId, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("insert into users (id, email, name, picture, created_at, owner_at) values ($1, null, '', '', $2, $2)")
        .bind(user.as_str())
        .bind(now_s)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// What became of an account that was to be an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerRole {
    Given,
    /// A guest can't sign in again, so this Snug could lose its owner.
    RefusedToGuest,
    /// There is no such account, or it is deactivated.
    NoAccount,
}

/// Makes an account an owner, unless it is that of a guest. Until the transaction ends, nobody can deactivate the account.
pub async fn make_owner(transaction: &mut Transaction<'_, Any>, user: &UserId, now_s: i64) -> sqlx::Result<OwnerRole> {
    let made = sqlx::query(
        "update users set owner_at = coalesce(owner_at, $1)
          where id = $2 and disabled_at is null and (email is not null or owner_at is not null)",
    )
    .bind(now_s)
    .bind(user.as_str())
    .execute(&mut **transaction)
    .await?;
    if made.rows_affected() == 1 {
        return Ok(OwnerRole::Given);
    }
    let guest: Option<(String,)> = sqlx::query_as("select id from users where id = $1 and disabled_at is null")
        .bind(user.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(guest.map_or(OwnerRole::NoAccount, |_| OwnerRole::RefusedToGuest))
}

/// An owner whose account is switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveOwner {
    pub id: String,
    /// The address with which the owner signs in, if they have one.
    pub email: Option<EmailAddress>,
}

impl ActiveOwner {
    fn from_columns((id, email): (String, Option<String>)) -> Self {
        let email = email.and_then(|email| EmailAddress::parse(&email).ok());
        Self { id, email }
    }
}

/// The owners to whose accounts somebody can come back. Accounts that are deactivated are left out, and so are the accounts of people who
/// have used an owner link and have not chosen a name and a face yet.
pub async fn list_owners(database: &Database) -> sqlx::Result<Vec<ActiveOwner>> {
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(
        "select id, email from users
          where owner_at is not null and disabled_at is null and (email is not null or activated_at is not null)",
    )
    .fetch_all(database.reader())
    .await?;
    Ok(rows.into_iter().map(ActiveOwner::from_columns).collect())
}

/// The owner with this id, who is activated and switched on. Until the transaction ends, nobody can deactivate the account.
pub async fn lock_owner(transaction: &mut Transaction<'_, Any>, user: &UserId) -> sqlx::Result<Option<ActiveOwner>> {
    // The update changes nothing, but on PostgreSQL it locks the row. A request that deactivates the account has to wait, and then
    // revokes the session that this transaction writes.
    let row: Option<(String, Option<String>)> = sqlx::query_as(
        "update users set owner_at = owner_at
          where id = $1 and owner_at is not null and disabled_at is null and activated_at is not null
         returning id, email",
    )
    .bind(user.as_str())
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(row.map(ActiveOwner::from_columns))
}

/// Deletes the owners who came by another link and have not chosen a name and a face yet, with their sessions. Returns the ids of these
/// sessions. A link that somebody pressed and left must not make an owner after the Snug has one.
pub async fn delete_unfinished_owners(
    transaction: &mut Transaction<'_, Any>,
    but: &UserId,
) -> sqlx::Result<Vec<SessionId>> {
    let unfinished: Vec<(String,)> = sqlx::query_as(
        "update users set owner_at = owner_at
          where owner_at is not null and email is null and activated_at is null and id <> $1 returning id",
    )
    .bind(but.as_str())
    .fetch_all(&mut **transaction)
    .await?;
    let mut ended = vec![];
    for (user,) in unfinished {
        let sessions: Vec<(String,)> = sqlx::query_as("select id from sessions where user_id = $1")
            .bind(&user)
            .fetch_all(&mut **transaction)
            .await?;
        sqlx::query("delete from users where id = $1")
            .bind(&user)
            .execute(&mut **transaction)
            .await?;
        ended.extend(sessions.iter().filter_map(|(id,)| SessionId::parse(id)));
    }
    Ok(ended)
}

/// Deletes the owners who never chose a name and a face and have no session left in the database. Returns how many.
pub async fn forget_unfinished_owners(database: &Database) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "delete from users where owner_at is not null and email is null and activated_at is null
            and not exists (select id from sessions where sessions.user_id = users.id)",
    )
    .execute(database.writer())
    .await?;
    Ok(done.rows_affected())
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
