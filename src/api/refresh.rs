//! The refresh door. It uses the default client: a refresh must never recurse into a refresh.

use crate::error::AppError;
use leptos::prelude::*;

/// A fresh access token for a good refresh token; the cookies carry both.
///
/// # Errors
/// `signed_out`, `session_ended`, `unavailable`; none of them takes a cookie away.
#[server(prefix = "/api", endpoint = "auth/refresh")]
pub async fn refresh() -> Result<(), AppError> {
    use crate::server::auth::{identity::door, session};
    let visit = door()?;
    visit.answer(session::refresh(&visit).await?);
    Ok(())
}
