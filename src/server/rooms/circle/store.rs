//! The SQL for circles: who follows whom.

use crate::{
    model::{id::UserId, room::Person},
    server::{
        database::Database,
        profile::store::{PERSON_COLUMNS, PersonColumns},
    },
};
use sqlx::AssertSqlSafe;

pub async fn follow(database: &Database, follower: &UserId, followed: &UserId, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("insert into follows (follower, followed, since) values ($1, $2, $3) on conflict do nothing")
        .bind(follower.as_str())
        .bind(followed.as_str())
        .bind(now_s)
        .execute(database.writer())
        .await?;
    Ok(())
}

/// Removes `followed` from the circle of `follower`. False if `followed` was not in that circle.
pub async fn unfollow(database: &Database, follower: &UserId, followed: &UserId) -> sqlx::Result<bool> {
    let done = sqlx::query("delete from follows where follower = $1 and followed = $2")
        .bind(follower.as_str())
        .bind(followed.as_str())
        .execute(database.writer())
        .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn follows(database: &Database, follower: &UserId, followed: &UserId) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as("select followed from follows where follower = $1 and followed = $2")
        .bind(follower.as_str())
        .bind(followed.as_str())
        .fetch_optional(database.reader())
        .await?;
    Ok(row.is_some())
}

/// The people that `follower` follows, sorted by name.
pub async fn list_followed(database: &Database, follower: &UserId) -> sqlx::Result<Vec<Person>> {
    let rows: Vec<PersonColumns> = sqlx::query_as(AssertSqlSafe(format!(
        "select {PERSON_COLUMNS} from follows join users on users.id = follows.followed
          where follows.follower = $1 order by lower(users.name), users.id"
    )))
    .bind(follower.as_str())
    .fetch_all(database.reader())
    .await?;
    Ok(rows.into_iter().filter_map(PersonColumns::into_person).collect())
}

/// The people who have `followed` in their circle.
pub async fn list_followers(database: &Database, followed: &UserId) -> sqlx::Result<Vec<UserId>> {
    let rows: Vec<(String,)> = sqlx::query_as("select follower from follows where followed = $1")
        .bind(followed.as_str())
        .fetch_all(database.reader())
        .await?;
    Ok(rows.iter().filter_map(|(id,)| UserId::parse(id)).collect())
}
