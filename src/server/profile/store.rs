//! The SQL of profiles: name, face, activation.

use crate::{model::id::UserId, server::database::Database};
use sqlx::FromRow;

/// A user's profile as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct Profile {
    pub name: String,
    /// '', 'face:<seed>' or the hex SHA-256 of a photo.
    pub picture: String,
    pub activated_at: Option<i64>,
    pub owner_at: Option<i64>,
    /// 1 for who has no address.
    pub guest: i64,
}

/// The profile of `user`; nothing of one who is switched off, so that no endpoint takes them for somebody.
pub async fn find_profile(database: &Database, user: &UserId) -> sqlx::Result<Option<Profile>> {
    sqlx::query_as(
        "select name, picture, activated_at, owner_at, cast(case when email is null then 1 else 0 end as bigint) as guest
           from users where id = $1 and disabled_at is null",
    )
    .bind(user.as_str())
    .fetch_optional(database.reader())
    .await
}

/// Writes name and picture (`None` leaves it) and activates, in one transaction. The picture worn before;
/// `None` where there is no such user, or they are switched off, and then nothing has changed.
pub async fn activate(
    database: &Database,
    user: &UserId,
    name: &str,
    picture: Option<&str>,
    now_s: i64,
) -> sqlx::Result<Option<String>> {
    let mut transaction = database.begin().await?;
    // Locks the row on PostgreSQL: two at once would both read the same picture as the one before.
    let locked = sqlx::query("update users set name = name where id = $1 and disabled_at is null")
        .bind(user.as_str())
        .execute(&mut *transaction)
        .await?;
    if locked.rows_affected() == 0 {
        return Ok(None);
    }
    let before: Option<(String,)> = sqlx::query_as("select picture from users where id = $1")
        .bind(user.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
    sqlx::query("update users set name = $1, picture = coalesce($2, picture), activated_at = coalesce(activated_at, $3) where id = $4")
        .bind(name)
        .bind(picture)
        .bind(now_s)
        .bind(user.as_str())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(before.map(|(picture,)| picture))
}
