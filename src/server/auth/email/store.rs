//! The SQL for the addresses that users sign in with, and for changing them.

use crate::{
    model::{
        id::{SessionId, UserId},
        user::EmailAddress,
    },
    server::{
        auth::{
            email_code::store::{AHEAD_MAX_S, IssuedCode, KEPT_S, delete_old_tries},
            email_undo::store::{forget_requested_changes, is_reserved},
        },
        database::Database,
    },
};
use sqlx::{Any, AnyConnection, Transaction};

/// The address of a user; `None` for a guest, and for an owner who came by the owner link.
pub async fn find_email(database: &Database, user: &UserId) -> sqlx::Result<Option<EmailAddress>> {
    let row: Option<(Option<String>,)> = sqlx::query_as("select email from users where id = $1")
        .bind(user.as_str())
        .fetch_optional(database.reader())
        .await?;
    Ok(row.and_then(|(email,)| EmailAddress::parse(&email?).ok()))
}

/// Whether a user with this address exists.
pub async fn is_known(database: &Database, email: &EmailAddress) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as("select id from users where email = $1")
        .bind(email.as_str())
        .fetch_optional(database.reader())
        .await?;
    Ok(row.is_some())
}

/// The id of the user with this address. If there is none, creates a user who is not activated yet. Two calls at the same time
/// create only one user. Until the transaction ends, the user keeps the address.
pub async fn find_or_insert_user(
    transaction: &mut Transaction<'_, Any>,
    email: &EmailAddress,
    new_id: &str,
    now_s: i64,
) -> sqlx::Result<String> {
    // On PostgreSQL, the person can delete their account, or change its address, between the two statements. Then both are tried again.
    for _ in 0..3 {
        sqlx::query(
            "insert into users (id, email, name, picture, created_at) values ($1, $2, '', '', $3) on conflict (email) do nothing",
        )
        .bind(new_id)
        .bind(email.as_str())
        .bind(now_s)
        .execute(&mut **transaction)
        .await?;
        // The update changes nothing, but on PostgreSQL it locks the row. Otherwise a change of address could be undone between this
        // statement and the end of the sign-in, and the person who lost the address would get a session of the account.
        let row: Option<(String,)> = sqlx::query_as("update users set email = email where email = $1 returning id")
            .bind(email.as_str())
            .fetch_optional(&mut **transaction)
            .await?;
        if let Some((id,)) = row {
            return Ok(id);
        }
    }
    Err(sqlx::Error::RowNotFound)
}

/// A requested change of address.
pub struct NewChange<'a> {
    pub id: &'a str,
    pub user: &'a UserId,
    pub session: &'a SessionId,
    pub new_email: &'a EmailAddress,
    pub mac: &'a str,
    pub now_s: i64,
    pub expires_at: i64,
}

