//! Endpoints for the owner link, which makes the first owner of this Snug.

use super::client::RefreshingClient;
use crate::error::AppError;
use leptos::prelude::*;

/// Whether an owner link still works.
///
/// # Errors
/// `unavailable`.
#[server(prefix = "/api", endpoint = "auth/find_owner_link", client = RefreshingClient)]
pub async fn find_owner_link(token: String) -> Result<bool, AppError> {
    use crate::server::auth::{identity::current_visit, owner_link};
    Ok(owner_link::is_good(&current_visit()?.state, &token).await?)
}

/// Uses the owner link. From now on this browser can read the outbox. The account that is signed in with this browser
/// becomes an owner. If nobody is signed in, the next account that signs in with this browser becomes an owner.
///
/// # Errors
/// `not_found` for a link that was already used or does not exist.
#[server(prefix = "/api", endpoint = "auth/use_owner_link", client = RefreshingClient)]
pub async fn use_owner_link(token: String) -> Result<(), AppError> {
    use crate::server::auth::{identity::current_visit, owner_link};
    let visit = current_visit()?;
    visit.answer(owner_link::claim(&visit, &token).await?);
    leptos_axum::redirect(if visit.identity().is_ok() {
        "/rooms"
    } else {
        "/sign-in?owner=1"
    });
    Ok(())
}
