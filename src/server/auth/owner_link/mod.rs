//! The owner link, which Snug prints at every start until this Snug has an owner. The link works once, and the person who uses it
//! becomes the owner.
//!
//! The link opens a page with a button, and only the button uses the link up. If opening the page were enough, a chat program that
//! opens the link for a preview would use it up.

pub mod store;

use super::{
    SetCookies,
    cookie::{self, CookieName},
    identity::Visit,
};
use crate::{
    error::AppError,
    model::invisible::pasted_token,
    server::{
        error::Result,
        keyring::{Purpose, random_id, same, sha256_hex},
        state::AppState,
    },
};

/// Five years in seconds. The browser in which the link was used can read the outbox for that long.
const COOKIE_LIFE_S: i64 = 5 * 365 * 86_400;

/// The link to print, or `None` if this Snug has an owner. The link is the same at every start until somebody uses it. If somebody
/// has used the link but has not signed in yet, there is still no owner, and we make a new link.
///
/// # Errors
/// If the database can't be read or written.
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
/// If the database can't be read.
pub async fn is_good(state: &AppState, presented: &str) -> Result<bool> {
    let id = store::find_open_owner_link(&state.database).await?;
    Ok(id.is_some_and(|id| same(pasted_token(presented).as_bytes(), token(state, &id).as_bytes())))
}

/// Uses the link: marks this browser, and makes the account that is signed in here the owner. If nobody is signed in, the next
/// person who signs in with this browser becomes the owner.
///
/// # Errors
/// `NotFound` for a link that was already used or never existed; `somebody_else` if the page acts for another user than the one
/// who is signed in; if the database can't be read or written.
pub async fn claim(visit: &Visit, presented: &str) -> Result<SetCookies> {
    let state = &visit.state;
    let id = store::find_open_owner_link(&state.database).await?.ok_or_else(used)?;
    if !same(pasted_token(presented).as_bytes(), token(state, &id).as_bytes()) {
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
        "This owner link was used before, or it never existed. While this Snug has no owner, the server prints a working link whenever it starts.",
    )
}
