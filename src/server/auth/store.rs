//! The SQL for sessions.

use super::token_rotation::Row;
use crate::{
    model::id::{SessionId, UserId},
    server::{
        database::Database,
        token_rotation_batch::{self, Rotated, Swap},
    },
};
use sqlx::{Any, FromRow, Transaction};
use std::sync::LazyLock;

/// A new session that is about to be stored.
pub struct NewSession<'a> {
    pub id: &'a SessionId,
    pub user: &'a UserId,
    pub hash: &'a str,
    pub kid: &'a str,
    pub now_s: i64,
    pub idle_expires_at: i64,
    pub abs_expires_at: i64,
    pub user_agent: &'a str,
    pub ip_prefix: &'a str,
}

/// The part of a session's row that a refresh needs.
pub struct SessionRow {
    pub user: UserId,
    pub generation: i64,
    pub salt: String,
    pub abs_expires_at: i64,
    pub rotation: Row,
}

#[derive(FromRow)]
struct SessionColumns {
    user_id: String,
    r#gen: i64,
    salt: String,
    cur_hash: String,
    prev_hash: String,
    served_at: i64,
    confirmed: i64,
    idle_expires_at: i64,
    abs_expires_at: i64,
    revoked_at: Option<i64>,
}

impl SessionColumns {
    fn into_row(self) -> Option<SessionRow> {
        Some(SessionRow {
            user: UserId::parse(&self.user_id)?,
            generation: self.r#gen,
            salt: self.salt,
            abs_expires_at: self.abs_expires_at,
            rotation: Row {
                cur_hash: self.cur_hash,
                prev_hash: self.prev_hash,
                served_at: self.served_at,
                confirmed: self.confirmed != 0,
                revoked: self.revoked_at.is_some(),
                expires_at: self.idle_expires_at.min(self.abs_expires_at),
            },
        })
    }
}

/// The session `id`, even if it has ended.
pub async fn find_session(database: &Database, id: &SessionId) -> sqlx::Result<Option<SessionRow>> {
    let columns: Option<SessionColumns> = sqlx::query_as(
        "select user_id, gen, salt, cur_hash, prev_hash, served_at, confirmed, idle_expires_at, abs_expires_at, revoked_at
           from sessions where id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(database.reader())
    .await?;
    Ok(columns.and_then(SessionColumns::into_row))
}

pub async fn insert_session(transaction: &mut Transaction<'_, Any>, session: &NewSession<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into sessions (id, user_id, cur_hash, prev_hash, salt, kid, gen, served_at, confirmed, created_at,
                               last_seen_at, idle_expires_at, abs_expires_at, user_agent, ip_prefix)
         values ($1, $2, $3, '', '', $4, 1, $5, 0, $5, $5, $6, $7, $8, $9)",
    )
    .bind(session.id.as_str())
    .bind(session.user.as_str())
    .bind(session.hash)
    .bind(session.kid)
    .bind(session.now_s)
    .bind(session.idle_expires_at)
    .bind(session.abs_expires_at)
    .bind(session.user_agent)
    .bind(session.ip_prefix)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

static ROTATIONS_ON_SQLITE: LazyLock<Vec<String>> = LazyLock::new(|| rotation_texts(|_| "?".to_owned()));
static ROTATIONS_ON_POSTGRES: LazyLock<Vec<String>> = LazyLock::new(|| rotation_texts(|number| format!("${number}")));

/// The statements for 0, 1, 2, … swaps. `place` writes the placeholder of a value, given its number.
fn rotation_texts(place: impl Fn(usize) -> String) -> Vec<String> {
    let row = |first: usize| {
        let places: Vec<String> = (first..first + 8).map(&place).collect();
        format!("({})", places.join(", "))
    };
    let text = |count: usize| {
        let rows: Vec<String> = (0..count).map(|at| row(8 * at + 1)).collect();
        // Both databases name the columns of `values` column1, column2, ….
        format!(
            "update sessions set gen = gen + 1, prev_hash = cur_hash, cur_hash = column3, salt = column4, kid = column5,
                    served_at = column6, confirmed = 0, last_seen_at = column6,
                    idle_expires_at = case when abs_expires_at < column7 then abs_expires_at else column7 end
               from (values {}) as swap
              where id = column1 and cur_hash = column2 and revoked_at is null
                and column6 < idle_expires_at and column6 < abs_expires_at and column6 >= served_at + column8
             returning id, user_id, gen, abs_expires_at",
            rows.join(", ")
        )
    };
    (0..=token_rotation_batch::BATCH_MAX).map(text).collect()
}

/// Rotates one token; `None` if the swap matched no row.
pub async fn rotate_session(database: &Database, swap: Swap) -> sqlx::Result<Option<Rotated>> {
    Ok(rotate_sessions(database, &[swap]).await?.pop())
}

