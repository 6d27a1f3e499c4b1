//! Admission: which addresses this Snug takes, and who may make an account.

use super::{email::store::is_known, identity::Visit};
use crate::{
    error::{AppError, Kind},
    model::user::EmailAddress,
    server::{config::SignUpMode, error::Result, state::AppState},
};

/// Checks that the operator takes addresses of this domain (`sign_up.allow`).
///
/// # Errors
/// `Forbidden`, with the domains that are taken.
pub fn check_admitted(state: &AppState, email: &EmailAddress) -> Result<(), AppError> {
    if state.config.sign_up.admits(email) {
        return Ok(());
    }
    let allowed = state.config.sign_up.allow.join(", ");
    Err(AppError::new(
        Kind::Forbidden,
        format!("This Snug takes addresses that end in {allowed}. Use one of those."),
    ))
}

/// Whether this address may get an account, or has one. In the mode "invited" only people who are known already and the owner
/// may. Callers must not show the answer: a page says the same to everybody, so that nobody learns who has an account.
///
/// # Errors
/// If the database can't be asked.
pub async fn may_sign_up(visit: &Visit, email: &EmailAddress) -> Result<bool> {
    let open = visit.state.config.sign_up.mode == SignUpMode::Open;
    Ok(open || is_known(&visit.state.database, email).await? || visit.is_owner().await?)
}
