//! The SQL of rooms.

use crate::model::room::Person;
use crate::{
    model::{
        id::{RoomId, UserId},
        room::{RoomKind, Sign, Topic},
    },
    server::{database::Database, profile},
};
use sqlx::FromRow;

#[derive(FromRow)]
struct SignColumns {
    id: String,
    topic: String,
    kind: String,
    host_id: String,
    host_name: String,
    host_picture: String,
}

impl SignColumns {
    fn into_sign(self) -> Option<Sign> {
        let id = UserId::parse(&self.host_id)?;
        let picture = profile::address(&id, &self.host_name, &self.host_picture);
        Some(Sign {
            id: RoomId::parse(&self.id)?,
            topic: self.topic,
            kind: RoomKind::parse(&self.kind).ok()?,
            host: Person {
                id,
                name: self.host_name,
                picture,
            },
        })
    }
}

pub async fn insert_room(
    database: &Database,
    id: &RoomId,
    topic: &Topic,
    kind: RoomKind,
    host: &UserId,
    now_s: i64,
) -> sqlx::Result<()> {
    sqlx::query("insert into rooms (id, topic, kind, opened_by, opened_at) values ($1, $2, $3, $4, $5)")
        .bind(id.as_str())
        .bind(topic.as_str())
        .bind(kind.as_str())
        .bind(host.as_str())
        .bind(now_s)
        .execute(database.writer())
        .await?;
    Ok(())
}

/// The rooms that have not ended, the oldest first.
pub async fn list_standing(database: &Database) -> sqlx::Result<Vec<Sign>> {
    let rows: Vec<SignColumns> = sqlx::query_as(
        "select rooms.id, topic, kind, users.id as host_id, users.name as host_name, users.picture as host_picture
           from rooms join users on users.id = rooms.opened_by where ended_at is null order by opened_at, rooms.id",
    )
    .fetch_all(database.reader())
    .await?;
    Ok(rows.into_iter().filter_map(SignColumns::into_sign).collect())
}

/// A room that is or was.
pub async fn find_sign(database: &Database, id: &RoomId) -> sqlx::Result<Option<Sign>> {
    let row: Option<SignColumns> = sqlx::query_as(
        "select rooms.id, topic, kind, users.id as host_id, users.name as host_name, users.picture as host_picture
           from rooms join users on users.id = rooms.opened_by where rooms.id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(database.reader())
    .await?;
    Ok(row.and_then(SignColumns::into_sign))
}

pub async fn end_room(database: &Database, id: &RoomId, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("update rooms set ended_at = $1 where id = $2 and ended_at is null")
        .bind(now_s)
        .bind(id.as_str())
        .execute(database.writer())
        .await?;
    Ok(())
}
