//! Endpoints of people and rooms, for the owners of this Snug. Forms without scripts are led back to the page.

use super::client::RefreshingClient;
use crate::{error::AppError, model::people::People};
use leptos::prelude::*;

/// Everybody activated whose name has the words `q` in it, and the rooms that are lit. Pages count from 1.
///
/// # Errors
/// `signed_out`, `not_activated`; `not_found` for who is no owner.
#[server(prefix = "/api", endpoint = "people/list", client = RefreshingClient)]
pub async fn list(#[server(default)] q: String, #[server(default)] page: usize) -> Result<People, AppError> {
    use crate::server::{auth::identity::current_visit, people};
    Ok(people::list(&current_visit()?.owner_of_hidden_page().await?, &q, page).await?)
}

/// Makes somebody an owner, beside those there are.
///
/// # Errors
/// `signed_out`, `not_activated`, `forbidden` for who is no owner; `not_found`, `conflict` for who is switched off.
#[server(prefix = "/api", endpoint = "people/make_owner", client = RefreshingClient)]
pub async fn make_owner(user: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, people};
    Ok(people::make_owner(&current_visit()?.owner().await?, &user).await?)
}

/// Switches an account off: it is out everywhere at once, and signs in nowhere.
///
/// # Errors
/// `signed_out`, `not_activated`, `forbidden` for who is no owner; `not_found`, `invalid` for oneself.
#[server(prefix = "/api", endpoint = "people/switch_off", client = RefreshingClient)]
pub async fn switch_off(user: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, people};
    Ok(people::switch_off(&current_visit()?.owner().await?, &user).await?)
}

/// Switches an account on again.
///
/// # Errors
/// `signed_out`, `not_activated`, `forbidden` for who is no owner; `not_found`.
#[server(prefix = "/api", endpoint = "people/switch_on", client = RefreshingClient)]
pub async fn switch_on(user: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, people};
    Ok(people::switch_on(&current_visit()?.owner().await?, &user).await?)
}

/// Closes a room for everybody in it.
///
/// # Errors
/// `signed_out`, `not_activated`, `forbidden` for who is no owner; `not_found` for a room that is not live.
#[server(prefix = "/api", endpoint = "people/close_room", client = RefreshingClient)]
pub async fn close_room(room: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, people};
    Ok(people::close_room(&current_visit()?.owner().await?, &room).await?)
}
