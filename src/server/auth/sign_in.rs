//! Signing in with the code or the link in an e-mail. The code works only in the browser that asked for it; the link works in any
//! browser.

use super::{
    SetCookies,
    admission::{check_admitted, may_sign_up},
    cookie::{self, CookieName},
    email_code::{self, store::NewCode},
    identity::Visit,
    letter::{self, Asked},
    link_token::{self, Link},
    session_start::SignIn,
    to_the_end,
};
use crate::{
    error::{AppError, Kind},
    model::{id::UserId, return_to, user::EmailAddress},
    server::{
        error::Result,
        keyring::{random_id, same},
        limit::{self, Limited},
        state::AppState,
    },
};

/// Sends a code to the address, and returns the cookie that binds the code to this browser. After signing in, the link in the
/// e-mail leads to `next`. If `invited` is true, the person may create an account in every sign-up mode.
///
/// # Errors
/// `Invalid` for a malformed address; `Forbidden` for an address that is not allowed here; `TooMany` if the address or the network
/// has requested too many codes.
pub async fn request_code(visit: &Visit, email: &str, next: &str, invited: bool) -> Result<SetCookies> {
    let state = &visit.state;
    let email = EmailAddress::parse(email).map_err(AppError::invalid)?;
    check_admitted(state, &email)?;
    let may_sign_up = invited || may_sign_up(visit, &email).await?;
    let (state, network, asked, next) = (state.clone(), visit.ip_prefix(), Asked::by(visit), next.to_owned());
    to_the_end(async move { send_code(&state, email, &network, may_sign_up, &asked, &next).await }).await
}

async fn send_code(
    state: &AppState,
    email: EmailAddress,
    network: &str,
    may_sign_up: bool,
    asked: &Asked,
    next: &str,
) -> Result<SetCookies> {
    let asking = Limited::Code {
        email: &email,
        ip_prefix: network,
    };
    let limits = asking.limits(&state.config.limits, &state.keyring);
    limit::take(&state.database, &state.refusals, &limits, state.now_s()).await?;

    let (browser_secret, code) = (random_id(32), email_code::generate());
    let row_id = email_code::row_id(&browser_secret);
    let now_s = state.now_s();
    let life_s = state.config.auth.code_ttl.as_secs() as i64;
    let mac = email_code::mac(&state.keyring, &row_id, &code);
    email_code::store::insert_code(
        &state.database,
        &NewCode {
            id: &row_id,
            email: &email,
            mac: &mac,
            now_s,
            expires_at: now_s + life_s,
        },
    )
    .await?;

    let url = &state.config.public_url;
    // The person gets one of two e-mails, but the browser gets the same response with both, so that the response does not reveal
    // who has an account.
    let letter = if may_sign_up {
        let token = link_token::token(&state.keyring, Link::SignIn, &row_id);
        let path = return_to::with_next(&format!("/sign-in/link?token={token}"), next);
        letter::code(email, &code, url, &path, asked)
    } else {
        letter::not_invited(email, url)
    };
    state.mail.send(letter).await?;
    Ok(vec![cookie::write(state, CookieName::Code, &browser_secret, life_s)])
}

/// A code that this browser asked for and has not used.
pub struct Pending {
    pub email: String,
    /// Seconds until another code can be requested.
    pub resend_in_s: i64,
}

/// Finds the code that this browser asked for, if it can still be used.
///
/// # Errors
/// If the database can't be read.
pub async fn find_pending_code(visit: &Visit) -> Result<Option<Pending>> {
    let Some(secret) = visit.cookie(CookieName::Code) else {
        return Ok(None);
    };
    let now_s = visit.state.now_s();
    let row = email_code::store::find_pending_code(&visit.state.database, &email_code::row_id(&secret), now_s).await?;
    Ok(row.map(|(email, asked_at, _)| Pending {
        email,
        resend_in_s: (asked_at + email_code::RESEND_AFTER_S - now_s).max(0),
    }))
}

/// Signs in with the code, and replaces the session that this browser had. The first sign-in with an address creates its user,
/// who is not activated yet.
///
/// # Errors
/// `Invalid` for a wrong code; `Forbidden` for a code that no longer works or was requested in another browser. After the right
/// code, `Forbidden` if the account is switched off.
pub async fn verify_code(visit: &Visit, typed: &str) -> Result<(UserId, SetCookies)> {
    let typed = email_code::parse_typed(typed)?;
    let secret = visit.cookie(CookieName::Code).ok_or_else(email_code::no_longer_works)?;
    let row_id = email_code::row_id(&secret);
    check_code(&visit.state, &row_id, &typed).await?;
    let sign_in = SignIn::of(visit, row_id).await?;
    to_the_end(async move {
        sign_in
            .commit()
            .await?
            .ok_or_else(|| email_code::no_longer_works().into())
    })
    .await
}

async fn check_code(state: &AppState, row_id: &str, typed: &str) -> Result<()> {
    let counted =
        email_code::store::count_attempt(&state.database, row_id, email_code::ATTEMPTS_MAX, state.now_s()).await?;
    let (mac, attempts) = counted.ok_or_else(email_code::no_longer_works)?;
    if same(
        mac.as_bytes(),
        email_code::mac(&state.keyring, row_id, typed).as_bytes(),
    ) {
        return Ok(());
    }
    Err(email_code::wrong(attempts).into())
}

/// The address that a link in an e-mail signs in with; `None` if the link no longer works. This does not use the link up, because
/// mail scanners open links too. The address is masked, so that a forwarded e-mail does not tell others whose address it is.
///
/// # Errors
/// If the database can't be read.
pub async fn find_link(state: &AppState, token: &str) -> Result<Option<String>> {
    let Some(id) = link_token::row_id(&state.keyring, Link::SignIn, token) else {
        return Ok(None);
    };
    let row = email_code::store::find_pending_code(&state.database, id, state.now_s()).await?;
    Ok(row
        .and_then(|(email, ..)| EmailAddress::parse(&email).ok())
        .map(|email| email.masked()))
}

/// Signs in with the link in an e-mail, in any browser. This also uses up the code in the same e-mail.
///
/// # Errors
/// `Forbidden` for a link that no longer works, or an account that is switched off.
pub async fn verify_link(visit: &Visit, token: &str) -> Result<(UserId, SetCookies)> {
    let id = link_token::row_id(&visit.state.keyring, Link::SignIn, token).ok_or_else(link_no_longer_works)?;
    let sign_in = SignIn::of(visit, id.to_owned()).await?;
    to_the_end(async move { sign_in.commit().await?.ok_or_else(|| link_no_longer_works().into()) }).await
}

fn link_no_longer_works() -> AppError {
    AppError::new(
        Kind::Forbidden,
        "This link no longer works. A link works once, within ten minutes. Ask for a new code.",
    )
}
