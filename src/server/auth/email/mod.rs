//! The address one signs in with: changed with a code to the new one, and put back by a link to the old one.

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

/// An address is changed only from a device that signed in no longer ago than this: a browser left open is not enough.
const FRESH_S: i64 = 600;
/// So long a change can be put back, seconds.
const UNDO_S: i64 = 7 * 86_400;

/// The address as its owner sees it.
pub struct AddressState {
    /// `None` for a person who came without one.
    pub email: Option<String>,
    /// Whether this device signed in recently enough to change it. A guest has no other way to sign in, and always may.
    pub may_change: bool,
    /// A change on its way: the new address, and the seconds until another code may be asked for.
    pub pending: Option<(String, i64)>,
}

/// The address of whoever asks.
///
/// # Errors
/// `signed_out`; where the database can't be asked.
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
/// `Invalid` for an address that is none or the same, `Forbidden` where the sign-in is old or this Snug does not take the
/// address, `TooMany`.
pub async fn request_change(visit: &Visit, email: &str) -> Result<()> {
    let (state, identity) = (visit.state.clone(), visit.identity()?);
    let email = EmailAddress::parse(email).map_err(AppError::invalid)?;
    check_admitted(&state, &email)?;
    let known = require_fresh_sign_in(&state, &identity).await?;
    if known.as_ref() == Some(&email) {
        return Err(AppError::invalid("That is the address you sign in with already.").into());
    }
    let asking = Limited::Code {
        email: &email,
        ip_prefix: &visit.ip_prefix(),
    };
    let limits = asking.limits(&state.config.limits, &state.keyring);
    let asked = Asked::by(visit);
    to_the_end(async move {
        limit::take(&state.database, &limits, asked.at_s).await?;
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

/// Changes the address with the code; the old one is told, with a link that puts it back.
///
/// # Errors
/// `Invalid` for a wrong code, `Forbidden` for one that no longer works, `Conflict` where somebody else has the address.
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
            // A guest no more: there is more to see and to enter.
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
                tracing::error!(%error, "the letter to an old address could not be sent");
            }
        }
        Ok(())
    })
    .await
}

/// The address that the link would put back, masked; `None` where it no longer can.
///
/// # Errors
/// Where the database can't be asked.
pub async fn find_undo(state: &AppState, token: &str) -> Result<Option<String>> {
    let Some(id) = link_token::row_id(&state.keyring, Link::UndoEmail, token) else {
        return Ok(None);
    };
    let old = store::find_undoable(&state.database, id, state.now_s() - UNDO_S).await?;
    Ok(old
        .and_then(|old| EmailAddress::parse(&old).ok())
        .map(|old| old.masked()))
}

/// Puts the old address back and signs out every device: whoever changed it is out.
///
/// # Errors
/// `Forbidden` for a link that no longer works, `Conflict` where somebody else has the address by now.
pub async fn undo_change(state: &AppState, token: &str) -> Result<()> {
    let no_link = || {
        AppError::new(
            Kind::Forbidden,
            "This link no longer works: it was used, or it is older than a week.",
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
        tracing::warn!(%user, "a change of address was undone: every session is ended");
        for one in &ended {
            revoke_and_disconnect(&state, one);
        }
        Ok(())
    })
    .await
}

async fn is_fresh(state: &AppState, session: &SessionId) -> Result<bool> {
    let signed_in_at = sessions::find_signed_in_at(&state.database, session).await?;
    Ok(signed_in_at.is_some_and(|at| state.now_s() - at <= FRESH_S))
}

/// The address of now. A guest keeps a seat whenever they like: to sign in once more they would need the address first.
async fn require_fresh_sign_in(state: &AppState, identity: &Identity) -> Result<Option<EmailAddress>> {
    let email = store::find_email(&state.database, &identity.user).await?;
    if email.is_none() || is_fresh(state, &identity.session).await? {
        return Ok(email);
    }
    let message = "You signed in here more than ten minutes ago. Sign in again, then change your address.";
    Err(AppError::new(Kind::Forbidden, message).into())
}
