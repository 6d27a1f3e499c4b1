//! Signing in and staying so: codes by mail, one session a device, refresh, sign-out.

pub mod account_status;
pub mod admission;
pub mod cookie;
pub mod email;
pub mod email_code;
pub mod identity;
mod letter;
mod link_token;
pub mod owner_link;
pub mod revocation;
mod rotation_group_commit;
pub mod session;
mod session_cookies;
pub mod session_start;
pub mod sign_in;
pub mod signed_in_devices;
pub mod store;
pub mod token;
pub mod token_rotation;
mod user_agent;

use super::error::{Error, Result};

/// `Set-Cookie` values that an answer carries.
pub type SetCookies = Vec<String>;

/// Runs a write to its end even where the client goes away: axum drops a handler's future, and half a sign-in must not be.
pub async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work)
        .await
        .map_err(|panic| Error::Internal(panic.into()))?
}
