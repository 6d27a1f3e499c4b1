//! Endpoints of the address that one signs in with: what it is, changing it, putting it back.

use super::{auth::SentCode, client::RefreshingClient};
use crate::error::AppError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One's own address; no endpoint gives anybody else's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAddress {
    /// `None` for who came without one.
    pub email: Option<String>,
    /// Whether this device signed in within the last ten minutes, so that it may change the address.
    pub may_change: bool,
    /// A change that waits for its code.
    pub pending: Option<SentCode>,
}

/// The address of whoever asks.
///
/// # Errors
/// `signed_out`, `session_ended`, `unavailable`.
#[server(prefix = "/api", endpoint = "auth/email", client = RefreshingClient)]
pub async fn find_address() -> Result<OwnAddress, AppError> {
    use crate::server::auth::{email, identity::current_visit};
    let visit = current_visit()?;
    let found = email::find_address(&visit).await?;
    let stays_here = visit.state.mail.is_outbox();
    Ok(OwnAddress {
        email: found.email,
        may_change: found.may_change,
        pending: found.pending.map(|(email, resend_in_s)| SentCode {
            email,
            resend_in_s: resend_in_s as u32,
            stays_here,
        }),
    })
}

/// Mails six digits to the new address.
///
/// # Errors
/// `invalid`, `forbidden` (an old sign-in, or an address this Snug does not take), `too_many`.
#[server(prefix = "/api", endpoint = "auth/request_email_change", client = RefreshingClient)]
pub async fn request_email_change(email: String) -> Result<(), AppError> {
    use crate::server::auth::{email as address, identity::current_visit};
    address::request_change(&current_visit()?, &email).await?;
    leptos_axum::redirect("/settings");
    Ok(())
}

/// Changes the address with the code, and tells the old one.
///
/// # Errors
/// `invalid` for a wrong code, `forbidden` for one that no longer works, `conflict` where somebody else has the address.
#[server(prefix = "/api", endpoint = "auth/confirm_email_change", client = RefreshingClient)]
pub async fn confirm_email_change(code: String) -> Result<(), AppError> {
    use crate::server::auth::{email, identity::current_visit};
    email::confirm_change(&current_visit()?, &code).await?;
    leptos_axum::redirect("/settings");
    Ok(())
}

/// The address, masked, that the link to the old address puts back; `None` where it no longer works.
///
/// # Errors
/// `unavailable`.
#[server(prefix = "/api", endpoint = "auth/find_email_undo", client = RefreshingClient)]
pub async fn find_email_undo(token: String) -> Result<Option<String>, AppError> {
    use crate::server::auth::{email, identity::current_visit};
    Ok(email::find_undo(&current_visit()?.state, &token).await?)
}

/// Puts the old address back and signs out every device.
///
/// # Errors
/// `forbidden` for a link that no longer works, `conflict` where somebody else has the address by now.
#[server(prefix = "/api", endpoint = "auth/undo_email_change", client = RefreshingClient)]
pub async fn undo_email_change(token: String) -> Result<(), AppError> {
    use crate::server::auth::{email, identity::current_visit};
    email::undo_change(&current_visit()?.state, &token).await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}
