//! Changing the address that a user signs in with. A code sent to the new address confirms the change. A link sent to the old
//! address undoes the change (`email_undo`).

pub mod store;

use super::{
    SetCookies,
    admission::check_admitted,
    browser_mark::BrowserMarks,
    email_code::{
        self,
        check::{Sent, check},
        store::AHEAD_MAX_S,
    },
    email_undo::{self, UNDO_S},
    identity::{Identity, Visit},
    letter::{self, Asked, SendingSnug},
    outbox_code,
    owner_link::store::is_owner,
    store as sessions, to_the_end,
};
use crate::{
    error::{AppError, Kind},
    model::{id::SessionId, user::EmailAddress},
    server::{
        error::Result,
        keyring::random_id,
        limit::{self, Limited},
        state::AppState,
        typed_address,
    },
};
use store::{AddressChange, NewChange};

/// A device can change the address only within this many seconds after its sign-in. So a stranger who finds a browser that
/// somebody left open can't change the address.
const FRESH_S: i64 = 600;

/// A user's own address and what they can do about it.
pub struct AddressState {
    /// `None` for a guest, and for an owner who came by the owner link.
    pub email: Option<String>,
    pub guest: bool,
    /// Whether this device signed in recently enough to change the address. People without an address can always add one: a guest
    /// can't sign in again before that, and an owner can only do so on the machine of the server.
    pub may_change: bool,
    /// A change that waits for its code.
    pub pending: Option<PendingChange>,
}

/// A change of address that was requested and waits for its code.
pub struct PendingChange {
    pub new_email: String,
    /// Seconds until another code can be requested.
    pub resend_in_s: i64,
    /// The code itself. Only for a person who may read the outbox, if the letter with the code is there.
    pub digits: Option<String>,
}

/// The address of the signed-in user, and what they can do about it.
///
/// # Errors
/// `signed_out`; if the database can't be read.
pub async fn find_address(visit: &Visit) -> Result<AddressState> {
    let (identity, database, now_s) = (visit.identity()?, &visit.state.database, visit.state.now_s());
    let email = store::find_email(database, &identity.user).await?;
    let guest = email.is_none() && !is_owner(database, &identity.user).await?;
    let may_change = email.is_none() || is_fresh(&visit.state, &identity.session).await?;
    let pending = match store::find_pending_change(database, &identity.session, now_s).await? {
        Some((new_email, asked_at)) => Some(PendingChange {
            new_email,
            resend_in_s: (asked_at + email_code::RESEND_AFTER_S - now_s).max(0),
            digits: find_digits(visit, &identity.session, now_s).await?,
        }),
        None => None,
    };
    Ok(AddressState {
        email: email.map(|email| email.as_str().to_owned()),
        guest,
        may_change,
        pending,
    })
}

/// The newest code of this session, if the person may read the outbox.
async fn find_digits(visit: &Visit, session: &SessionId, now_s: i64) -> Result<Option<String>> {
    if !visit.reads_outbox().await? {
        return Ok(None);
    }
    let codes = store::list_unconfirmed_codes(&visit.state.database, session.as_str(), now_s).await?;
    Ok(outbox_code::find_digits(&visit.state, &codes, now_s).await)
}

/// Sends a code to the new address.
///
/// # Errors
/// `Invalid` for a malformed or unchanged address; `Forbidden` if the device signed in too long ago, the address is not
/// allowed here, or this Snug sends no e-mails; `TooMany` if the address or the network has requested too many codes.
pub async fn request_change(visit: &Visit, email: &str) -> Result<()> {
    let (state, identity) = (visit.state.clone(), visit.identity()?);
    require_mail(&state)?;
    let email = typed_address::parse(email).map_err(AppError::invalid)?;
    check_admitted(&state, &email)?;
    let known = require_fresh_sign_in(&state, &identity).await?;
    if known.as_ref() == Some(&email) {
        return Err(AppError::invalid("You already sign in with that address.").into());
    }
    let asking = Limited::Code {
        email: &email,
        ip_prefix: &visit.ip_prefix(),
        known: BrowserMarks::of(visit).has_address(&state.keyring, &email),
    };
    let limits = asking.limits(&state.limits.get(), &state.keyring);
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
        let letter = letter::new_address(email, &digits, &SendingSnug::of(&state), &asked);
        Ok(state.mail.send(letter).await?)
    })
    .await
}

