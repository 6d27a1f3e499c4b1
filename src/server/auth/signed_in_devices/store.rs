//! The SQL for the sessions of one user.

use crate::{
    model::id::{SessionId, UserId},
    server::database::Database,
};
use sqlx::{AnyConnection, FromRow};

/// A [`SessionOfUser`] as the database returns it, before its id is parsed.
#[derive(FromRow)]
struct SessionOfUserColumns {
    id: String,
    user_agent: String,
    ip_prefix: String,
    last_seen_at: i64,
}

/// A session, as its user sees it in the list of devices.
pub struct SessionOfUser {
    pub id: SessionId,
    pub user_agent: String,
    pub ip_prefix: String,
    pub last_seen_at: i64,
}

/// A user's sessions that have not ended, the most recently seen first.
pub async fn list_sessions(database: &Database, user: &UserId, now_s: i64) -> sqlx::Result<Vec<SessionOfUser>> {
    let rows: Vec<SessionOfUserColumns> = sqlx::query_as(
        "select id, user_agent, ip_prefix, last_seen_at from sessions
          where user_id = $1 and revoked_at is null and idle_expires_at > $2 order by last_seen_at desc, id",
    )
    .bind(user.as_str())
    .bind(now_s)
    .fetch_all(database.reader())
    .await?;
    let parsed = |row: SessionOfUserColumns| {
        Some(SessionOfUser {
            id: SessionId::parse(&row.id)?,
            user_agent: row.user_agent,
            ip_prefix: row.ip_prefix,
            last_seen_at: row.last_seen_at,
        })
    };
    Ok(rows.into_iter().filter_map(parsed).collect())
}

/// Revokes a session of this user. False if it was already revoked or belongs to another user.
pub async fn revoke_session_of(
    database: &Database,
    user: &UserId,
    id: &SessionId,
    reason: &str,
    now_s: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update sessions set revoked_at = $1, revoke_reason = $2 where id = $3 and user_id = $4 and revoked_at is null",
    )
    .bind(now_s)
    .bind(reason)
    .bind(id.as_str())
    .bind(user.as_str())
    .execute(database.writer())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes every session of a user except `keep`. Returns the ids of the revoked sessions.
pub async fn revoke_sessions_of(
    connection: &mut AnyConnection,
    user: &UserId,
    keep: Option<&SessionId>,
    reason: &str,
    now_s: i64,
) -> sqlx::Result<Vec<SessionId>> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "update sessions set revoked_at = $1, revoke_reason = $2
          where user_id = $3 and id <> $4 and revoked_at is null returning id",
    )
    .bind(now_s)
    .bind(reason)
    .bind(user.as_str())
    .bind(keep.map_or("", SessionId::as_str))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(|(id,)| SessionId::parse(&id)).collect())
}
