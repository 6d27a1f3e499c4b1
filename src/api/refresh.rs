//! The refresh endpoint. It uses the default client, because a refresh must not trigger another refresh.

use crate::error::AppError;
use leptos::prelude::*;

/// Exchanges a valid refresh token for a new access token; both are in cookies. Returns the life of the access token in
/// seconds. The client counts these seconds from the moment at which the answer arrives, because the client's clock may
/// be wrong.
///
/// # Errors
/// `signed_out`, `session_ended`, `unavailable`. These errors leave the cookies as they are; only signing out clears
/// them.
#[server(prefix = "/api", endpoint = "auth/refresh")]
pub async fn refresh() -> Result<u32, AppError> {
    use crate::server::auth::{identity::current_visit, session};
    let visit = current_visit()?;
    visit.answer(session::refresh_from_page(&visit).await?);
    Ok(visit.state.config.auth.access_ttl.as_secs() as u32)
}
