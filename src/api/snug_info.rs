//! Endpoints for what this Snug says about itself: its name, a line about it, and its host.

use super::client::RefreshingClient;
use crate::{error::AppError, model::snug_info::SnugInfo};
use leptos::prelude::*;

/// The name, the line and the host of this Snug. People who are not signed in can call this endpoint, too.
///
/// # Errors
/// `unavailable`.
#[server(prefix = "/api", endpoint = "snug_info/find", client = RefreshingClient)]
pub async fn find() -> Result<SnugInfo, AppError> {
    use crate::server::{auth::identity::current_visit, snug_info};
    Ok(snug_info::find(&current_visit()?.state).await?)
}

/// Writes the name of this Snug, and the line about it, which can be empty.
///
/// # Errors
/// `signed_out`, `not_activated`, `forbidden` if you are not an owner; `invalid` for a name or a line that is too long or can't
/// be shown.
#[server(prefix = "/api", endpoint = "snug_info/describe", client = RefreshingClient)]
pub async fn describe(name: String, #[server(default)] line: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, snug_info};
    let visit = current_visit()?;
    visit.typed.remember(&[("name", &name), ("line", &line)]);
    Ok(snug_info::describe(&visit.owner().await?, &name, &line).await?)
}
