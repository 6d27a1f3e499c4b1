//! The SQL for the people whose names guests can't use.

use crate::{model::id::RoomId, server::database::Database};

/// The owners of this Snug: their ids and names. Accounts that are switched off or not activated are left out.
pub async fn list_owners(database: &Database) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "select id, name from users
          where owner_at is not null and email is not null and disabled_at is null and activated_at is not null",
    )
    .fetch_all(database.reader())
    .await
}

/// The owner (`owner`), the opener (`opener`) and the co-hosts (`co_host`) of a room: their ids, their names and that word.
pub async fn list_holders(database: &Database, room: &RoomId) -> sqlx::Result<Vec<(String, String, String)>> {
    sqlx::query_as(
        "select users.id, users.name, cast('owner' as text)
           from rooms join users on users.id = rooms.host_id where rooms.id = $1
         union all
         select users.id, users.name, cast('opener' as text)
           from rooms join users on users.id = rooms.opened_by where rooms.id = $1
         union all
         select users.id, users.name, standings.rank
           from standings join users on users.id = standings.user_id
          where standings.room_id = $1 and standings.rank = 'co_host'",
    )
    .bind(room.as_str())
    .fetch_all(database.reader())
    .await
}
