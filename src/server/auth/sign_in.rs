//! Signing in: a code by mail, bound to the browser that asked, and the session that it begins.

use super::{
    SetCookies,
    code::{self, store::NewCode},
    cookie::{self, Name},
    identity::Visit,
    session::{cut, session_cookies},
    store::{self, NewSession},
    to_the_end,
    token::RefreshToken,
};
use crate::{
    error::{AppError, Kind},
    model::{
        id::{SessionId, UserId},
        user::EmailAddress,
    },
    server::{
        config::SignUpMode,
        error::Result,
        fail_point::{Point, Write},
        keyring::{random_id, same},
        limit,
        state::AppState,
    },
};

/// Sends six digits to the address; the answer binds them to this browser.
///
/// # Errors
/// `Invalid` for an address that is none, `Forbidden` where this Snug does not take it, `TooMany`.
pub async fn request_code(visit: &Visit, email: &str) -> Result<SetCookies> {
    let state = &visit.state;
    let email = EmailAddress::parse(email).map_err(AppError::invalid)?;
    if !state.config.sign_up.admits(&email) {
        let allowed = state.config.sign_up.allow.join(", ");
        return Err(AppError::new(
            Kind::Forbidden,
            format!("This Snug takes addresses that end in {allowed}. Use one of those."),
        )
        .into());
    }
    let may_come_in = may_come_in(visit, &email).await?;
    let (state, network) = (state.clone(), visit.ip_prefix());
    to_the_end(async move { send_code(&state, email, &network, may_come_in).await }).await
}

