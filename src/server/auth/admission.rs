//! Admission: which e-mail addresses are accepted here, who gets codes, and who may create an account.

use super::{email::store::is_known, identity::Visit};
use crate::{
    error::{AppError, Kind},
    model::user::EmailAddress,
    server::{config::SignUpMode, error::Result, state::AppState},
};

/// Checks that the configuration allows addresses of this domain (`sign_up.allow`).
///
/// # Errors
/// `Forbidden`, with a message that lists the allowed domains.
pub fn check_admitted(state: &AppState, email: &EmailAddress) -> Result<(), AppError> {
    if state.config.sign_up.admits(email) {
        return Ok(());
    }
    let allowed = state.config.sign_up.allow.join(", ");
    Err(AppError::new(
        Kind::Forbidden,
        format!("This Snug only accepts addresses that end in {allowed}. Use one of those."),
    ))
}

/// Checks that this Snug sends e-mails, before somebody asks for a code.
///
/// # Errors
/// `Forbidden`, with a message that says whom to ask.
pub fn check_mail(state: &AppState) -> Result<(), AppError> {
    match state.mail.is_off() {
        true => Err(AppError::forbidden(
            "This Snug sends no e-mails yet, so there are no codes to sign in with. Ask the person who runs it for a link into a room.",
        )),
        false => Ok(()),
    }
}

/// Whether a person with this address can sign in with a code. `email` is `None` for a person without an address.
pub fn gets_codes(state: &AppState, email: Option<&EmailAddress>) -> bool {
    !state.mail.is_off() && email.is_some_and(|email| state.config.sign_up.admits(email))
}

/// Whether an owner with this address can come back after their sessions have ended. An owner whose address `sign_up.allow` no longer
/// accepts can't ask for a code. An owner without an address comes back by the link of `snug owner-link`.
pub fn owner_can_come_back(state: &AppState, email: Option<&EmailAddress>) -> bool {
    email.is_none_or(|email| state.config.sign_up.admits(email))
}

/// Whether this address has an account or can get one. In the mode `invited`, the result is `true` only if the
/// address has an account or the visitor is an owner. Callers must not show the result: the page says the same to everybody, so
/// that nobody can find out who has an account.
///
/// # Errors
/// If the database can't be read.
pub async fn may_sign_up(visit: &Visit, email: &EmailAddress) -> Result<bool> {
    let open = visit.state.config.sign_up.mode == SignUpMode::Open;
    Ok(open || is_known(&visit.state.database, email).await? || visit.is_owner().await?)
}
