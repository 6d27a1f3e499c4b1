//! Undoing a change of address with the link in a letter to the old address. While a change can be undone, nobody else can take the
//! old address, because a new account with it would block the undo.

pub mod store;

use super::{
    link_token::{self, Link},
    revocation::revoke_and_disconnect,
    to_the_end,
};
use crate::{
    error::{AppError, Kind},
    model::user::EmailAddress,
    server::{error::Result, state::AppState},
};

/// How long, in seconds, the link to the old address can undo a change. We don't ask the old address to confirm the change,
/// because people who lost that mailbox could then never change their address.
pub const UNDO_S: i64 = 7 * 86_400;

/// The address and query of the page that undoes the change `id`.
pub fn path(state: &AppState, id: &str) -> String {
    format!(
        "/undo-email?token={}",
        link_token::token(&state.keyring, Link::UndoEmail, id)
    )
}

/// The address that the link would restore, masked; `None` if the link no longer works.
///
/// # Errors
/// If the database can't be read.
pub async fn find_undo(state: &AppState, token: &str) -> Result<Option<String>> {
    let Some(id) = link_token::row_id(&state.keyring, Link::UndoEmail, token) else {
        return Ok(None);
    };
    let old = store::find_undoable(&state.database, &id, state.now_s() - UNDO_S).await?;
    Ok(old
        .and_then(|old| EmailAddress::parse(&old).ok())
        .map(|old| old.masked()))
}

/// Restores the old address and signs out every device, including the device on which the address was changed. If another account has
/// the old address now, the address stays as it is, but every device is signed out all the same.
///
/// # Errors
/// `Forbidden` for a link that no longer works; `Conflict` if another account has the old address now.
pub async fn undo_change(state: &AppState, token: &str) -> Result<()> {
    let id = link_token::row_id(&state.keyring, Link::UndoEmail, token).ok_or_else(no_link)?;
    let state = state.clone();
    to_the_end(async move {
        let now_s = state.now_s();
        let (user, ended, restored) = match store::undo(&state.database, &id, now_s - UNDO_S, now_s).await {
            Ok(undone) => undone.map(|(user, ended)| (user, ended, true)),
            Err(error) if store::is_taken(&error) => store::end_sessions(&state.database, &id, now_s - UNDO_S, now_s)
                .await?
                .map(|(user, ended)| (user, ended, false)),
            Err(error) => return Err(error.into()),
        }
        .ok_or_else(no_link)?;
        state.snug_info.forget_host();
        tracing::warn!(%user, restored, "a change of address was undone, and all sessions of the account were ended");
        for session in &ended {
            revoke_and_disconnect(&state, session);
        }
        match restored {
            true => Ok(()),
            false => Err(not_restored().into()),
        }
    })
    .await
}

/// The error for a person who signs in with an address that an account gave up by a change that can still be undone. Return this error
/// only to a person who has given the right code or link.
pub fn reserved() -> AppError {
    AppError::forbidden(
        "This address belonged to an account that now has a new address, and that change can still be undone. Look for the \
         e-mail about the change and press its link, or sign in with the account's new address.",
    )
}

/// The error for a person who wants to change their own address to one that another account gave up and can still get back.
pub fn kept_for_another() -> AppError {
    let message = "This address belonged to another account until a few days ago, and is kept for that account for a week. Use \
                   another address, or try again in a week.";
    AppError::new(Kind::Conflict, message)
}

fn no_link() -> AppError {
    AppError::forbidden("This link no longer works: it was already used, or it is older than a week.")
}

fn not_restored() -> AppError {
    let message = "Somebody else signs in with this address now, so it could not be put back. Every device of your account was \
                   signed out. Ask the person who runs this Snug to switch the account off.";
    AppError::new(Kind::Conflict, message)
}
