//! Changing the address that a user signs in with. A code sent to the new address confirms the change. A link sent to the old
//! address undoes the change.

pub mod store;

use super::{
    admission::check_admitted,
    email_code,
    identity::{Identity, Visit},
    letter::{self, Asked},
    link_token::{self, Link},
    revocation::revoke_and_disconnect,
    store as sessions, to_the_end,
};
use crate::{
    error::{AppError, Kind},
    model::{id::SessionId, user::EmailAddress},
    server::{
        error::Result,
        keyring::{random_id, same},
        limit::{self, Limited},
        state::AppState,
    },
};
use store::{Changed, NewChange};

/// A device can change the address only within this many seconds after its sign-in. So a stranger who finds a browser that
/// somebody left open can't change the address.
const FRESH_S: i64 = 600;
/// How long, in seconds, the link to the old address can undo a change. We don't ask the old address to confirm the change,
/// because people who lost that mailbox could then never change their address.
const UNDO_S: i64 = 7 * 86_400;

/// A user's own address and what they can do about it.
pub struct AddressState {
    /// `None` for a guest.
    pub email: Option<String>,
    /// Whether this device signed in recently enough to change the address. Guests can always change it, because they can't sign in
    /// again without an address.
    pub may_change: bool,
    /// A change that waits for its code: the new address, and the seconds until another code can be requested.
    pub pending: Option<(String, i64)>,
}

/// The address of the signed-in user, and what they can do about it.
///
/// # Errors
/// `signed_out`; if the database can't be read.
pub async fn find_address(visit: &Visit) -> Result<AddressState> {
    let (identity, database, now_s) = (visit.identity()?, &visit.state.database, visit.state.now_s());
    let email = store::find_email(database, &identity.user).await?;
    let may_change = email.is_none() || is_fresh(&visit.state, &identity.session).await?;
    let pending = store::find_pending_change(database, &identity.session, now_s).await?;
    Ok(AddressState {
        email: email.map(|email| email.as_str().to_owned()),
        may_change,
        pending: pending.map(|(email, asked_at)| (email, (asked_at + email_code::RESEND_AFTER_S - now_s).max(0))),
    })
}

/// Sends a code to the new address.
///
/// # Errors
/// `Invalid` for a malformed or unchanged address; `Forbidden` if the device signed in too long ago or the address is not
/// allowed here; `TooMany` if the address or the network has requested too many codes.
pub async fn request_change(visit: &Visit, email: &str) -> Result<()> {
    let (state, identity) = (visit.state.clone(), visit.identity()?);
    let email = EmailAddress::parse(email).map_err(AppError::invalid)?;
    check_admitted(&state, &email)?;
    let known = require_fresh_sign_in(&state, &identity).await?;
    if known.as_ref() == Some(&email) {
        return Err(AppError::invalid("You already sign in with that address.").into());
    }
    let asking = Limited::Code {
        email: &email,
        ip_prefix: &visit.ip_prefix(),
    };
    let limits = asking.limits(&state.config.limits, &state.keyring);
    let asked = Asked::by(visit);
    to_the_end(async move {
        limit::take(&state.database, &state.refusals, &limits, asked.at_s).await?;
        let (id, digits) = (random_id(26), email_code::generate());
        let change = NewChange {
            id: &id,
            user: &identity.user,
            session: &identity.session,
            new_email: &email,
            mac: &email_code::mac(&state.keyring, &id, &digits),
            now_s: asked.at_s,
            expires_at: asked.at_s + state.config.auth.code_ttl.as_secs() as i64,
        };
        store::insert_change(&state.database, &change, asked.at_s - UNDO_S).await?;
        let letter = letter::new_address(email, &digits, &state.config.public_url, &asked);
        Ok(state.mail.send(letter).await?)
    })
    .await
}

