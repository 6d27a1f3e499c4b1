//! Endpoints for your own e-mail address: show it, change it, and put an old one back.

use super::{auth::SentCode, client::RefreshingClient};
use crate::error::AppError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Your own e-mail address, and whether you can change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAddress {
    /// `None` for a guest, and for an owner who came by the owner link.
    pub email: Option<String>,
    /// Whether you are a guest.
    #[serde(default)]
    pub guest: bool,
    /// Whether this device signed in within the last ten minutes. Only such a device can change the address. If there is no address yet,
    /// every device can add one.
    pub may_change: bool,
    /// The change of address that was requested but not yet confirmed with the code from the letter.
    pub pending: Option<SentCode>,
}

/// Finds your own e-mail address.
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
        guest: found.guest,
        may_change: found.may_change,
        pending: found.pending.map(|change| SentCode {
            email: change.new_email,
            resend_in_s: change.resend_in_s as u32,
            stays_here,
            code: change.digits,
        }),
    })
}

/// Mails a code of six digits to the new address.
///
/// # Errors
/// `invalid`, `forbidden` if this device did not sign in recently, this Snug does not accept the address, or it sends no e-mails,
/// `too_many`.
#[server(prefix = "/api", endpoint = "auth/request_email_change", client = RefreshingClient)]
pub async fn request_email_change(email: String) -> Result<(), AppError> {
    use crate::server::auth::{email as address, identity::current_visit};
    address::request_change(&current_visit()?, &email).await?;
    leptos_axum::redirect("/settings");
    Ok(())
}

/// Changes the address, if `code` is the code that was mailed to the new address. Also mails a letter to the old
/// address, with a link that undoes the change.
///
/// # Errors
/// `invalid` for a wrong code, `forbidden` for a code that no longer works, `conflict` if somebody else has the
/// address, or gave it up less than a week ago.
#[server(prefix = "/api", endpoint = "auth/confirm_email_change", client = RefreshingClient)]
pub async fn confirm_email_change(code: String) -> Result<(), AppError> {
    use crate::server::{
        auth::{email, identity::current_visit},
        profile,
    };
    let visit = current_visit()?;
    visit.answer(email::confirm_change(&visit, &code).await?);
    profile::show_again(&visit.state, &visit.identity()?.user).await?;
    leptos_axum::redirect("/settings");
    Ok(())
}

/// The masked e-mail address that an undo link would put back. The undo link is in the letter to the old address.
/// `None` if the link no longer works.
///
/// # Errors
/// `unavailable`.
#[server(prefix = "/api", endpoint = "auth/find_email_undo", client = RefreshingClient)]
pub async fn find_email_undo(token: String) -> Result<Option<String>, AppError> {
    use crate::server::auth::{email_undo, identity::current_visit};
    Ok(email_undo::find_undo(&current_visit()?.state, &token).await?)
}

/// Puts the old address back and signs out every device.
///
/// # Errors
/// `forbidden` for a link that no longer works, `conflict` if somebody else has the address by now. After `conflict`,
/// every device is signed out, too.
#[server(prefix = "/api", endpoint = "auth/undo_email_change", client = RefreshingClient)]
pub async fn undo_email_change(token: String) -> Result<(), AppError> {
    use crate::server::auth::{email_undo, identity::current_visit};
    email_undo::undo_change(&current_visit()?.state, &token).await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}