/// Rotates tokens in one statement. Each rotation is a separate compare-and-swap, and the result contains only the swaps that matched
/// a row. A swap matches if `token_rotation::decide` would say Rotate; a test checks that the two agree. A session must not occur
/// twice in `swaps`, because the database would not tell us which of its two swaps won.
///
/// We always fetch all rows. SQLite commits after the last row was read, so a caller that stops earlier would not learn that the
/// commit failed.
///
/// # Panics
/// If there are more than [`token_rotation_batch::BATCH_MAX`] swaps.
pub async fn rotate_sessions(database: &Database, swaps: &[Swap]) -> sqlx::Result<Vec<Rotated>> {
    if swaps.is_empty() {
        return Ok(vec![]);
    }
    // SQLite also accepts numbered placeholders, but it looks up each of them by name. Placeholders without a number are faster.
    let texts = match database.has_one_writer() {
        true => &ROTATIONS_ON_SQLITE,
        false => &ROTATIONS_ON_POSTGRES,
    };
    let mut query = sqlx::query_as::<Any, (String, String, i64, i64)>(texts[swaps.len()].as_str());
    for swap in swaps {
        query = query
            .bind(swap.session.as_str())
            .bind(swap.hash.as_str())
            .bind(swap.new_hash.as_str())
            .bind(swap.salt.as_str())
            .bind(swap.kid.as_str())
            .bind(swap.now_s)
            .bind(swap.idle_expires_at)
            .bind(swap.confirm_s);
    }
    let rows = query.fetch_all(database.writer()).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(session, user, generation, abs_expires_at)| {
            Some(Rotated {
                session: SessionId::parse(&session)?,
                user: UserId::parse(&user)?,
                generation,
                abs_expires_at,
            })
        })
        .collect())
}

/// Records that the current token was sent to the browser again at `now_s`. So the token is not rotated while the response can still
/// be under way.
pub async fn touch_served(database: &Database, id: &SessionId, generation: i64, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("update sessions set served_at = $1 where id = $2 and gen = $3 and revoked_at is null")
        .bind(now_s)
        .bind(id.as_str())
        .bind(generation)
        .execute(database.writer())
        .await?;
    Ok(())
}

/// Records that the current token was seen in use. From now on, using the previous token ends the session.
pub async fn confirm_session(database: &Database, id: &SessionId, generation: i64, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("update sessions set confirmed = 1, last_seen_at = $1 where id = $2 and gen = $3 and confirmed = 0")
        .bind(now_s)
        .bind(id.as_str())
        .bind(generation)
        .execute(database.writer())
        .await?;
    Ok(())
}

/// Revokes a session. False if it was already revoked.
pub async fn revoke_session(database: &Database, id: &SessionId, reason: &str, now_s: i64) -> sqlx::Result<bool> {
    let done =
        sqlx::query("update sessions set revoked_at = $1, revoke_reason = $2 where id = $3 and revoked_at is null")
            .bind(now_s)
            .bind(reason)
            .bind(id.as_str())
            .execute(database.writer())
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes the session that a sign-in replaces, in the transaction of the sign-in.
pub async fn replace_session(transaction: &mut Transaction<'_, Any>, id: &SessionId, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("update sessions set revoked_at = $1, revoke_reason = 'replaced' where id = $2 and revoked_at is null")
        .bind(now_s)
        .bind(id.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// The sessions that were revoked since `since_s`, each with the time of its revocation (unix seconds).
pub async fn list_revoked_since(database: &Database, since_s: i64) -> sqlx::Result<Vec<(SessionId, i64)>> {
    let rows: Vec<(String, i64)> = sqlx::query_as("select id, revoked_at from sessions where revoked_at >= $1")
        .bind(since_s)
        .fetch_all(database.reader())
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, at)| Some((SessionId::parse(&id)?, at)))
        .collect())
}

/// Deletes the sessions that had ended by `until_s`. Returns their number.
pub async fn forget_ended(database: &Database, until_s: i64) -> sqlx::Result<u64> {
    let done =
        sqlx::query("delete from sessions where revoked_at <= $1 or idle_expires_at <= $1 or abs_expires_at <= $1")
            .bind(until_s)
            .execute(database.writer())
            .await?;
    Ok(done.rows_affected())
}

/// When the sign-in that started this session happened, in unix seconds.
pub async fn find_signed_in_at(database: &Database, id: &SessionId) -> sqlx::Result<Option<i64>> {
    let row: Option<(i64,)> = sqlx::query_as("select created_at from sessions where id = $1")
        .bind(id.as_str())
        .fetch_optional(database.reader())
        .await?;
    Ok(row.map(|(at,)| at))
}
