//! Signing in with the code or the link in an e-mail. The code works only in the browser that asked for it; the link works in any
//! browser.

use super::{
    SetCookies,
    admission::{check_admitted, check_mail, may_sign_up},
    browser_mark::BrowserMarks,
    cookie::{self, CookieName},
    email_code::{
        self,
        check::{Sent, check},
        store::NewCode,
    },
    email_undo,
    identity::Visit,
    letter::{self, Asked, SendingSnug},
    link_token::{self, Link},
    outbox_code,
    session_start::SignIn,
    to_the_end,
};
use crate::{
    error::{AppError, Kind},
    model::{id::UserId, return_to, user::EmailAddress},
    server::{
        error::Result,
        keyring::random_id,
        limit::{self, Limited},
        state::AppState,
        typed_address,
    },
};

/// The length of the secret in a browser's cookie.
const SECRET_CHARS: usize = 32;

/// Sends a code to the address, and returns the cookie that binds the code to this browser. After signing in, the link in the
/// e-mail leads to `next`. If `invited` is true, the person may create an account in every sign-up mode.
///
/// # Errors
/// `Invalid` for a malformed address; `Forbidden` for an address that is not allowed here, and if this Snug sends no e-mails; `TooMany` if
/// the address or the network has requested too many codes.
pub async fn request_code(visit: &Visit, email: &str, next: &str, invited: bool) -> Result<SetCookies> {
    let state = &visit.state;
    check_mail(state)?;
    let email = typed_address::parse(email).map_err(AppError::invalid)?;
    check_admitted(state, &email)?;
    let may_sign_up = invited || may_sign_up(visit, &email).await?;
    let request = CodeRequest {
        known: BrowserMarks::of(visit).has_address(&state.keyring, &email),
        email,
        secret: browser_secret(visit),
        network: visit.ip_prefix(),
        may_sign_up,
        asked: Asked::by(visit),
        next: next.to_owned(),
    };
    let state = state.clone();
    to_the_end(async move { send_code(&state, request).await }).await
}

/// The secret in the cookie of this browser, so that its earlier codes still work beside the new one. A browser without the cookie
/// gets a new secret.
fn browser_secret(visit: &Visit) -> String {
    let known = visit.cookie(CookieName::Code);
    let is_ours = |secret: &String| secret.len() == SECRET_CHARS && secret.bytes().all(|b| b.is_ascii_alphanumeric());
    known.filter(is_ours).unwrap_or_else(|| random_id(SECRET_CHARS))
}

/// A request for a code, with everything that is known about the browser.
struct CodeRequest {
    email: EmailAddress,
    /// The secret of the browser's cookie.
    secret: String,
    /// Whether this browser was signed in with the address before.
    known: bool,
    network: String,
    may_sign_up: bool,
    asked: Asked,
    next: String,
}

async fn send_code(state: &AppState, request: CodeRequest) -> Result<SetCookies> {
    let CodeRequest {
        email,
        secret,
        known,
        network,
        may_sign_up,
        asked,
        next,
    } = request;
    let asking = Limited::Code {
        email: &email,
        ip_prefix: &network,
        known,
    };
    let limits = asking.limits(&state.limits.get(), &state.keyring);
    let now_s = state.now_s();
    limit::take(&state.database, &state.refusals, &limits, now_s).await?;

    let (row_id, code) = (random_id(64), email_code::generate());
    let life_s = state.config.auth.code_ttl.as_secs() as i64;
    let mac = email_code::mac(&state.keyring, &row_id, &code);
    email_code::store::insert_code(
        &state.database,
        &NewCode {
            id: &row_id,
            browser: &email_code::browser_key(&secret),
            email: &email,
            mac: &mac,
            now_s,
            expires_at: now_s + life_s,
        },
    )
    .await?;

    let from = SendingSnug::of(state);
    // The person gets one of three e-mails, but the browser gets the same response with all of them, so that the response does not
    // reveal who has an account.
    let given_up = email_undo::store::find_given_up(&state.database, &email, now_s - email_undo::UNDO_S).await?;
    let letter = if let Some(change) = given_up {
        let path = email_undo::path(state, &change.id);
        letter::address_given_up(email, &change, &from, &path)
    } else if may_sign_up {
        let token = link_token::token(&state.keyring, Link::SignIn, &row_id);
        let path = return_to::with_next(&format!("/sign-in/link?token={token}"), &next);
        letter::code(email, &code, &from, &path, &asked)
    } else {
        letter::not_invited(email, &from)
    };
    state.mail.send(letter).await?;
    Ok(vec![cookie::write(state, CookieName::Code, &secret, life_s)])
}

