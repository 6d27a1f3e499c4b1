//! The endpoint for profiles: activates an account, and changes its name and face later.

use super::client::RefreshingClient;
use crate::{
    error::AppError,
    model::{profile::ProfileForm, user::User},
};
use leptos::prelude::*;

/// Sets every field of the profile. The first time, this activates the account. `picture` is a data URL, `face:<seed>`,
/// empty for the face drawn from the name, or `keep` for the current one. Redirects to `next` if it is given.
///
/// # Errors
/// `invalid`, `too_large`, `unsupported`, `too_many`. After an error nothing has changed.
#[server(prefix = "/api", endpoint = "profile/activate", client = RefreshingClient)]
pub async fn activate(
    #[server(flatten)] profile: ProfileForm,
    #[server(default)] next: String,
) -> Result<User, AppError> {
    use crate::{
        model::return_to,
        server::{auth::identity::current_visit, profile::activate},
    };
    let user = activate(&current_visit()?, profile, vec![]).await?;
    // Without `next` there is no redirect: a person who saved their profile and opened another page stays there.
    if !next.is_empty() {
        leptos_axum::redirect(return_to::destination(Some(&next)));
    }
    Ok(user)
}
