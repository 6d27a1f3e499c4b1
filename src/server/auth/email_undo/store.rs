//! The SQL for undoing a change of address.

use crate::{
    model::{
        id::{SessionId, UserId},
        user::EmailAddress,
    },
    server::{auth::signed_in_devices::store::revoke_sessions_of, database::Database},
};
use sqlx::{AnyConnection, FromRow};

/// Whether `email` was the address of another user than `user` until a change that was made after `since_s` and was not undone.
/// While the other user can undo the change, nobody else can take the address.
///
/// A change with a time in the future counts, here and in all queries below: the clock has jumped back since, and people who have lost
/// their address must not lose the undo too. The price is that the undo lasts longer than a week, by as much as the clock has jumped.
pub async fn is_reserved(
    connection: &mut AnyConnection,
    email: &EmailAddress,
    user: &UserId,
    since_s: i64,
) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as(
        "select id from email_changes where old_email = $1 and changed_at > $2 and undone_at is null and user_id <> $3 limit 1",
    )
    .bind(email.as_str())
    .bind(since_s)
    .bind(user.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// A change of address that can still be undone, seen from the old address.
#[derive(Debug, FromRow)]
pub struct GivenUp {
    /// The id of the change.
    pub id: String,
    /// When the address was changed, in unix seconds.
    pub changed_at: i64,
    /// The address with which the user signs in now.
    pub email: String,
}

/// The change after `since_s` by which a user gave up this address, if the change can be undone and nobody has the address now.
pub async fn find_given_up(database: &Database, email: &EmailAddress, since_s: i64) -> sqlx::Result<Option<GivenUp>> {
    sqlx::query_as(
        "select email_changes.id, changed_at, email from email_changes join users on users.id = user_id
          where old_email = $1 and changed_at > $2 and undone_at is null and email is not null
            and not exists (select 1 from users as others where others.email = $1)
          order by changed_at limit 1",
    )
    .bind(email.as_str())
    .bind(since_s)
    .fetch_optional(database.reader())
    .await
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

/// An account whose sessions were ended, and these sessions.
pub type EndedSessions = (UserId, Vec<SessionId>);

/// Undoes a change: restores the old address, makes sure that later changes can't be undone, and ends every session of the
/// account. Returns the user and the ended sessions; `None` if the change can't be undone.
///
/// All of this happens in one transaction. A crash between two transactions could leave a thief signed in after the link is
/// used up.
///
/// # Errors
/// A unique violation if another user has the old address now.
pub async fn undo(database: &Database, id: &str, since_s: i64, now_s: i64) -> sqlx::Result<Option<EndedSessions>> {
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
    forget_requested_changes(&mut transaction, &user).await?;
    sqlx::query("update users set email = $1 where id = $2")
        .bind(&email)
        .bind(user.as_str())
        .execute(&mut *transaction)
        .await?;
    let ended = revoke_sessions_of(&mut transaction, &user, None, "address put back", now_s).await?;
    transaction.commit().await?;
    Ok(Some((user, ended)))
}

/// Ends every session of an account whose change of address can be undone, although another user has the old address now. The change
/// stays undoable. Returns the user and the ended sessions; `None` if the change can't be undone.
pub async fn end_sessions(
    database: &Database,
    id: &str,
    since_s: i64,
    now_s: i64,
) -> sqlx::Result<Option<EndedSessions>> {
    let mut transaction = database.begin().await?;
    let user: Option<(String,)> =
        sqlx::query_as("select user_id from email_changes where id = $1 and changed_at > $2 and undone_at is null")
            .bind(id)
            .bind(since_s)
            .fetch_optional(&mut *transaction)
            .await?;
    let Some(user) = user.and_then(|(user,)| UserId::parse(&user)) else {
        return Ok(None);
    };
    forget_requested_changes(&mut transaction, &user).await?;
    let ended = revoke_sessions_of(&mut transaction, &user, None, "address not put back", now_s).await?;
    transaction.commit().await?;
    Ok(Some((user, ended)))
}

/// Deletes the changes of address that a user asked for and has not confirmed.
pub async fn forget_requested_changes(connection: &mut AnyConnection, user: &UserId) -> sqlx::Result<()> {
    sqlx::query("delete from email_changes where user_id = $1 and changed_at is null")
        .bind(user.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether a write failed because another user has the address.
pub fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|message| message.is_unique_violation())
}
