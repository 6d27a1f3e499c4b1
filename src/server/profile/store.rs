//! The SQL for profiles, and the only place that turns a row of `users` into a person.

use super::stored_picture;
use crate::{
    model::{
        id::{RoomId, UserId},
        profile::ProfileDetails,
        room::Person,
    },
    server::{auth::owner_link::store::end_links_before_activation, database::Database},
};
use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

/// The columns of a person, for every query that reads people from `users`. A guest is a user without an e-mail address who is no owner of
/// this Snug.
pub const PERSON_COLUMNS: &str = "users.id as person_id, users.name as person_name, users.picture as person_picture,
    cast(case when users.email is null and users.owner_at is null then 1 else 0 end as bigint) as person_guest";

/// The values of [`PERSON_COLUMNS`]. Other row types contain this type as a flattened field.
#[derive(Debug, Clone, FromRow)]
pub struct PersonColumns {
    person_id: String,
    person_name: String,
    person_picture: String,
    /// 1 for a guest.
    person_guest: i64,
}

impl PersonColumns {
    /// The person as others see them; `None` if the id is malformed.
    pub fn into_person(self) -> Option<Person> {
        let id = UserId::parse(&self.person_id)?;
        let guest = self.person_guest != 0;
        // A guest chooses any name, also the name of a host, so the face of a guest must not follow from the name.
        let named = if guest { "" } else { &self.person_name };
        let picture = stored_picture::address(&id, named, &self.person_picture);
        Some(Person {
            id,
            name: self.person_name,
            picture,
            guest,
        })
    }
}

/// A user's profile as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct Profile {
    #[sqlx(flatten)]
    pub person: PersonColumns,
    pub activated_at: Option<i64>,
    pub owner_at: Option<i64>,
}

/// The profile of `user`. `None` for an account that is deactivated, so that no endpoint accepts it, even with a valid session.
pub async fn find_profile(database: &Database, user: &UserId) -> sqlx::Result<Option<Profile>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {PERSON_COLUMNS}, activated_at, owner_at from users where id = $1 and disabled_at is null"
    )))
    .bind(user.as_str())
    .fetch_optional(database.reader())
    .await
}

/// The rooms that `user` has come into by a link, and that have not ended. This query is here and not in `rooms`, because the names that
/// a guest may choose depend on these rooms.
pub async fn list_rooms_of(database: &Database, user: &UserId) -> sqlx::Result<Vec<RoomId>> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "select members.room_id from members join rooms on rooms.id = members.room_id
          where members.user_id = $1 and rooms.ended_at is null",
    )
    .bind(user.as_str())
    .fetch_all(database.reader())
    .await?;
    Ok(rows.iter().filter_map(|(id,)| RoomId::parse(id)).collect())
}

/// Writes the profile and activates the account, in one transaction. Returns the picture before the change. If there is no such user
/// or the account is deactivated, returns `None` and changes nothing.
pub async fn activate(
    database: &Database,
    user: &UserId,
    details: &ProfileDetails,
    picture: Option<&str>,
    now_s: i64,
) -> sqlx::Result<Option<String>> {
    let mut transaction = database.begin().await?;
    end_links_before_activation(&mut transaction, user).await?;
    // The update changes nothing, but on PostgreSQL it locks the row. Without the lock, two calls at the same time would both read the
    // same old picture. The second call would then replace the picture of the first call, and nobody would delete that picture.
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
    write_profile(&mut transaction, user, details, picture, now_s).await?;
    transaction.commit().await?;
    Ok(before.map(|(picture,)| picture))
}

/// Writes the profile, and activates the user if they are not activated yet. `picture: None` leaves the picture as it is.
pub async fn write_profile(
    connection: &mut AnyConnection,
    user: &UserId,
    details: &ProfileDetails,
    picture: Option<&str>,
    now_s: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "update users set name = $1, picture = coalesce($2, picture), activated_at = coalesce(activated_at, $3)
          where id = $4",
    )
    .bind(details.name.as_str())
    .bind(picture)
    .bind(now_s)
    .bind(user.as_str())
    .execute(connection)
    .await?;
    Ok(())
}
