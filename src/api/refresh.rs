//! The refresh door. It uses the default client: a refresh must never recurse into a refresh.

use crate::error::AppError;
use leptos::prelude::*;

/// A fresh access token for a good refresh token; the cookies carry both. Answers how many seconds it lives: a client's
/// clock may be wrong.
///
/// # Errors
/// `signed_out`, `session_ended`, `unavailable`; none of them takes a cookie away.
#[server(prefix = "/api", endpoint = "auth/refresh")]
pub async fn refresh() -> Result<u32, AppError> {
    use crate::server::auth::{identity::current_visit, session};
    let visit = current_visit()?;
    visit.answer(session::refresh(&visit).await?);
    Ok(visit.state.config.auth.access_ttl.as_secs() as u32)
}
