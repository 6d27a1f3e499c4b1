//! The SQL for links into rooms, and for the members who came in by them.

use super::terms::Terms;
use crate::{
    model::{
        id::{InviteId, RoomId, UserId},
        room::Person,
    },
    server::{
        database::Database,
        profile::store::{PERSON_COLUMNS, PersonColumns},
    },
};
use sqlx::{Any, AssertSqlSafe, FromRow, Transaction};

/// A link's row.
#[derive(Debug, Clone, FromRow)]
pub struct InviteRow {
    pub id: String,
    pub room_id: String,
    pub made_by: String,
    pub expires_at: i64,
    pub most_uses: i64,
    pub uses: i64,
    pub revoked_at: Option<i64>,
    /// 1 if the link admits guests, otherwise 0.
    pub guests: i64,
}

#[derive(FromRow)]
struct MemberColumns {
    invite_id: String,
    #[sqlx(flatten)]
    member: PersonColumns,
}

/// A new link that is about to be stored.
pub struct NewInvite<'a> {
    pub id: &'a InviteId,
    pub room: &'a RoomId,
    pub made_by: &'a UserId,
    pub now_s: i64,
    pub expires_at: i64,
    pub terms: Terms,
}

pub async fn insert_invite(database: &Database, new: &NewInvite<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into invites (id, room_id, number, made_by, made_at, expires_at, most_uses, uses, guests)
         values ($1, $2, (select coalesce(max(number), 0) + 1 from invites where room_id = $2), $3, $4, $5, $6, 0, $7)",
    )
    .bind(new.id.as_str())
    .bind(new.room.as_str())
    .bind(new.made_by.as_str())
    .bind(new.now_s)
    .bind(new.expires_at)
    .bind(i64::from(new.terms.most_uses))
    .bind(i64::from(new.terms.guests))
    .execute(database.writer())
    .await?;
    Ok(())
}

pub async fn find_invite(database: &Database, id: &InviteId) -> sqlx::Result<Option<InviteRow>> {
    sqlx::query_as(
        "select id, room_id, made_by, expires_at, most_uses, uses, revoked_at, guests from invites where id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(database.reader())
    .await
}

/// A room's links, the newest first.
pub async fn list_invites(database: &Database, room: &RoomId) -> sqlx::Result<Vec<InviteRow>> {
    sqlx::query_as(
        "select id, room_id, made_by, expires_at, most_uses, uses, revoked_at, guests from invites
          where room_id = $1 order by number desc, id",
    )
    .bind(room.as_str())
    .fetch_all(database.reader())
    .await
}

/// The members of a room, each with the link by which they came, in the order in which they came.
pub async fn list_members(database: &Database, room: &RoomId) -> sqlx::Result<Vec<(String, Person)>> {
    let rows: Vec<MemberColumns> = sqlx::query_as(AssertSqlSafe(format!(
        "select invite_id, {PERSON_COLUMNS} from members join users on users.id = members.user_id
          where room_id = $1 order by since, users.id"
    )))
    .bind(room.as_str())
    .fetch_all(database.reader())
    .await?;
    let member = |row: MemberColumns| Some((row.invite_id, row.member.into_person()?));
    Ok(rows.into_iter().filter_map(member).collect())
}

/// For each link of a room, how many people who came by it are still guests.
pub async fn count_guests(database: &Database, room: &RoomId) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as(
        "select guest_of, count(*) from users
          where email is null and owner_at is null and guest_of in (select id from invites where room_id = $1)
          group by guest_of",
    )
    .bind(room.as_str())
    .fetch_all(database.reader())
    .await
}

pub async fn is_member(database: &Database, room: &RoomId, user: &UserId) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as("select user_id from members where room_id = $1 and user_id = $2")
        .bind(room.as_str())
        .bind(user.as_str())
        .fetch_optional(database.reader())
        .await?;
    Ok(row.is_some())
}

/// Makes `user` a member of the link's room, and counts a use of the link. False if the link no longer works. If `user` is already a
/// member, no use is counted.
pub async fn let_in(database: &Database, invite: &InviteRow, user: &UserId, now_s: i64) -> sqlx::Result<bool> {
    let mut transaction = database.begin().await?;
    let added = sqlx::query(
        "insert into members (room_id, user_id, invite_id, since) values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(&invite.room_id)
    .bind(user.as_str())
    .bind(&invite.id)
    .bind(now_s)
    .execute(&mut *transaction)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(true);
    }
    if !count_use(&mut transaction, &invite.id, now_s).await? {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}

/// Counts one use of a link. False if the link no longer works. Until the transaction ends, nobody else can use or revoke the link.
pub async fn count_use(transaction: &mut Transaction<'_, Any>, invite: &str, now_s: i64) -> sqlx::Result<bool> {
    let counted = sqlx::query(
        "update invites set uses = uses + 1
          where id = $1 and uses < most_uses and revoked_at is null and expires_at > $2",
    )
    .bind(invite)
    .bind(now_s)
    .execute(&mut **transaction)
    .await?;
    Ok(counted.rows_affected() == 1)
}

pub async fn revoke(database: &Database, id: &InviteId, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("update invites set revoked_at = $1 where id = $2 and revoked_at is null")
        .bind(now_s)
        .bind(id.as_str())
        .execute(database.writer())
        .await?;
    Ok(())
}