async fn send_code(state: &AppState, email: EmailAddress, network: &str, may_come_in: bool) -> Result<SetCookies> {
    let limits = limit::code_limits(&state.config.limits, &state.keyring, &email, network);
    limit::take(&state.database, &limits, state.now_s()).await?;

    let (browser_secret, code) = (random_id(32), code::generate());
    let row_id = code::row_id(&browser_secret);
    let now_s = state.now_s();
    let life_s = state.config.auth.code_ttl.as_secs() as i64;
    let mac = code::mac(&state.keyring, &row_id, &code);
    code::store::insert_code(
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

    let letter = if may_come_in {
        code::letter(
            email,
            &code,
            state.config.public_url.host(),
            &state.config.public_url.link("/sign-in"),
        )
    } else {
        code::not_invited_letter(email, state.config.public_url.host())
    };
    state.mail.send(letter).await?;
    Ok(vec![cookie::write(state, Name::Code, &browser_secret, life_s)])
}

/// In the mode "invited" only those come in who are known already, and the owner. The page says the same to everybody.
async fn may_come_in(visit: &Visit, email: &EmailAddress) -> Result<bool> {
    let open = visit.state.config.sign_up.mode == SignUpMode::Open;
    Ok(open || store::is_known(&visit.state.database, email).await? || visit.is_owner().await?)
}

/// A code on its way to this browser's person.
pub struct Pending {
    pub email: String,
    /// Seconds until another letter may be asked for.
    pub resend_in_s: i64,
}

/// The code that this browser asked for and has not used.
///
/// # Errors
/// Where the database can't be asked.
pub async fn find_pending_code(visit: &Visit) -> Result<Option<Pending>> {
    let Some(secret) = visit.cookie(Name::Code) else {
        return Ok(None);
    };
    let now_s = visit.state.now_s();
    let row = code::store::find_pending_code(&visit.state.database, &code::row_id(&secret), now_s).await?;
    Ok(row.map(|(email, asked_at, _)| Pending {
        email,
        resend_in_s: (asked_at + code::RESEND_AFTER_S - now_s).max(0),
    }))
}

/// Signs in with the code: the first time makes the user, not activated. The session this browser had is replaced.
///
/// # Errors
/// `Invalid` for a wrong code, `Forbidden` for one that no longer works or belongs to another browser.
pub async fn verify_code(visit: &Visit, typed: &str) -> Result<(UserId, SetCookies)> {
    let typed =
        code::parse(typed).ok_or_else(|| AppError::invalid("A code is six digits. Look at the letter again."))?;
    let secret = visit.cookie(Name::Code).ok_or_else(no_longer_works)?;
    let row_id = code::row_id(&secret);
    check_code(&visit.state, &row_id, &typed).await?;

    let sign_in = SignIn {
        state: visit.state.clone(),
        row_id,
        is_owner: visit.is_owner_browser().await?,
        replaces: visit
            .cookie(Name::Refresh)
            .and_then(|text| RefreshToken::parse(&visit.state.keyring, &text)),
        user_agent: visit.user_agent(),
        ip_prefix: visit.ip_prefix(),
    };
    to_the_end(sign_in.commit()).await
}

async fn check_code(state: &AppState, row_id: &str, typed: &str) -> Result<()> {
    let counted = code::store::count_attempt(&state.database, row_id, code::ATTEMPTS_MAX, state.now_s()).await?;
    let (mac, attempts) = counted.ok_or_else(no_longer_works)?;
    if same(mac.as_bytes(), code::mac(&state.keyring, row_id, typed).as_bytes()) {
        return Ok(());
    }
    Err(AppError::invalid(match code::ATTEMPTS_MAX - attempts {
        0 => "That is not the code, and it was the last try. Ask for a new one.".to_owned(),
        1 => "That is not the code. Look at the letter again; one try is left.".to_owned(),
        left => format!("That is not the code. Look at the letter again; {left} tries are left."),
    })
    .into())
}

fn no_longer_works() -> AppError {
    AppError::new(
        Kind::Forbidden,
        "This code no longer works here. Ask for a new one in this browser.",
    )
}

/// Everything that a sign-in writes, in one transaction.
struct SignIn {
    state: AppState,
    row_id: String,
    is_owner: bool,
    replaces: Option<RefreshToken>,
    user_agent: String,
    ip_prefix: String,
}

impl SignIn {
    async fn commit(self) -> Result<(UserId, SetCookies)> {
        let state = &self.state;
        let now_s = state.now_s();
        let token = RefreshToken::generate(new_session_id()?);
        let mut transaction = state.database.begin().await?;
        let email = code::store::use_code(&mut transaction, &self.row_id, now_s)
            .await?
            .ok_or_else(no_longer_works)?;
        let user = store::find_or_insert_user(&mut transaction, &email, &random_id(20), now_s).await?;
        if self.is_owner {
            store::make_owner(&mut transaction, &user, now_s).await?;
        }
        if let Some(old) = &self.replaces {
            store::replace_session(&mut transaction, &old.session, now_s).await?;
        }
        let user = UserId::parse(&user).ok_or_else(|| anyhow::anyhow!("a user's id is malformed"))?;
        let auth = &state.config.auth;
        let abs_expires_at = now_s + auth.absolute.as_secs() as i64;
        let session = NewSession {
            id: &token.session,
            user: &user,
            hash: &token.hash(),
            kid: &state.keyring.kid,
            now_s,
            idle_expires_at: abs_expires_at.min(now_s + auth.idle.as_secs() as i64),
            abs_expires_at,
            user_agent: &self.user_agent,
            ip_prefix: &self.ip_prefix,
        };
        store::insert_session(&mut transaction, &session).await?;
        state.fail_points.reach(Point::Before(Write::SignIn));
        transaction.commit().await?;
        state.fail_points.reach(Point::After(Write::SignIn));
        if let Some(old) = &self.replaces {
            cut(state, &old.session);
        }
        tracing::info!(user = %user, session = %token.session, "signed in");
        let mut cookies = session_cookies(state, &user, &token, 1, abs_expires_at)?;
        cookies.push(cookie::clear(state, Name::Code));
        Ok((user, cookies))
    }
}

fn new_session_id() -> Result<SessionId> {
    Ok(SessionId::parse(&random_id(20)).ok_or_else(|| anyhow::anyhow!("a fresh id is always of the right form"))?)
}
