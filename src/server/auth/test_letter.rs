//! Sends the e-mail with which an owner tries the mail settings.

use super::letter::{self, SendingSnug};
use crate::{
    model::user::EmailAddress,
    server::{error::Result, mail::FailedTrial, state::AppState},
};

/// Sends the letter, and waits for the answer of the mail server. Without a mail server, the letter goes to the outbox.
///
/// # Errors
/// As [`Mail::try_out`](crate::server::mail::Mail::try_out). The inner error is the answer of the mail server.
pub async fn send(state: &AppState, to: EmailAddress) -> Result<Result<(), FailedTrial>> {
    Ok(state.mail.try_out(letter::test(to, &SendingSnug::of(state))).await?)
}
