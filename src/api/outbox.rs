//! The endpoint for the outbox: the letters that the server keeps on its machine while no mail server is configured.

use super::client::RefreshingClient;
use crate::error::AppError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A letter in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxLetter {
    pub subject: String,
    pub to: String,
    pub date: String,
    pub text: String,
}

/// The letters in the outbox, newest first.
///
/// # Errors
/// `not_found` if mail is sent by SMTP. Also `not_found` for everybody except owners and people in the browser that
/// used the owner link.
#[server(prefix = "/api", endpoint = "mail/outbox", client = RefreshingClient)]
pub async fn outbox() -> Result<Vec<OutboxLetter>, AppError> {
    use crate::server::auth::identity::current_visit;
    let visit = current_visit()?;
    if !visit.reads_outbox().await? {
        return Err(AppError::not_found("There is nothing here."));
    }
    let letters = visit.state.mail.list_outbox().await.into_iter();
    Ok(letters
        .map(|letter| OutboxLetter {
            subject: letter.subject,
            to: letter.to,
            date: letter.date,
            text: letter.text,
        })
        .collect())
}
