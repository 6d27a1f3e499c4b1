//! The SQL for the owners' list of people.

use crate::{
    model::{id::UserId, user::EmailAddress},
    server::{
        auth::account_status::store::lock_row,
        database::Database,
        profile::store::{PERSON_COLUMNS, PersonColumns},
    },
};
use sqlx::{Any, AssertSqlSafe, FromRow, Transaction};

/// An activated account, as the owners see it.
#[derive(Debug, FromRow)]
pub struct AccountRow {
    #[sqlx(flatten)]
    pub person: PersonColumns,
    pub email: Option<String>,
    /// The name of the person whose link the user came by as a guest.
    pub link_by: Option<String>,
    pub activated_at: i64,
    pub owner_at: Option<i64>,
    pub disabled_at: Option<i64>,
    /// When one of the person's devices was last seen, in unix seconds.
    pub seen_at: Option<i64>,
}

/// All activated accounts, in no particular order.
pub async fn list_accounts(database: &Database) -> sqlx::Result<Vec<AccountRow>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {PERSON_COLUMNS}, email, activated_at, owner_at, disabled_at,
                (select makers.name from invites join users as makers on makers.id = invites.made_by
                  where invites.id = users.guest_of) as link_by,
                (select max(last_seen_at) from sessions where sessions.user_id = users.id) as seen_at
           from users where activated_at is not null"
    )))
    .fetch_all(database.reader())
    .await
}

/// An activated owner who is switched on.
#[derive(Debug, FromRow)]
pub struct OwnerRow {
    #[sqlx(flatten)]
    pub person: PersonColumns,
    /// `None` for an owner who came by the owner link and has not added an address.
    pub email: Option<String>,
}

impl OwnerRow {
    pub fn address(&self) -> Option<EmailAddress> {
        EmailAddress::parse(self.email.as_deref()?).ok()
    }
}

/// The owners who have chosen a name and a face, the first one first.
pub async fn list_owners(database: &Database) -> sqlx::Result<Vec<OwnerRow>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {PERSON_COLUMNS}, email from users
          where owner_at is not null and disabled_at is null and activated_at is not null
          order by owner_at, id"
    )))
    .fetch_all(database.reader())
    .await
}

/// When an account was activated, became an owner, and was deactivated, in unix seconds. A field is `None` if that has not happened.
#[derive(Debug, FromRow)]
pub struct AccountActivity {
    pub activated_at: Option<i64>,
    pub owner_at: Option<i64>,
    pub disabled_at: Option<i64>,
}

/// The accounts of the owner who acts (`by`) and of the person whose account is to be changed (`whom`); `None` if there is no such
/// account.
#[derive(Debug)]
pub struct Pair {
    pub by: Option<AccountActivity>,
    pub whom: Option<AccountActivity>,
}

/// Reads and locks both accounts, so that nobody else changes them before the transaction ends. If two owners switch each other off
/// at the same time, the second request has to wait, and then finds that its sender is no longer an owner.
pub async fn lock_both(transaction: &mut Transaction<'_, Any>, by: &UserId, whom: &UserId) -> sqlx::Result<Pair> {
    for user in [by.min(whom), by.max(whom)] {
        lock_row(transaction, user.as_str()).await?;
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

/// Makes a user an owner. False for a guest, because guests can't be owners.
pub async fn make_owner(transaction: &mut Transaction<'_, Any>, user: &UserId, now_s: i64) -> sqlx::Result<bool> {
    let made = sqlx::query(
        "update users set owner_at = coalesce(owner_at, $1) where id = $2 and (email is not null or owner_at is not null)",
    )
    .bind(now_s)
    .bind(user.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(made.rows_affected() > 0)
}
