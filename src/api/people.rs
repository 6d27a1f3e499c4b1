//! Endpoints for the page *People*, which only owners of this Snug see. The page's forms work without scripts: after a
//! form was sent, the server leads the browser back to the page.

use super::client::RefreshingClient;
use crate::{error::AppError, model::people::People};
use leptos::prelude::*;

/// One page of the activated users whose names contain all words in `q`, and the active rooms. `page` is the number of
/// the page, from 1. `show` is "guests", "members", "deactivated" or empty, which means everybody.
///
/// # Errors
/// `signed_out`, `not_activated`; `not_found` for everybody who is not an owner.
#[server(prefix = "/api", endpoint = "people/list", client = RefreshingClient)]
pub async fn list(
    #[server(default)] q: String,
    #[server(default)] page: usize,
    #[server(default)] show: String,
) -> Result<People, AppError> {
    use crate::{
        model::people::PeopleFilter,
        server::{auth::identity::current_visit, people},
    };
    let by = current_visit()?.owner_of_hidden_page().await?;
    Ok(people::list(&by, &q, PeopleFilter::parse(&show), page).await?)
}

/// Makes another person an owner. You stay an owner as well.
///
/// # Errors
/// `signed_out`, `not_activated`, `forbidden` if you are not an owner; `not_found`; `conflict` if the account is
/// deactivated.
#[server(prefix = "/api", endpoint = "people/make_owner", client = RefreshingClient)]
pub async fn make_owner(user: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, people};
    Ok(people::make_owner(&current_visit()?.owner().await?, &user).await?)
}

/// Switches an account off: it is signed out everywhere at once, and can't sign in until it is switched on again.
///
/// # Errors
/// `signed_out`, `not_activated`, `forbidden` if you are not an owner; `not_found`; `invalid` for yourself.
#[server(prefix = "/api", endpoint = "people/switch_off", client = RefreshingClient)]
pub async fn switch_off(user: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, people};
    Ok(people::switch_off(&current_visit()?.owner().await?, &user).await?)
}

/// Switches an account on again.
///
/// # Errors
/// `signed_out`, `not_activated`, `forbidden` if you are not an owner; `not_found`.
#[server(prefix = "/api", endpoint = "people/switch_on", client = RefreshingClient)]
pub async fn switch_on(user: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, people};
    Ok(people::switch_on(&current_visit()?.owner().await?, &user).await?)
}

/// Ends a room for everybody in it.
///
/// # Errors
/// `signed_out`, `not_activated`, `forbidden` if you are not an owner; `not_found` for a room that has already ended.
#[server(prefix = "/api", endpoint = "people/close_room", client = RefreshingClient)]
pub async fn close_room(room: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, people};
    Ok(people::close_room(&current_visit()?.owner().await?, &room).await?)
}
