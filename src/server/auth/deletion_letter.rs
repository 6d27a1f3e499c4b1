//! Sends the e-mail to a person who has deleted their account.

use super::letter::{self, SendingSnug};
use crate::{
    model::user::EmailAddress,
    server::{error::Result, state::AppState},
};

/// Tells the person that their account is deleted. If somebody else did it on a device of theirs, they learn it by this letter.
///
/// # Errors
/// As [`Mail::send`](crate::server::mail::Mail::send).
pub async fn send(state: &AppState, to: EmailAddress) -> Result<()> {
    Ok(state
        .mail
        .send(letter::account_deleted(to, &SendingSnug::of(state)))
        .await?)
}