/// Stores a requested change, and deletes the unconfirmed changes that other sessions of the user requested. Also deletes three
/// kinds of changes of any user: unconfirmed changes that expired at least [`KEPT_S`] ago, unconfirmed changes with a time in
/// the future, and changes that were confirmed at `kept_since` or earlier and are therefore too old to undo. If a change has a time in
/// the future, the clock has jumped back since it was stored.
pub async fn insert_change(database: &Database, change: &NewChange<'_>, kept_since: i64) -> sqlx::Result<()> {
    let mut transaction = database.begin().await?;
    sqlx::query(
        "delete from email_changes where (user_id = $1 and session_id <> $2 and changed_at is null)
            or (changed_at is null and (expires_at <= $3 or created_at > $4)) or changed_at <= $5",
    )
    .bind(change.user.as_str())
    .bind(change.session.as_str())
    .bind(change.now_s - KEPT_S)
    .bind(change.now_s + AHEAD_MAX_S)
    .bind(kept_since)
    .execute(&mut *transaction)
    .await?;
    delete_old_tries(&mut transaction, change.now_s).await?;
    sqlx::query(
        "insert into email_changes (id, user_id, session_id, number, new_email, mac, created_at, expires_at)
         values ($1, $2, $3, (select coalesce(max(number), 0) + 1 from email_changes where session_id = $3), $4, $5, $6, $7)",
    )
    .bind(change.id)
    .bind(change.user.as_str())
    .bind(change.session.as_str())
    .bind(change.new_email.as_str())
    .bind(change.mac)
    .bind(change.now_s)
    .bind(change.expires_at)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// Deletes unconfirmed changes that expired at least [`KEPT_S`] ago, and changes that were confirmed at `kept_since` or earlier.
/// Returns how many.
pub async fn forget_old(database: &Database, now_s: i64, kept_since: i64) -> sqlx::Result<u64> {
    let deleted =
        sqlx::query("delete from email_changes where (changed_at is null and expires_at <= $1) or changed_at <= $2")
            .bind(now_s - KEPT_S)
            .bind(kept_since)
            .execute(database.writer())
            .await?;
    Ok(deleted.rows_affected())
}

/// The newest change that a session requested and has not confirmed: the new address, and when it was requested (unix seconds).
pub async fn find_pending_change(
    database: &Database,
    session: &SessionId,
    now_s: i64,
) -> sqlx::Result<Option<(String, i64)>> {
    sqlx::query_as(
        "select new_email, created_at from email_changes
          where session_id = $1 and changed_at is null and expires_at > $2 and created_at <= $3
          order by number desc limit 1",
    )
    .bind(session.as_str())
    .bind(now_s)
    .bind(now_s + AHEAD_MAX_S)
    .fetch_optional(database.reader())
    .await
}

/// The codes of the changes that a session requested and has not confirmed, also expired ones, the newest first.
pub async fn list_unconfirmed_codes(database: &Database, session: &str, now_s: i64) -> sqlx::Result<Vec<IssuedCode>> {
    sqlx::query_as(
        "select id, new_email as email, mac, expires_at from email_changes
          where session_id = $1 and changed_at is null and created_at <= $2 order by number desc limit 20",
    )
    .bind(session)
    .bind(now_s + AHEAD_MAX_S)
    .fetch_all(database.reader())
    .await
}

/// What became of a requested change.
#[derive(Debug, PartialEq, Eq)]
pub enum AddressChange {
    /// The address was changed from `old_email`, which is `None` for a guest.
    Made {
        old_email: Option<EmailAddress>,
        new_email: EmailAddress,
        /// Whether the user has an address again that they gave up by a change that could be undone. This change can't be undone.
        is_change_back: bool,
    },
    /// The change was already made, or there is no such change.
    Gone,
    /// Another user gave up the new address, and can still undo that.
    Reserved,
}

/// Makes the requested change `id`, and deletes the other changes that the user has not confirmed. `since_s` is the time after which
/// changes can be undone.
///
/// # Errors
/// A unique violation if another user has the new address.
pub async fn change(database: &Database, id: &str, since_s: i64, now_s: i64) -> sqlx::Result<AddressChange> {
    let mut transaction = database.begin().await?;
    let changed: Option<(String, Option<String>, String)> = sqlx::query_as(
        "update email_changes set changed_at = $1, old_email = (select email from users where id = user_id)
          where id = $2 and changed_at is null returning user_id, old_email, new_email",
    )
    .bind(now_s)
    .bind(id)
    .fetch_optional(&mut *transaction)
    .await?;
    let parsed = changed.and_then(|(user, old, new)| {
        let old = old.and_then(|old| EmailAddress::parse(&old).ok());
        Some((UserId::parse(&user)?, old, EmailAddress::parse(&new).ok()?))
    });
    let Some((user, old_email, new_email)) = parsed else {
        return Ok(AddressChange::Gone);
    };
    // A guest's default face is drawn from the id. It stays, so that the others in the room still recognise the person.
    sqlx::query(
        "update users set email = $1,
            picture = case when email is null and owner_at is null and picture = '' then 'face:' || id else picture end
          where id = $2",
    )
    .bind(new_email.as_str())
    .bind(user.as_str())
    .execute(&mut *transaction)
    .await?;
    keep_in_order(&mut transaction, id).await?;
    // We check after the update. On PostgreSQL, the update waits for a change that gives up the same address at this moment, and this
    // query then sees that change.
    if is_reserved(&mut transaction, &new_email, &user, since_s).await? {
        return Ok(AddressChange::Reserved);
    }
    let is_change_back = end_undo_if_back(&mut transaction, &user, &new_email, since_s, now_s).await?;
    forget_requested_changes(&mut transaction, &user).await?;
    transaction.commit().await?;
    Ok(AddressChange::Made {
        old_email,
        new_email,
        is_change_back,
    })
}

/// If `user` now has an address again that they gave up by a change after `since_s` that could be undone, marks that change and all
/// later ones as undone. Otherwise, if an owner has changed the address back, a thief could use the letter about that to get the
/// account again. Returns whether it is so.
///
/// Call this after [`keep_in_order`].
async fn end_undo_if_back(
    connection: &mut AnyConnection,
    user: &UserId,
    new_email: &EmailAddress,
    since_s: i64,
    now_s: i64,
) -> sqlx::Result<bool> {
    let marked = sqlx::query(
        "update email_changes set undone_at = $1
          where user_id = $2 and undone_at is null
            and changed_at >= (select min(earlier.changed_at) from email_changes as earlier
                                where earlier.user_id = $2 and earlier.old_email = $3 and earlier.changed_at > $4
                                  and earlier.undone_at is null)",
    )
    .bind(now_s)
    .bind(user.as_str())
    .bind(new_email.as_str())
    .bind(since_s)
    .execute(connection)
    .await?;
    Ok(marked.rows_affected() > 0)
}

/// Gives the change `id` a later time than all other changes of the same user. Undoing a change also ends the undo of later changes, so
/// the times must say which change was later, even if both were made in one second, or if the clock has jumped back in between.
/// Otherwise a thief who changed the address twice could undo the second change after the owner has undone the first.
///
/// Call this when the row of the user is locked, so that no other change is made at the same time.
async fn keep_in_order(connection: &mut AnyConnection, id: &str) -> sqlx::Result<()> {
    sqlx::query(
        "update email_changes
            set changed_at = 1 + (select max(others.changed_at) from email_changes as others
                                   where others.user_id = email_changes.user_id and others.id <> email_changes.id)
          where id = $1
            and exists (select 1 from email_changes as others
                         where others.user_id = email_changes.user_id and others.id <> email_changes.id
                           and others.changed_at >= email_changes.changed_at)",
    )
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}
