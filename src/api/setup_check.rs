//! Endpoints for setting this Snug up: what is missing, and a letter that tries the mail settings. Only owners of this Snug can call them.

use super::client::RefreshingClient;
use crate::{error::AppError, model::setup_check::SetupCheck};
use leptos::prelude::*;

/// What is missing before other people can use this Snug.
///
/// # Errors
/// `signed_out`, `not_activated`; `not_found` for everybody who is not an owner.
#[server(prefix = "/api", endpoint = "setup_check/find", client = RefreshingClient)]
pub async fn find() -> Result<SetupCheck, AppError> {
    use crate::server::{auth::identity::current_visit, setup_check};
    Ok(setup_check::find(&current_visit()?.owner_of_hidden_page().await?).await?)
}

/// Sends a test letter to the address, and waits until the mail server has taken or refused it: at most 20 seconds.
///
/// # Errors
/// `signed_out`, `not_activated`, `forbidden` if you are not an owner; `invalid` for the address; `conflict` if the letter could not be
/// sent: the message says what the mail server answered; `too_many`.
#[server(prefix = "/api", endpoint = "setup_check/send_test_letter", client = RefreshingClient)]
pub async fn send_test_letter(email: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, setup_check};
    let visit = current_visit()?;
    let by = visit.owner().await?;
    visit.typed.remember(&[("email", &email)]);
    setup_check::send_test_letter(&by, &email).await?;
    leptos_axum::redirect("/people?letter=sent#setup");
    Ok(())
}
