//! Signing in and staying signed in: codes by e-mail, one session per device, refresh tokens, signing out.

pub mod account_status;
pub mod admission;
pub mod browser_mark;
pub mod cookie;
pub mod deletion_letter;
pub mod email;
pub mod email_code;
pub mod email_undo;
pub mod identity;
mod letter;
mod link_token;
mod outbox_code;
pub mod owner_link;
pub mod revocation;
mod rotation_group_commit;
pub mod session;
mod session_cookies;
pub mod session_start;
pub mod sign_in;
pub mod signed_in_devices;
pub mod store;
pub mod test_letter;
pub mod token;
pub mod token_rotation;
mod user_agent;
pub mod verified_token;

use super::{
    error::{Error, Result},
    request_id,
};

/// The `Set-Cookie` values of a response.
pub type SetCookies = Vec<String>;

/// Runs a write to its end even if the client disconnects. When a client disconnects, axum drops the handler's future, which
/// could leave a sign-in half done.
pub async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(request_id::with_current(work))
        .await
        .map_err(|panic| Error::Internal(panic.into()))?
}
