//! Endpoints of profiles: activation, and changing name and face later.

use super::client::RefreshingClient;
use crate::{
    error::AppError,
    model::{profile::ProfileForm, user::User},
};
use leptos::prelude::*;

/// Sets every field of the profile; the first time activates. `picture` is a data URL, `face:<seed>`, empty (the face drawn
/// from the name) or `keep` for the current one. Leads on to `next` if it is given.
///
/// # Errors
/// `invalid`, `too_large`, `unsupported`, `too_many`: each with its sentence, and nothing has changed.
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
    // Without `next` the page stays: whoever saved and went elsewhere is not called back.
    if !next.is_empty() {
        leptos_axum::redirect(return_to::destination(Some(&next)));
    }
    Ok(user)
}
