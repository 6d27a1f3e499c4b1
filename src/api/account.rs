//! Endpoints for leaving the Snug for good: what deleting your account does, and deleting it.

use super::client::RefreshingClient;
use crate::{error::AppError, model::account_deletion::AccountDeletion};
use leptos::prelude::*;

/// What deleting your account would do now, and what it needs.
///
/// # Errors
/// `signed_out`, `session_ended`, `not_activated`, `unavailable`.
#[server(prefix = "/api", endpoint = "account/preview_deletion", client = RefreshingClient)]
pub async fn preview_deletion() -> Result<AccountDeletion, AppError> {
    use crate::server::{account_deletion, auth::identity::current_visit};
    Ok(account_deletion::preview(&current_visit()?.activated().await?).await?)
}

/// Deletes your account at once and for good. `user` is the id of the account that the page has shown, and `email` your address, which you
/// have typed. Guests leave it out.
///
/// # Errors
/// `somebody_else`, `invalid` for another address, `forbidden` if this device did not sign in recently, `conflict` for the only owner of
/// the Snug, `too_many`.
#[server(prefix = "/api", endpoint = "account/delete", client = RefreshingClient)]
pub async fn delete(user: String, #[server(default)] email: String) -> Result<(), AppError> {
    use crate::server::{account_deletion, auth::identity::current_visit};
    let visit = current_visit()?;
    visit.answer(account_deletion::delete(&visit.activated().await?, &user, &email).await?);
    leptos_axum::redirect("/sign-in?left=1");
    Ok(())
}
