//! The SQL for rooms.

use crate::{
    model::{
        id::{RoomId, UserId},
        room::{RoomInfo, RoomKind, Rules},
        stage::Mode,
    },
    server::{
        database::Database,
        profile::store::{PERSON_COLUMNS, PersonColumns},
    },
};
use sqlx::{AssertSqlSafe, FromRow};

#[derive(FromRow)]
struct RoomInfoColumns {
    id: String,
    topic: String,
    kind: String,
    opened_by: String,
    mode: String,
    standing: i64,
    hold_minutes: i64,
    #[sqlx(flatten)]
    host: PersonColumns,
}

impl RoomInfoColumns {
    fn into_room_info(self) -> Option<RoomInfo> {
        let host = self.host.into_person()?;
        Some(RoomInfo {
            id: RoomId::parse(&self.id)?,
            owned_by: host.id.clone(),
            absent_owner: None,
            topic: self.topic,
            kind: RoomKind::parse(&self.kind).ok()?,
            host,
            opened_by: UserId::parse(&self.opened_by)?,
            rules: Rules {
                mode: Mode::parse(&self.mode).ok()?,
                permanent: self.standing != 0,
                new_account_minutes: u32::try_from(self.hold_minutes).ok()?,
            },
        })
    }
}

/// The query that reads room infos. If the host's account was deleted, the person who opened the room becomes the host.
fn room_infos(conditions: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "select rooms.id, topic, kind, opened_by, mode, standing, hold_minutes, {PERSON_COLUMNS}
           from rooms join users
             on users.id = coalesce((select id from users where id = rooms.host_id), rooms.opened_by)
          where {conditions}"
    ))
}

pub async fn insert_room(database: &Database, info: &RoomInfo, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("insert into rooms (id, topic, kind, opened_by, opened_at, mode) values ($1, $2, $3, $4, $5, $6)")
        .bind(info.id.as_str())
        .bind(&info.topic)
        .bind(info.kind.as_str())
        .bind(info.opened_by.as_str())
        .bind(now_s)
        .bind(info.rules.mode.as_str())
        .execute(database.writer())
        .await?;
    Ok(())
}

/// The rooms that have not ended, the oldest first.
pub async fn list_live(database: &Database) -> sqlx::Result<Vec<RoomInfo>> {
    let rows: Vec<RoomInfoColumns> = sqlx::query_as(room_infos("ended_at is null order by opened_at, rooms.id"))
        .fetch_all(database.reader())
        .await?;
    Ok(rows.into_iter().filter_map(RoomInfoColumns::into_room_info).collect())
}

/// The info of a room that is live or has ended.
pub async fn find_room_info(database: &Database, id: &RoomId) -> sqlx::Result<Option<RoomInfo>> {
    let row: Option<RoomInfoColumns> = sqlx::query_as(room_infos("rooms.id = $1"))
        .bind(id.as_str())
        .fetch_optional(database.reader())
        .await?;
    Ok(row.and_then(RoomInfoColumns::into_room_info))
}

/// How a room ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomEnd {
    /// The person with this name ended it; `None` if their account was deleted.
    By(Option<String>),
    /// Nobody ended it: everybody had left.
    Expired,
}

/// How the room ended; `None` if it has not ended, if an owner of this Snug closed it, or if it ended before the database had a column for
/// this.
pub async fn find_end(database: &Database, id: &RoomId) -> sqlx::Result<Option<RoomEnd>> {
    let row: Option<(Option<String>, Option<String>)> = sqlx::query_as(
        "select rooms.ended_by, users.name from rooms left join users on users.id = rooms.ended_by
          where rooms.id = $1 and rooms.ended_at is not null",
    )
    .bind(id.as_str())
    .fetch_optional(database.reader())
    .await?;
    Ok(row.and_then(|(by, name)| match by?.as_str() {
        "" => Some(RoomEnd::Expired),
        _ => Some(RoomEnd::By(name)),
    }))
}

/// Ends a room, and deletes its moderation records and its log, because nobody is allowed to read them any more. `by` is the person who
/// ended it; `None` if everybody had left. If the room has ended already, its end stays as it is.
pub async fn end_room(database: &Database, id: &RoomId, by: Option<&UserId>, now_s: i64) -> sqlx::Result<()> {
    end(database, id, Some(by.map_or("", UserId::as_str)), now_s).await
}

/// Ends a room as [`end_room`] does, without storing how. This is for owners of this Snug, whom nobody in the room has to know.
pub async fn close_room(database: &Database, id: &RoomId, now_s: i64) -> sqlx::Result<()> {
    end(database, id, None, now_s).await
}

async fn end(database: &Database, id: &RoomId, ended_by: Option<&str>, now_s: i64) -> sqlx::Result<()> {
    let mut transaction = database.begin().await?;
    sqlx::query("update rooms set ended_at = $1, ended_by = $2 where id = $3 and ended_at is null")
        .bind(now_s)
        .bind(ended_by)
        .bind(id.as_str())
        .execute(&mut *transaction)
        .await?;
    for forget in [
        "delete from standings where room_id = $1",
        "delete from moderation_log where room_id = $1",
    ] {
        sqlx::query(forget).bind(id.as_str()).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// Deletes rooms that ended before `before_s`, with their links and members. Returns the number of rooms.
pub async fn forget_ended(database: &Database, before_s: i64) -> sqlx::Result<u64> {
    let done = sqlx::query("delete from rooms where ended_at < $1")
        .bind(before_s)
        .execute(database.writer())
        .await?;
    Ok(done.rows_affected())
}
