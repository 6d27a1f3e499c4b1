//! The SQL for the addresses that users sign in with, and for changing them.

use crate::{
    error::{AppError, Kind},
    model::{
        id::{SessionId, UserId},
        user::EmailAddress,
    },
    server::{
        auth::{
            email_code::store::{IssuedCode, KEPT_S, delete_old_tries},
            signed_in_devices::store::revoke_sessions_of,
        },
        database::Database,
        error::Error,
    },
};
use sqlx::{Any, FromRow, Transaction};

/// The address of a user; `None` for a guest.
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
/// create only one user.
pub async fn find_or_insert_user(
    transaction: &mut Transaction<'_, Any>,
    email: &str,
    new_id: &str,
    now_s: i64,
) -> sqlx::Result<String> {
    sqlx::query(
        "insert into users (id, email, name, picture, created_at) values ($1, $2, '', '', $3) on conflict (email) do nothing",
    )
    .bind(new_id)
    .bind(email)
    .bind(now_s)
    .execute(&mut **transaction)
    .await?;
    let (id,): (String,) = sqlx::query_as("select id from users where email = $1")
        .bind(email)
        .fetch_one(&mut **transaction)
        .await?;
    Ok(id)
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
/// kinds of changes of any user: unconfirmed changes that expired at least [`KEPT_S`] ago, unconfirmed changes from the future, which
/// are from before a jump back of the clock, and changes that were confirmed at `kept_since` or earlier and are therefore too old to
/// undo.
pub async fn insert_change(database: &Database, change: &NewChange<'_>, kept_since: i64) -> sqlx::Result<()> {
    let mut transaction = database.begin().await?;
    sqlx::query(
        "delete from email_changes where (user_id = $1 and session_id <> $2 and changed_at is null)
            or (changed_at is null and (expires_at <= $3 or created_at > $4)) or changed_at <= $5",
    )
    .bind(change.user.as_str())
    .bind(change.session.as_str())
    .bind(change.now_s - KEPT_S)
    .bind(change.now_s)
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
          where session_id = $1 and changed_at is null and expires_at > $2 and created_at <= $2
          order by number desc limit 1",
    )
    .bind(session.as_str())
    .bind(now_s)
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
    .bind(now_s)
    .fetch_all(database.reader())
    .await
}

/// A user's address before and after a change.
#[derive(Debug, FromRow)]
pub struct Changed {
    pub old_email: Option<String>,
    pub new_email: String,
}

/// Makes the requested change `id`, and deletes the other changes that the user has not confirmed. `None` if this change was already
/// made.
///
/// # Errors
/// A unique violation if another user has the new address.
pub async fn change(database: &Database, id: &str, now_s: i64) -> sqlx::Result<Option<Changed>> {
    let mut transaction = database.begin().await?;
    let changed: Option<Changed> = sqlx::query_as(
        "update email_changes set changed_at = $1, old_email = (select email from users where id = user_id)
          where id = $2 and changed_at is null returning old_email, new_email",
    )
    .bind(now_s)
    .bind(id)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(changed) = changed else { return Ok(None) };
    sqlx::query("update users set email = $1 where id = (select user_id from email_changes where id = $2)")
        .bind(&changed.new_email)
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "delete from email_changes
          where changed_at is null and user_id = (select user_id from email_changes where id = $1)",
    )
    .bind(id)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Some(changed))
}

/// The address that undoing a change would restore. `None` if the change is not newer than `since_s`, or was already undone.
pub async fn find_undoable(database: &Database, id: &str, since_s: i64) -> sqlx::Result<Option<String>> {
    let row: Option<(Option<String>,)> =
        sqlx::query_as("select old_email from email_changes where id = $1 and changed_at > $2 and undone_at is null")
            .bind(id)
            .bind(since_s)
            .fetch_optional(database.reader())
            .await?;
    Ok(row.and_then(|(old,)| old))
}

/// Undoes a change: restores the old address, makes sure that later changes can't be undone, and ends every session of the
/// account. Returns the user and the ended sessions; `None` if the change can't be undone.
///
/// All of this happens in one transaction. A crash between two transactions could leave a thief signed in after the link is
/// used up.
///
/// # Errors
/// A unique violation if another user has the old address now.
pub async fn undo(
    database: &Database,
    id: &str,
    since_s: i64,
    now_s: i64,
) -> sqlx::Result<Option<(UserId, Vec<SessionId>)>> {
    let mut transaction = database.begin().await?;
    let undone: Option<(String, String, i64)> = sqlx::query_as(
        "update email_changes set undone_at = $1
          where id = $2 and changed_at > $3 and undone_at is null and old_email is not null
         returning user_id, old_email, changed_at",
    )
    .bind(now_s)
    .bind(id)
    .bind(since_s)
    .fetch_optional(&mut *transaction)
    .await?;
    let undone = undone.and_then(|(user, email, changed_at)| Some((UserId::parse(&user)?, email, changed_at)));
    let Some((user, email, changed_at)) = undone else {
        return Ok(None);
    };
    // Mark later changes as undone too. Otherwise a thief who changed the address twice could use the link of the second change to
    // restore the thief's own address.
    sqlx::query(
        "update email_changes set undone_at = $1
          where user_id = $2 and undone_at is null and (changed_at >= $3 or changed_at is null)",
    )
    .bind(now_s)
    .bind(user.as_str())
    .bind(changed_at)
    .execute(&mut *transaction)
    .await?;
    sqlx::query("delete from email_changes where user_id = $1 and changed_at is null")
        .bind(user.as_str())
        .execute(&mut *transaction)
        .await?;
    sqlx::query("update users set email = $1 where id = $2")
        .bind(&email)
        .bind(user.as_str())
        .execute(&mut *transaction)
        .await?;
    let ended = revoke_sessions_of(&mut transaction, &user, None, "address put back", now_s).await?;
    transaction.commit().await?;
    Ok(Some((user, ended)))
}

/// Turns a unique violation into a `Conflict` with a message for the person. Other errors are passed on.
pub fn taken(error: sqlx::Error) -> Error {
    if error
        .as_database_error()
        .is_some_and(|message| message.is_unique_violation())
    {
        let message = "Somebody else already signs in with that address. Use another one.";
        return AppError::new(Kind::Conflict, message).into();
    }
    error.into()
}