/// Changes the address if `typed` is the right code. An e-mail to the old address reports the change and contains a link that
/// undoes it.
///
/// # Errors
/// `Invalid` for a wrong code; `Forbidden` for a code that no longer works, or if the device signed in too long ago; `Conflict`
/// if another account has the address. Only a person with the right code can get `Conflict`, so strangers can't use this error
/// to find out who has an account.
pub async fn confirm_change(visit: &Visit, typed: &str) -> Result<()> {
    let (state, identity) = (visit.state.clone(), visit.identity()?);
    let typed = email_code::parse_typed(typed)?;
    require_fresh_sign_in(&state, &identity).await?;
    let tried = store::count_attempt(
        &state.database,
        &identity.session,
        email_code::ATTEMPTS_MAX,
        state.now_s(),
    )
    .await?;
    let tried = tried.ok_or_else(email_code::no_longer_works)?;
    let right = same(
        tried.mac.as_bytes(),
        email_code::mac(&state.keyring, &tried.id, &typed).as_bytes(),
    );
    if !right {
        return Err(email_code::wrong(tried.attempts).into());
    }
    let asked = Asked::by(visit);
    to_the_end(async move {
        let changed = store::change(&state.database, &tried.id, asked.at_s)
            .await
            .map_err(store::taken)?;
        let Changed { old_email, new_email } = changed.ok_or_else(email_code::no_longer_works)?;
        tracing::info!(user = %identity.user, "an address was changed");
        if old_email.is_none() {
            // The user is no longer a guest, so they can see and enter more rooms.
            state.rights.changed_of(&identity.user);
        }
        let addresses = old_email.map(|old| (EmailAddress::parse(&old), EmailAddress::parse(&new_email)));
        if let Some((Ok(old), Ok(new))) = addresses {
            let path = format!(
                "/undo-email?token={}",
                link_token::token(&state.keyring, Link::UndoEmail, &tried.id)
            );
            let letter = letter::address_changed(old, &new, &state.config.public_url, &path, &asked);
            if let Err(error) = state.mail.send(letter).await {
                tracing::error!(%error, "could not send the e-mail about a changed address to the old address");
            }
        }
        Ok(())
    })
    .await
}

/// The address that the link would restore, masked; `None` if the link no longer works.
///
/// # Errors
/// If the database can't be read.
pub async fn find_undo(state: &AppState, token: &str) -> Result<Option<String>> {
    let Some(id) = link_token::row_id(&state.keyring, Link::UndoEmail, token) else {
        return Ok(None);
    };
    let old = store::find_undoable(&state.database, id, state.now_s() - UNDO_S).await?;
    Ok(old
        .and_then(|old| EmailAddress::parse(&old).ok())
        .map(|old| old.masked()))
}

/// Restores the old address and signs out every device, including the device on which the address was changed.
///
/// # Errors
/// `Forbidden` for a link that no longer works; `Conflict` if another account has the old address now.
pub async fn undo_change(state: &AppState, token: &str) -> Result<()> {
    let no_link = || {
        AppError::new(
            Kind::Forbidden,
            "This link no longer works: it was already used, or it is older than a week.",
        )
    };
    let id = link_token::row_id(&state.keyring, Link::UndoEmail, token)
        .ok_or_else(no_link)?
        .to_owned();
    let state = state.clone();
    to_the_end(async move {
        let now_s = state.now_s();
        let undone = store::undo(&state.database, &id, now_s - UNDO_S, now_s)
            .await
            .map_err(store::taken)?;
        let (user, ended) = undone.ok_or_else(no_link)?;
        tracing::warn!(%user, "a change of address was undone, and all sessions of the account were ended");
        for session in &ended {
            revoke_and_disconnect(&state, session);
        }
        Ok(())
    })
    .await
}

async fn is_fresh(state: &AppState, session: &SessionId) -> Result<bool> {
    let signed_in_at = sessions::find_signed_in_at(&state.database, session).await?;
    Ok(signed_in_at.is_some_and(|at| state.now_s() - at <= FRESH_S))
}

/// Returns the current address, or an error if this device signed in too long ago. Guests always pass, because they can't sign in
/// again before they have an address.
async fn require_fresh_sign_in(state: &AppState, identity: &Identity) -> Result<Option<EmailAddress>> {
    let email = store::find_email(&state.database, &identity.user).await?;
    if email.is_none() || is_fresh(state, &identity.session).await? {
        return Ok(email);
    }
    let message = "You signed in here more than ten minutes ago. Sign in again, then change your address.";
    Err(AppError::new(Kind::Forbidden, message).into())
}