/// The newest code that this browser asked for and has not used.
pub struct Pending {
    pub email: String,
    /// Seconds until another code can be requested.
    pub resend_in_s: i64,
    /// The code itself. Only for a person who may read the outbox, if the letter with the code is there.
    pub digits: Option<String>,
}

/// Finds the newest code that this browser asked for and can still use.
///
/// # Errors
/// If the database can't be read.
pub async fn find_pending_code(visit: &Visit) -> Result<Option<Pending>> {
    let Some(secret) = visit.cookie(CookieName::Code) else {
        return Ok(None);
    };
    let now_s = visit.state.now_s();
    let browser = email_code::browser_key(&secret);
    let row = email_code::store::find_pending_code(&visit.state.database, &browser, now_s).await?;
    let Some((email, asked_at, _)) = row else {
        return Ok(None);
    };
    Ok(Some(Pending {
        email,
        resend_in_s: (asked_at + email_code::RESEND_AFTER_S - now_s).max(0),
        digits: find_digits(visit, &browser, now_s).await?,
    }))
}

/// The newest code of this browser, if the person may read the outbox. For everybody else, this does not look into the outbox.
async fn find_digits(visit: &Visit, browser: &str, now_s: i64) -> Result<Option<String>> {
    // A tab that acts for another user than its cookies is an error elsewhere. Here, it only gets no code.
    if !visit.reads_outbox().await.unwrap_or(false) {
        return Ok(None);
    }
    let codes = email_code::store::list_unused_codes(&visit.state.database, browser, now_s).await?;
    Ok(outbox_code::find_digits(&visit.state, &codes, now_s).await)
}

/// Signs in with one of the newest codes of this browser, and replaces the session that this browser had. The first sign-in with an
/// address creates its user, who is not activated yet.
///
/// # Errors
/// `Invalid` for a wrong code; `Forbidden` for a code that no longer works or was requested in another browser. After the right
/// code, `Forbidden` if the account is deactivated or the address is kept for another account.
pub async fn verify_code(visit: &Visit, typed: &str) -> Result<(UserId, SetCookies)> {
    let typed = email_code::parse_typed(typed)?;
    let secret = visit.cookie(CookieName::Code).ok_or_else(email_code::no_longer_works)?;
    let browser = email_code::browser_key(&secret);
    let (database, now_s) = (&visit.state.database, visit.state.now_s());
    let sent = Sent {
        codes: email_code::store::list_unused_codes(database, &browser, now_s).await?,
        browser: &browser,
        has_link: true,
    };
    let code = check(&visit.state, sent, &typed).await?;
    let sign_in = SignIn::of(visit, code.id);
    to_the_end(async move {
        sign_in
            .commit()
            .await?
            .ok_or_else(|| email_code::no_longer_works().into())
    })
    .await
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
    let email = email_code::store::find_address(&state.database, &id, state.now_s()).await?;
    Ok(email
        .and_then(|email| EmailAddress::parse(&email).ok())
        .map(|email| email.masked()))
}

/// Signs in with the link in an e-mail, in any browser. This also uses up the code in the same e-mail.
///
/// # Errors
/// `Forbidden` for a link that no longer works, or an account that is deactivated.
pub async fn verify_link(visit: &Visit, token: &str) -> Result<(UserId, SetCookies)> {
    let id = link_token::row_id(&visit.state.keyring, Link::SignIn, token).ok_or_else(link_no_longer_works)?;
    let sign_in = SignIn::of(visit, id);
    to_the_end(async move { sign_in.commit().await?.ok_or_else(|| link_no_longer_works().into()) }).await
}

fn link_no_longer_works() -> AppError {
    AppError::new(
        Kind::Forbidden,
        "This link no longer works. A link works once, within ten minutes. Ask for a new code.",
    )
}
