//! The endpoint for profiles: activates an account, and changes its name and face later.

use super::client::RefreshingClient;
use crate::{
    error::AppError,
    model::{profile::ProfileForm, user::User},
};
use leptos::prelude::*;

/// Sets every field of the profile. The first call activates the account. `picture` is the data URL of a photo,
/// `face:<seed>` for the face drawn from that seed, empty for the face drawn from the name (or for a guest from the id),
/// or `keep` for the current picture. `crop` is the part of a photo that the browser has not cropped. If `next` is given, the endpoint redirects to it.
/// If `first_room` is given, it is the topic of an open room: the endpoint opens the room, and redirects to its page.
///
/// # Errors
/// `invalid` (also if a guest takes a name that looks like the name of a host or an owner: `names` has two others),
/// `too_large`, `unsupported`, `too_many`; `forbidden` for a guest who gives a `first_room`. After an error nothing has changed, except that
/// the profile is set if only the room could not be opened.
#[server(prefix = "/api", endpoint = "profile/activate", client = RefreshingClient)]
pub async fn activate(
    #[server(flatten)] profile: ProfileForm,
    #[server(default)] next: String,
    #[server(default)] first_room: String,
) -> Result<User, AppError> {
    use crate::{
        model::return_to,
        server::{auth::identity::current_visit, rooms::first_room::activate},
    };
    let (user, room) = activate(&current_visit()?, profile, vec![], &first_room).await?;
    match room {
        Some(room) => leptos_axum::redirect(&room),
        // With scripts, the settings page sends no `next`, so a person who has opened another page meanwhile stays there.
        None if next.is_empty() => {}
        None => leptos_axum::redirect(return_to::destination(Some(&next))),
    }
    Ok(user)
}
