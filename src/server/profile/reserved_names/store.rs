//! The SQL for the people whose names and faces guests can't use.

use crate::{
    model::id::RoomId,
    server::{
        database::Database,
        profile::store::{PERSON_COLUMNS, PersonColumns},
    },
};
use sqlx::{AssertSqlSafe, FromRow};

/// A person whose name and face are reserved in a room.
#[derive(Debug, FromRow)]
pub struct HolderRow {
    #[sqlx(flatten)]
    pub person: PersonColumns,
    /// `owner`, `opener` or `co_host`.
    pub word: String,
}

/// The owners of this Snug. Accounts that are deactivated or not activated are left out.
pub async fn list_owners(database: &Database) -> sqlx::Result<Vec<PersonColumns>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {PERSON_COLUMNS} from users
          where owner_at is not null and disabled_at is null and activated_at is not null"
    )))
    .fetch_all(database.reader())
    .await
}

/// The owner, the opener and the co-hosts of a room.
pub async fn list_holders(database: &Database, room: &RoomId) -> sqlx::Result<Vec<HolderRow>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {PERSON_COLUMNS}, cast('owner' as text) as word
           from rooms join users on users.id = rooms.host_id where rooms.id = $1
         union all
         select {PERSON_COLUMNS}, cast('opener' as text) as word
           from rooms join users on users.id = rooms.opened_by where rooms.id = $1
         union all
         select {PERSON_COLUMNS}, standings.rank as word
           from standings join users on users.id = standings.user_id
          where standings.room_id = $1 and standings.rank = 'co_host'"
    )))
    .bind(room.as_str())
    .fetch_all(database.reader())
    .await
}
