//! The SQL for guests: creating a guest who comes in by a link, and deleting guests.

use crate::{
    model::{
        id::{InviteId, RoomId, SessionId, UserId},
        profile::ProfileDetails,
    },
    server::{
        database::Database,
        profile::store::write_profile,
        rooms::invite::store::{InviteRow, count_use},
    },
};
use sqlx::{Any, AssertSqlSafe, Transaction};

/// A new guest who is about to be stored.
pub struct NewGuest<'a> {
    pub id: &'a UserId,
    pub details: &'a ProfileDetails,
    /// '', `face:<seed>` or the hash of a photo.
    pub picture: &'a str,
    pub now_s: i64,
}

/// Counts a use of the link, and writes the guest and their membership. False if the link no longer works.
pub async fn insert_guest(
    transaction: &mut Transaction<'_, Any>,
    invite: &InviteRow,
    guest: &NewGuest<'_>,
) -> sqlx::Result<bool> {
    if !count_use(transaction, &invite.id, guest.now_s).await? {
        return Ok(false);
    }
    // `guest_of` is the link by which the guest first came. A guest can come into another room by a second link, which is then the
    // link of that membership only. Revoking the second link must not delete the guest.
    sqlx::query("insert into users (id, email, name, picture, created_at, guest_of) values ($1, null, '', '', $2, $3)")
        .bind(guest.id.as_str())
        .bind(guest.now_s)
        .bind(&invite.id)
        .execute(&mut **transaction)
        .await?;
    write_profile(transaction, guest.id, guest.details, Some(guest.picture), guest.now_s).await?;
    sqlx::query("insert into members (room_id, user_id, invite_id, since) values ($1, $2, $3, $4)")
        .bind(&invite.room_id)
        .bind(guest.id.as_str())
        .bind(&invite.id)
        .bind(guest.now_s)
        .execute(&mut **transaction)
        .await?;
    Ok(true)
}

/// Begins the statement for the links of guests whose accounts are deleted next; ends with `in` and the guests. `$1` is the time.
///
/// The links stop working, because nobody could ask their makers about them any more, and because a guest who was removed could come back
/// by a link of their own. The owners of the rooms own the links from now on. If the rows were deleted with their makers, the people who
/// came in by these links would no longer be members of the rooms.
const TURN_OFF_AND_PASS_ON: &str = "update invites set revoked_at = coalesce(revoked_at, $1),
        made_by = (select coalesce((select id from users where id = rooms.host_id), rooms.opened_by)
                     from rooms where rooms.id = invites.room_id)
  where made_by in";

/// The guests that were removed: the users with their stored pictures, and the sessions that they had.
pub struct Removed {
    pub users: Vec<(UserId, String)>,
    pub sessions: Vec<SessionId>,
}

/// Deletes the people who came as guests by a link and are still guests, with their sessions and memberships. The links that they made stop
/// working and pass to the owners of their rooms.
pub async fn delete_guests(database: &Database, invite: &InviteId, now_s: i64) -> sqlx::Result<Removed> {
    let mut transaction = database.begin().await?;
    // The update changes nothing, but on PostgreSQL it locks the rows. If a guest adds an e-mail address at this moment, one of two
    // things happens: the address is written first and the guest stays, or the guest is deleted first and the guest's request finds
    // no account.
    let users: Vec<(String, String)> = sqlx::query_as(
        "update users set guest_of = guest_of where guest_of = $1 and email is null and owner_at is null returning id, picture",
    )
    .bind(invite.as_str())
    .fetch_all(&mut *transaction)
    .await?;
    let sessions: Vec<(String,)> = sqlx::query_as(
        "select id from sessions where user_id in (select id from users where guest_of = $1 and email is null and owner_at is null)",
    )
    .bind(invite.as_str())
    .fetch_all(&mut *transaction)
    .await?;
    sqlx::query(AssertSqlSafe(format!(
        "{TURN_OFF_AND_PASS_ON}
            (select id from users where guest_of = $2 and email is null and owner_at is null)"
    )))
    .bind(now_s)
    .bind(invite.as_str())
    .execute(&mut *transaction)
    .await?;
    sqlx::query("delete from users where guest_of = $1 and email is null and owner_at is null")
        .bind(invite.as_str())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(Removed {
        users: users
            .into_iter()
            .filter_map(|(id, picture)| Some((UserId::parse(&id)?, picture)))
            .collect(),
        sessions: sessions.iter().filter_map(|(id,)| SessionId::parse(id)).collect(),
    })
}

/// The people who were removed or banned in a room. The time of a removal may be over.
pub async fn list_barred(database: &Database, room: &RoomId) -> sqlx::Result<Vec<UserId>> {
    let rows: Vec<(String,)> = sqlx::query_as("select user_id from standings where room_id = $1 and barred <> 0")
        .bind(room.as_str())
        .fetch_all(database.reader())
        .await?;
    Ok(rows.iter().filter_map(|(id,)| UserId::parse(id)).collect())
}

/// Deletes the guests who have no session left in the database, because nobody can sign in as these guests any more. Returns the
/// number of deleted guests. The links that they made stop working and pass to the owners of their rooms.
pub async fn forget_gone(database: &Database, now_s: i64) -> sqlx::Result<u64> {
    let gone = "email is null and guest_of is not null and owner_at is null
            and not exists (select id from sessions where sessions.user_id = users.id)";
    let mut transaction = database.begin().await?;
    sqlx::query(AssertSqlSafe(format!(
        "{TURN_OFF_AND_PASS_ON} (select id from users where {gone})"
    )))
    .bind(now_s)
    .execute(&mut *transaction)
    .await?;
    let done = sqlx::query(AssertSqlSafe(format!("delete from users where {gone}")))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(done.rows_affected())
}
