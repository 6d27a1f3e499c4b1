//! The SQL for deleting an account, and for keeping what other people need: rooms that go on, links, and the logs of rooms.

use crate::{
    model::{
        id::{RoomId, SessionId, UserId},
        moderation_log::LogEntry,
        room::DELETED_NAME,
        user::EmailAddress,
    },
    server::{auth::account_status::store::lock_row, voice::command::RoomToPassOn},
};
use sqlx::{Any, FromRow, Transaction};

/// The user to whom rooms and links belong whose person has left: `rooms.opened_by` and `invites.made_by` must name a user. Nobody can sign
/// in as this user, who has no address, no session, and is not activated.
const NOBODY: &str = "somebody-who-left";

/// What a deletion needs to know about the account.
#[derive(Debug, FromRow)]
pub struct LockedAccount {
    pub picture: String,
    pub owner_at: Option<i64>,
}

/// Deletes the codes that were sent to the address, and the changes of address. Call this first: a sign-in and a change of address also
/// write these rows before they lock the account, and transactions that do so in different orders could wait for each other for ever.
pub async fn forget_codes(
    transaction: &mut Transaction<'_, Any>,
    user: &UserId,
    email: Option<&EmailAddress>,
) -> sqlx::Result<()> {
    if let Some(email) = email {
        sqlx::query("delete from codes where email = $1")
            .bind(email.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    sqlx::query("delete from email_changes where user_id = $1")
        .bind(user.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Reads and locks the account, and the accounts of all owners if it belongs to an owner. `None` if there is no such account, or if it is
/// deactivated.
pub async fn lock_account(
    transaction: &mut Transaction<'_, Any>,
    user: &UserId,
) -> sqlx::Result<Option<LockedAccount>> {
    // Two owners who leave at the same time must not both count on the other. So an owner locks all owners.
    let to_lock: Vec<(String,)> = sqlx::query_as(
        "select id from users
          where id = $1 or (owner_at is not null and exists (
                select 1 from users as leaving where leaving.id = $1 and leaving.owner_at is not null))
          order by id",
    )
    .bind(user.as_str())
    .fetch_all(&mut **transaction)
    .await?;
    for (id,) in to_lock {
        lock_row(transaction, &id).await?;
    }
    sqlx::query_as("select picture, owner_at from users where id = $1 and disabled_at is null")
        .bind(user.as_str())
        .fetch_optional(&mut **transaction)
        .await
}

/// The addresses of the other owners who are switched on, and have an address or have chosen a name. `None` for an owner without an
/// address.
pub async fn list_other_owners(
    transaction: &mut Transaction<'_, Any>,
    user: &UserId,
) -> sqlx::Result<Vec<Option<EmailAddress>>> {
    let rows: Vec<(Option<String>,)> = sqlx::query_as(
        "select email from users
          where owner_at is not null and disabled_at is null and id <> $1
            and (email is not null or activated_at is not null)",
    )
    .bind(user.as_str())
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(email,)| email.and_then(|email| EmailAddress::parse(&email).ok()))
        .collect())
}

/// Gives the room to its heir. False if the heir has no account any more, or if there is none: then the room has to end.
pub async fn pass_on(transaction: &mut Transaction<'_, Any>, user: &UserId, room: &RoomToPassOn) -> sqlx::Result<bool> {
    let Some(heir) = &room.heir else { return Ok(false) };
    let passed = sqlx::query(
        "update rooms set host_id = $1, opened_by = case when opened_by = $2 then $1 else opened_by end
          where id = $3 and exists (select 1 from users where id = $1)",
    )
    .bind(heir.id.as_str())
    .bind(user.as_str())
    .bind(room.room.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(passed.rows_affected() > 0)
}

/// Ends a room that has no heir. As at every end of a room, its moderation records and its log are deleted.
pub async fn end_room(
    transaction: &mut Transaction<'_, Any>,
    user: &UserId,
    room: &RoomId,
    now_s: i64,
) -> sqlx::Result<()> {
    sqlx::query("update rooms set ended_at = $1, ended_by = $2 where id = $3 and ended_at is null")
        .bind(now_s)
        .bind(user.as_str())
        .bind(room.as_str())
        .execute(&mut **transaction)
        .await?;
    for forget in [
        "delete from standings where room_id = $1",
        "delete from moderation_log where room_id = $1",
    ] {
        sqlx::query(forget)
            .bind(room.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Takes the name out of the logs of all rooms. Hosts still need the entries about others.
pub async fn forget_in_logs(transaction: &mut Transaction<'_, Any>, user: &UserId) -> sqlx::Result<()> {
    // An id can contain `_`, which matches any character, so some of these entries can be about others. They are not changed.
    let rows: Vec<(String, i64, String)> =
        sqlx::query_as("select room_id, number, entry from moderation_log where entry like $1")
            .bind(format!("%{user}%"))
            .fetch_all(&mut **transaction)
            .await?;
    for (room, number, entry) in rows {
        let Ok(mut entry) = serde_json::from_str::<LogEntry>(&entry) else {
            continue;
        };
        if entry.forget(user) {
            sqlx::query("update moderation_log set entry = $1 where room_id = $2 and number = $3")
                .bind(serde_json::to_string(&entry).unwrap_or_default())
                .bind(room)
                .bind(number)
                .execute(&mut **transaction)
                .await?;
        }
    }
    Ok(())
}

/// Gives rooms that have ended to [`NOBODY`], and links to the owner of their room. Otherwise the database would delete them together with
/// the account, and with a link everybody's membership that it gave.
pub async fn give_up_rooms_and_links(
    transaction: &mut Transaction<'_, Any>,
    user: &UserId,
    now_s: i64,
) -> sqlx::Result<()> {
    let row: Option<(String,)> = sqlx::query_as("select id from rooms where opened_by = $1 limit 1")
        .bind(user.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
    if row.is_some() {
        sqlx::query(
            "insert into users (id, email, name, picture, created_at) values ($1, null, $2, '', $3) on conflict (id) do nothing",
        )
        .bind(NOBODY)
        .bind(DELETED_NAME)
        .bind(now_s)
        .execute(&mut **transaction)
        .await?;
        sqlx::query("update rooms set opened_by = $1 where opened_by = $2")
            .bind(NOBODY)
            .bind(user.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    for give_up in [
        "update rooms set host_id = null where host_id = $1",
        "update invites set made_by = (
                select coalesce((select users.id from users where users.id = rooms.host_id), rooms.opened_by)
                  from rooms where rooms.id = invites.room_id)
          where made_by = $1",
        // '' means that the link has made somebody an owner who is one no longer.
        "update owner_links set owner_id = '' where owner_id = $1",
    ] {
        sqlx::query(give_up)
            .bind(user.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Deletes the account. Its sessions, follows, memberships and moderation records go with it. Returns the ids of the sessions.
pub async fn delete_account(transaction: &mut Transaction<'_, Any>, user: &UserId) -> sqlx::Result<Vec<SessionId>> {
    let sessions: Vec<(String,)> = sqlx::query_as("select id from sessions where user_id = $1")
        .bind(user.as_str())
        .fetch_all(&mut **transaction)
        .await?;
    sqlx::query("delete from users where id = $1")
        .bind(user.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(sessions.iter().filter_map(|(id,)| SessionId::parse(id)).collect())
}
