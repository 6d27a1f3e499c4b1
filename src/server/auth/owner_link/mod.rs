//! The owner link: printed at first start, used once, it makes whoever presses its page's button the owner of this Snug.

pub mod store;

use super::{
    SetCookies,
    cookie::{self, CookieName},
    identity::Visit,
};
use crate::{
    error::AppError,
    server::{
        error::Result,
        keyring::{Purpose, random_id, same, sha256_hex},
        state::AppState,
    },
};

/// Five years: the owner's browser stays the owner's browser.
const COOKIE_LIFE_S: i64 = 5 * 365 * 86_400;

/// The link to print: the same one until somebody used it, another while nobody owns this Snug, then none.
///
/// # Errors
/// Where the database can't be asked.
pub async fn link(state: &AppState) -> Result<Option<String>> {
    if store::has_owner(&state.database).await? {
        return Ok(None);
    }
    if store::find_open_owner_link(&state.database).await?.is_none() {
        store::insert_owner_link(&state.database, &random_id(12), state.now_s()).await?;
    }
    let id = store::find_open_owner_link(&state.database).await?;
    Ok(id.map(|id| state.config.public_url.link(&format!("/owner/{}", token(state, &id)))))
}

/// Whether the link still works.
///
/// # Errors
/// Where the database can't be asked.
pub async fn is_good(state: &AppState, presented: &str) -> Result<bool> {
    let id = store::find_open_owner_link(&state.database).await?;
    Ok(id.is_some_and(|id| same(presented.as_bytes(), token(state, &id).as_bytes())))
}

/// Uses the link: this browser is the owner's from now on, and so is the account it is signed in with.
///
/// # Errors
/// `NotFound` for a link that was used or never made; `SomebodyElse`.
pub async fn claim(visit: &Visit, presented: &str) -> Result<SetCookies> {
    let state = &visit.state;
    let id = store::find_open_owner_link(&state.database).await?.ok_or_else(used)?;
    if !same(presented.as_bytes(), token(state, &id).as_bytes()) {
        return Err(used().into());
    }
    let identity_if_signed_in = visit.identity_if_signed_in()?;
    let secret = random_id(40);
    let mut transaction = state.database.begin().await?;
    if !store::use_owner_link(&mut transaction, &id, &sha256_hex(secret.as_bytes()), state.now_s()).await? {
        return Err(used().into());
    }
    if let Some(identity) = identity_if_signed_in {
        store::make_owner(&mut transaction, identity.user.as_str(), state.now_s()).await?;
    }
    transaction.commit().await?;
    tracing::info!("the owner link was used");
    Ok(vec![cookie::write(state, CookieName::Owner, &secret, COOKIE_LIFE_S)])
}

fn token(state: &AppState, id: &str) -> String {
    sha256_hex(&state.keyring.mac(Purpose::Owner, &[id.as_bytes()]))[..40].to_owned()
}

fn used() -> AppError {
    AppError::not_found(
        "This owner link was used before, or never was one. While nobody owns this Snug, each start prints a good one.",
    )
}