/// Changes the address if `typed` is the right code. An e-mail to the old address reports the change and contains a link that
/// undoes it, unless the change itself puts back an address that the person gave up less than a week ago. Returns the cookie that marks this browser as one that was signed in with the new address.
///
/// # Errors
/// `Invalid` for a wrong code; `Forbidden` for a code that no longer works, if the device signed in too long ago, or if this Snug sends
/// no e-mails any more; `Conflict` if
/// another account has the address, or gave it up and can still undo that. Only a person with the right code can get `Conflict`, so
/// strangers can't use this error to find out who has an account.
pub async fn confirm_change(visit: &Visit, typed: &str) -> Result<SetCookies> {
    let (state, identity) = (visit.state.clone(), visit.identity()?);
    // Without mail, the old address would not get the letter with the link that undoes the change.
    require_mail(&state)?;
    let typed = email_code::parse_typed(typed)?;
    require_fresh_sign_in(&state, &identity).await?;
    let session = identity.session.as_str();
    let sent = Sent {
        codes: store::list_unconfirmed_codes(&state.database, session, state.now_s()).await?,
        browser: session,
        has_link: false,
    };
    let code = check(&state, sent, &typed).await?;
    let (asked, marks) = (Asked::by(visit), BrowserMarks::of(visit));
    to_the_end(async move {
        let changed = store::change(&state.database, &code.id, asked.at_s - UNDO_S, asked.at_s).await;
        let (old_email, new_email, is_change_back) = match changed {
            Ok(AddressChange::Made {
                old_email,
                new_email,
                is_change_back,
            }) => (old_email, new_email, is_change_back),
            Ok(AddressChange::Gone) => return Err(email_code::no_longer_works().into()),
            Ok(AddressChange::Reserved) => return Err(email_undo::kept_for_another().into()),
            Err(error) if email_undo::store::is_taken(&error) => return Err(taken().into()),
            Err(error) => return Err(error.into()),
        };
        // `sign_up.allow` may admit only one of the two addresses, and so decide whether an owner can sign in.
        state.snug_info.forget_host();
        tracing::info!(user = %identity.user, "an address was changed");
        let mark = marks.with(&state.keyring, &identity.user, Some(&new_email));
        match old_email {
            // If the user was a guest, they can see and enter more rooms now.
            None => state.rights.changed_of(&identity.user),
            // The address that is given up now may be a thief's, and this change can't be undone.
            Some(_) if is_change_back => {}
            Some(old) => {
                let path = email_undo::path(&state, &code.id);
                let letter = letter::address_changed(old, &new_email, &SendingSnug::of(&state), &path, &asked);
                if let Err(error) = state.mail.send(letter).await {
                    tracing::error!(%error, "could not send the e-mail about a changed address to the old address");
                }
            }
        }
        Ok(vec![mark.set_cookie(&state)])
    })
    .await
}

fn require_mail(state: &AppState) -> Result<(), AppError> {
    let message = "This Snug sends no e-mails yet, so nobody can add or change an address. Ask the person who runs it to set up mail.";
    match state.mail.is_off() {
        true => Err(AppError::forbidden(message)),
        false => Ok(()),
    }
}

fn taken() -> AppError {
    let message = "Somebody else already signs in with that address. Use another one.";
    AppError::new(Kind::Conflict, message)
}

/// Whether this session began within the last ten minutes, so that its person may do what a stranger at an open browser must not.
///
/// # Errors
/// `signed_out` if the session has ended meanwhile; if the database can't be read.
pub async fn is_fresh(state: &AppState, session: &SessionId) -> Result<bool> {
    let signed_in_at = sessions::find_signed_in_at(&state.database, session)
        .await?
        .ok_or_else(AppError::signed_out)?;
    // A time further in the future is from before a jump back of the clock, so we can't tell how long ago it was.
    Ok((-AHEAD_MAX_S..=FRESH_S).contains(&(state.now_s() - signed_in_at)))
}

/// Returns the current address, or an error if this device signed in too long ago. People without an address always pass (see
/// [`AddressState::may_change`]).
async fn require_fresh_sign_in(state: &AppState, identity: &Identity) -> Result<Option<EmailAddress>> {
    let email = store::find_email(&state.database, &identity.user).await?;
    if email.is_none() || is_fresh(state, &identity.session).await? {
        return Ok(email);
    }
    let message = "You signed in here more than ten minutes ago. Sign in again, then change your address.";
    Err(AppError::new(Kind::Forbidden, message).into())
}
