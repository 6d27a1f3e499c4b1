//! The SQL of people, as owners see them.

use crate::{
    model::id::UserId,
    server::{
        database::Database,
        profile::store::{PERSON_COLUMNS, PersonColumns},
    },
};
use sqlx::{Any, AssertSqlSafe, FromRow, Transaction};

/// Somebody activated.
#[derive(Debug, FromRow)]
pub struct AccountRow {
    #[sqlx(flatten)]
    pub person: PersonColumns,
    pub activated_at: i64,
    pub owner_at: Option<i64>,
    pub disabled_at: Option<i64>,
    /// When a device of theirs was last seen.
    pub seen_at: Option<i64>,
}

/// Everybody activated, in no order.
pub async fn list_accounts(database: &Database) -> sqlx::Result<Vec<AccountRow>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {PERSON_COLUMNS}, activated_at, owner_at, disabled_at,
                (select max(last_seen_at) from sessions where sessions.user_id = users.id) as seen_at
           from users where activated_at is not null"
    )))
    .fetch_all(database.reader())
    .await
}

/// What somebody is just now.
#[derive(Debug, FromRow)]
pub struct AccountActivity {
    pub activated_at: Option<i64>,
    pub owner_at: Option<i64>,
    pub disabled_at: Option<i64>,
}

/// Who acts, and on whom; `None` is nobody.
#[derive(Debug)]
pub struct Pair {
    pub by: Option<AccountActivity>,
    pub whom: Option<AccountActivity>,
}

/// Both, as nobody else changes them before the transaction ends: of two owners who switch each other off one is late.
pub async fn lock_both(transaction: &mut Transaction<'_, Any>, by: &UserId, whom: &UserId) -> sqlx::Result<Pair> {
    // In the same order for all, or they would wait for each other for ever.
    for user in [by.min(whom), by.max(whom)] {
        sqlx::query("update users set owner_at = owner_at where id = $1")
            .bind(user.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(Pair {
        by: find_activity(transaction, by).await?,
        whom: find_activity(transaction, whom).await?,
    })
}

async fn find_activity(transaction: &mut Transaction<'_, Any>, user: &UserId) -> sqlx::Result<Option<AccountActivity>> {
    sqlx::query_as("select activated_at, owner_at, disabled_at from users where id = $1")
        .bind(user.as_str())
        .fetch_optional(&mut **transaction)
        .await
}

/// False for a guest, who owns nothing.
pub async fn make_owner(transaction: &mut Transaction<'_, Any>, user: &UserId, now_s: i64) -> sqlx::Result<bool> {
    let made = sqlx::query("update users set owner_at = coalesce(owner_at, $1) where id = $2 and email is not null")
        .bind(now_s)
        .bind(user.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(made.rows_affected() > 0)
}
