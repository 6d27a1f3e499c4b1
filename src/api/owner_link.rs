//! Endpoints for the owner link, which signs its person in as an owner of this Snug.

use super::client::RefreshingClient;
use crate::{error::AppError, model::owner_link::OwnerLinkOffer};
use leptos::prelude::*;

/// What an owner link offers. `None` if the link no longer works.
///
/// # Errors
/// `unavailable`.
#[server(prefix = "/api", endpoint = "auth/find_owner_link", client = RefreshingClient)]
pub async fn find_owner_link(token: String) -> Result<Option<OwnerLinkOffer>, AppError> {
    use crate::server::{auth::identity::current_visit, people};
    Ok(people::find_owner_link(&current_visit()?, &token).await?)
}

/// Uses the owner link. From now on this browser can read the outbox. The account that is signed in with this browser
/// becomes an owner. If nobody is signed in, a new owner is, who has no e-mail address and chooses a name and a face next. If `owner` is
/// the id of one of the owners that the link offers, the link signs in as this owner instead. `me` is the id of the account that the page
/// has shown, or `nobody`. If it is empty, the account is not checked.
///
/// # Errors
/// `somebody_else` if another account is signed in now than the page has shown;
/// `forbidden` if the account is that of a guest;
/// `not_found` for a link that was used before, has expired or does not exist, and for an owner whom the link does not offer;
/// `signed_out` if only the access token of this browser has expired.
#[server(prefix = "/api", endpoint = "auth/use_owner_link", client = RefreshingClient)]
pub async fn use_owner_link(
    token: String,
    #[server(default)] owner: String,
    #[server(default)] me: String,
) -> Result<(), AppError> {
    use crate::server::{
        auth::{identity::current_visit, owner_link},
        profile,
    };
    let visit = current_visit()?;
    let done = owner_link::claim(&visit, &token, &owner, &me).await?;
    visit.answer(done.cookies);
    let (user, destination) = profile::after_sign_in(&visit.state, &done.user, "").await?;
    if user.activated {
        profile::show_again(&visit.state, &done.user).await?;
    }
    leptos_axum::redirect(&destination);
    Ok(())
}
