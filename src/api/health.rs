//! The endpoint for the page about the health of this Snug. Only owners of this Snug can call it.

use super::client::RefreshingClient;
use crate::{error::AppError, model::health_status::HealthStatus};
use leptos::prelude::*;

/// Examines this Snug, as `snug doctor` does. At most one examination runs at a time, and its report is used again for three seconds. The
/// answer comes within two seconds or so. It has no report if the examination takes longer; then ask again.
///
/// # Errors
/// `signed_out`, `not_activated`; `not_found` for everybody who is not an owner.
#[server(prefix = "/api", endpoint = "health/find", client = RefreshingClient)]
pub async fn find() -> Result<HealthStatus, AppError> {
    use crate::server::{auth::identity::current_visit, health};
    Ok(health::find(&current_visit()?.owner_of_hidden_page().await?).await)
}
