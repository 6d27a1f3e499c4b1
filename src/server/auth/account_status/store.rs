//! The SQL for switching accounts on and off.

use crate::{
    model::id::{SessionId, UserId},
    server::database::Database,
};
use sqlx::{Any, Transaction};

/// Whether the account is switched on. If the account is on, nobody can switch it off before the transaction ends.
pub async fn lock_if_on(transaction: &mut Transaction<'_, Any>, user: &UserId) -> sqlx::Result<bool> {
    // The update changes nothing, but on PostgreSQL it locks the row. A request that switches the account off has to wait until
    // this transaction ends. That request then finds and revokes the session that this transaction wrote.
    let locked = sqlx::query("update users set disabled_at = null where id = $1 and disabled_at is null")
        .bind(user.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(locked.rows_affected() == 1)
}

/// Locks the row of an account until the transaction ends. Lock several accounts in the order of their ids, as every transaction does.
/// Otherwise two transactions could wait for each other for ever.
pub async fn lock_row(transaction: &mut Transaction<'_, Any>, user: &str) -> sqlx::Result<()> {
    // On PostgreSQL, an update locks the row even if it changes nothing.
    sqlx::query("update users set owner_at = owner_at where id = $1")
        .bind(user)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    On,
    Off,
    /// The account does not exist. A guest is deleted when the host removes the guests of a link, or some time after the guest's
    /// last session has ended.
    Gone,
}

pub async fn find_state(database: &Database, user: &UserId) -> sqlx::Result<AccountState> {
    let row: Option<(Option<i64>,)> = sqlx::query_as("select disabled_at from users where id = $1")
        .bind(user.as_str())
        .fetch_optional(database.reader())
        .await?;
    Ok(match row {
        Some((None,)) => AccountState::On,
        Some((Some(_),)) => AccountState::Off,
        None => AccountState::Gone,
    })
}

/// Everybody whose account is deactivated.
pub async fn list_switched_off(database: &Database) -> sqlx::Result<Vec<UserId>> {
    let rows: Vec<(String,)> = sqlx::query_as("select id from users where disabled_at is not null")
        .fetch_all(database.reader())
        .await?;
    Ok(rows.iter().filter_map(|(id,)| UserId::parse(id)).collect())
}

/// Switches the account off and revokes its sessions. Returns the ids of those sessions.
pub async fn switch_off(
    transaction: &mut Transaction<'_, Any>,
    user: &UserId,
    now_s: i64,
) -> sqlx::Result<Vec<SessionId>> {
    sqlx::query("update users set disabled_at = coalesce(disabled_at, $1) where id = $2")
        .bind(now_s)
        .bind(user.as_str())
        .execute(&mut **transaction)
        .await?;
    let revoked: Vec<(String,)> = sqlx::query_as(
        "update sessions set revoked_at = $1, revoke_reason = 'switched off' where user_id = $2 and revoked_at is null
         returning id",
    )
    .bind(now_s)
    .bind(user.as_str())
    .fetch_all(&mut **transaction)
    .await?;
    Ok(revoked.into_iter().filter_map(|(id,)| SessionId::parse(&id)).collect())
}

pub async fn switch_on(transaction: &mut Transaction<'_, Any>, user: &UserId) -> sqlx::Result<()> {
    sqlx::query("update users set disabled_at = null where id = $1")
        .bind(user.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
