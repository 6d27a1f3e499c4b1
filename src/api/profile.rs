//! Endpoints of profiles: activation, and changing name and face later.

use super::client::RefreshingClient;
use crate::{error::AppError, model::user::User};
use leptos::prelude::*;

/// Sets name and picture; the first time activates. `picture` is a data URL, `face:<seed>`, empty (the face drawn from
/// the name) or `keep` for what is worn now. Leads on to `next` where it is given.
///
/// # Errors
/// `invalid`, `too_large`, `unsupported`, `too_many`: each with its sentence, and nothing has changed.
#[server(prefix = "/api", endpoint = "profile/activate", client = RefreshingClient)]
pub async fn activate(
    name: String,
    #[server(default)] picture: String,
    #[server(default)] next: String,
) -> Result<User, AppError> {
    use crate::{
        model::{profile::ProfileForm, return_to},
        server::{auth::identity::current_visit, profile},
    };
    let user = profile::activate(&current_visit()?, ProfileForm { name, picture }, vec![]).await?;
    // Without `next` the page stays: whoever saved and went elsewhere is not called back.
    if !next.is_empty() {
        leptos_axum::redirect(return_to::destination(Some(&next)));
    }
    Ok(user)
}
