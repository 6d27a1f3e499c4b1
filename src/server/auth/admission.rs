//! Admission: which e-mail addresses are accepted here, and who may create an account.

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
