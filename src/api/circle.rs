//! Endpoints for circles: the people whom a user follows.

use super::client::RefreshingClient;
use crate::{error::AppError, model::room::Person};
use leptos::prelude::*;

/// Follows somebody: adds them to your circle, which is the people you follow.
///
/// # Errors
/// `invalid` for yourself, `not_found`, `not_activated`, `too_many`.
#[server(prefix = "/api", endpoint = "circle/follow", client = RefreshingClient)]
pub async fn follow(user: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, rooms::circle};
    Ok(circle::follow(&current_visit()?.registered().await?, &user).await?)
}

/// Takes somebody out of your circle.
///
/// # Errors
/// `not_activated`.
#[server(prefix = "/api", endpoint = "circle/unfollow", client = RefreshingClient)]
pub async fn unfollow(user: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, rooms::circle};
    Ok(circle::unfollow(&current_visit()?.activated().await?, &user).await?)
}

/// The people in your circle, sorted by name.
///
/// # Errors
/// `not_activated`.
#[server(prefix = "/api", endpoint = "circle/list", client = RefreshingClient)]
pub async fn list() -> Result<Vec<Person>, AppError> {
    use crate::server::{auth::identity::current_visit, rooms::circle};
    Ok(circle::list_circle(&current_visit()?.activated().await?).await?)
}
