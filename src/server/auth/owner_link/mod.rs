//! The owner link, which Snug prints at every start until this Snug has an owner who can sign in. The command `snug owner-link` prints
//! a new one at any time. The link works once, and the person who uses it becomes an owner.
//!
//! The link opens a page with a button, and only the button uses the link up. If opening the page were enough, a chat program that
//! opens the link for a preview would use it up.

pub mod command;
pub mod store;

use super::{
    SetCookies,
    cookie::{self, CookieName},
    identity::Visit,
    to_the_end,
};
use crate::{
    error::AppError,
    model::invisible::pasted_token,
    server::{
        config::PublicUrl,
        error::Result,
        keyring::{Keyring, Purpose, random_id, same, sha256_hex},
        state::AppState,
    },
};

/// Five years in seconds. The browser in which the link was used can read the outbox for that long.
const COOKIE_LIFE_S: i64 = 5 * 365 * 86_400;

/// The link to print, or `None` if this Snug has an owner who can sign in. The link is the same at every start until somebody uses it.
/// If somebody has used the link but has not signed in yet, there is still no owner, and we make a new link.
///
/// # Errors
/// If the database can't be read or written.
pub async fn link(state: &AppState) -> Result<Option<String>> {
    let owners = store::list_owner_emails(&state.database).await?;
    // An owner whose address `sign_up.allow` no longer accepts can't ask for a code, so such an owner doesn't count.
    if owners.iter().any(|email| state.config.sign_up.admits(email)) {
        return Ok(None);
    }
    if store::list_open_owner_links(&state.database).await?.is_empty() {
        store::insert_owner_link(&state.database, &random_id(12), state.now_s()).await?;
    }
    let open = store::list_open_owner_links(&state.database).await?;
    let newest = open.first();
    Ok(newest.map(|id| address(&state.config.public_url, &state.keyring, id)))
}

/// Whether the link still works.
///
/// # Errors
/// If the database can't be read.
pub async fn is_good(state: &AppState, presented: &str) -> Result<bool> {
    Ok(find_open(state, presented).await?.is_some())
}

/// The id of the open link with this token.
async fn find_open(state: &AppState, presented: &str) -> Result<Option<String>> {
    let open = store::list_open_owner_links(&state.database).await?;
    let presented = pasted_token(presented);
    let is_presented = |id: &String| same(presented.as_bytes(), token(&state.keyring, id).as_bytes());
    Ok(open.into_iter().find(is_presented))
}

/// Uses the link: marks this browser, and makes the account that is signed in here an owner. If nobody is signed in, the next
/// person who signs in with this browser becomes an owner.
///
/// # Errors
/// `NotFound` for a link that was already used or never existed; `Forbidden` for a guest, because a guest can't sign in again, and a
/// lost session would leave this Snug without an owner; `somebody_else` if the page acts for another user than the user who is
/// signed in; if the database can't be read or written. After each of these errors, the link still works.
pub async fn claim(visit: &Visit, presented: &str) -> Result<SetCookies> {
    let id = find_open(&visit.state, presented).await?.ok_or_else(used)?;
    let identity_if_signed_in = visit.identity_if_signed_in()?;
    let state = visit.state.clone();
    to_the_end(async move {
        let secret = random_id(40);
        let hash = sha256_hex(secret.as_bytes());
        let now_s = state.now_s();
        let mut transaction = state.database.begin().await?;
        if !store::use_owner_link(&mut transaction, &id, &hash, now_s).await? {
            return Err(used().into());
        }
        if let Some(identity) = identity_if_signed_in
            && !store::make_owner_by_link(&mut transaction, &hash, identity.user.as_str(), now_s).await?
        {
            return Err(guests_own_nothing().into());
        }
        transaction.commit().await?;
        state.snug_info.forget_host();
        tracing::info!("the owner link was used");
        Ok(vec![cookie::write(&state, CookieName::Owner, &secret, COOKIE_LIFE_S)])
    })
    .await
}

/// The address of the link, to print or to open.
fn address(public_url: &PublicUrl, keyring: &Keyring, id: &str) -> String {
    public_url.link(&format!("/owner/{}", token(keyring, id)))
}

fn token(keyring: &Keyring, id: &str) -> String {
    sha256_hex(&keyring.mac(Purpose::Owner, &[id.as_bytes()]))[..40].to_owned()
}

fn guests_own_nothing() -> AppError {
    AppError::forbidden(
        "A guest can't own this Snug. Add your e-mail address in your settings first, then open this link again.",
    )
}

fn used() -> AppError {
    AppError::not_found(
        "This owner link was used before, or it never existed. The command snug owner-link prints a new one.",
    )
}
