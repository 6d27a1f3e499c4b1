//! Endpoints for signing in and out: ask for a code, use a code or a link, and find out who is signed in.

use super::client::RefreshingClient;
use crate::{error::AppError, model::user::User};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A code that was mailed to a person who has not used it yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCode {
    pub email: String,
    /// Seconds until the person can ask for another letter.
    pub resend_in_s: u32,
    /// Whether no mail server is configured. The letter then stays in the outbox on the server's machine, and the
    /// terminal shows the code. The page tells the person where the code is.
    pub stays_here: bool,
    /// The code itself. Only for people who may read the outbox, if the letter is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Mails a code of six digits to the address. The code works only in the browser that asked for it. `next` is the
/// address to open after signing in.
///
/// # Errors
/// `invalid`, `forbidden` for an address that this Snug does not accept and if it sends no e-mails, `too_many`.
#[server(prefix = "/api", endpoint = "auth/request_code", client = RefreshingClient)]
pub async fn request_code(email: String, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::{
        model::return_to,
        server::{
            auth::{identity::current_visit, sign_in},
            rooms::invite::redeem,
        },
    };
    let visit = current_visit()?;
    let invited = redeem::invites(&visit.state, &next).await?;
    visit.answer(sign_in::request_code(&visit, &email, &next, invited).await?);
    leptos_axum::redirect(&return_to::with_next("/sign-in", &next));
    Ok(())
}

/// The code that this browser asked for and has not used yet. The digits are in the answer only if the letter is in the
/// outbox, and the person is an owner or uses the browser of the owner link.
///
/// # Errors
/// `unavailable`.
#[server(prefix = "/api", endpoint = "auth/pending_code", client = RefreshingClient)]
pub async fn pending_code() -> Result<Option<SentCode>, AppError> {
    use crate::server::auth::{identity::current_visit, sign_in};
    let visit = current_visit()?;
    let stays_here = visit.state.mail.is_outbox();
    let pending = sign_in::find_pending_code(&visit).await?;
    Ok(pending.map(|code| SentCode {
        email: code.email,
        resend_in_s: code.resend_in_s as u32,
        stays_here,
        code: code.digits,
    }))
}

/// Signs in with the code, and redirects to the page that the person wanted to open.
///
/// # Errors
/// `invalid` for a wrong code, `forbidden` for a code that no longer works in this browser.
#[server(prefix = "/api", endpoint = "auth/verify_code", client = RefreshingClient)]
pub async fn verify_code(code: String, #[server(default)] next: String) -> Result<User, AppError> {
    use crate::server::{
        auth::{identity::current_visit, sign_in},
        profile,
    };
    let visit = current_visit()?;
    let (user, cookies) = sign_in::verify_code(&visit, &code).await?;
    visit.answer(cookies);
    let (user, destination) = profile::after_sign_in(&visit.state, &user, &next).await?;
    leptos_axum::redirect(&destination);
    Ok(user)
}

/// The masked e-mail address of the account that the link in a sign-in letter signs in to. `None` if the link no longer
/// works.
///
/// # Errors
/// `unavailable`.
#[server(prefix = "/api", endpoint = "auth/find_link", client = RefreshingClient)]
pub async fn find_link(token: String) -> Result<Option<String>, AppError> {
    use crate::server::auth::{identity::current_visit, sign_in};
    Ok(sign_in::find_link(&current_visit()?.state, &token).await?)
}

/// Signs in with the link in a sign-in letter, and redirects to the page that the person wanted to open. Unlike the
/// code, the link works in any browser.
///
/// # Errors
/// `forbidden` for a link that no longer works.
#[server(prefix = "/api", endpoint = "auth/verify_link", client = RefreshingClient)]
pub async fn verify_link(token: String, #[server(default)] next: String) -> Result<User, AppError> {
    use crate::server::{
        auth::{identity::current_visit, sign_in},
        profile,
    };
    let visit = current_visit()?;
    let (user, cookies) = sign_in::verify_link(&visit, &token).await?;
    visit.answer(cookies);
    let (user, destination) = profile::after_sign_in(&visit.state, &user, &next).await?;
    leptos_axum::redirect(&destination);
    Ok(user)
}

/// Signs this device out at once: its requests, sockets and voice connections end.
///
/// # Errors
/// `unavailable`. The device is then still signed in.
#[server(prefix = "/api", endpoint = "auth/sign_out", client = RefreshingClient)]
pub async fn sign_out() -> Result<(), AppError> {
    use crate::server::auth::{identity::current_visit, session};
    let visit = current_visit()?;
    visit.answer(session::sign_out(&visit).await?);
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// The user who is signed in.
///
/// # Errors
/// `signed_out`, `session_ended`.
#[server(prefix = "/api", endpoint = "auth/me", client = RefreshingClient)]
pub async fn me() -> Result<User, AppError> {
    use crate::server::{auth::identity::current_visit, profile};
    let visit = current_visit()?;
    Ok(profile::find_user(&visit.state, &visit.identity()?.user).await?)
}
