//! The beginning of a session: everything that a sign-in writes, whatever proved who it is.

use super::{
    SetCookies, account_status,
    cookie::{self, CookieName},
    email::store::find_or_insert_user,
    email_code::store::use_code,
    identity::Visit,
    owner_link,
    revocation::revoke_and_disconnect,
    session_cookies::session_cookies,
    store::{self, NewSession},
    token::RefreshToken,
};
use crate::{
    model::id::{SessionId, UserId},
    server::{
        database::Writing,
        error::Result,
        fail_point::{FailPoint, Write},
        keyring::random_id,
        state::AppState,
    },
};

/// The browser in which a session begins.
pub struct SessionStart {
    pub state: AppState,
    replaces: Option<RefreshToken>,
    user_agent: String,
    ip_prefix: String,
}

/// A session that was written, and counts once its transaction is committed.
pub struct StartedSession {
    token: RefreshToken,
    user: UserId,
    abs_expires_at: i64,
}

impl SessionStart {
    pub fn of(visit: &Visit) -> Self {
        Self {
            state: visit.state.clone(),
            replaces: visit
                .cookie(CookieName::Refresh)
                .and_then(|text| RefreshToken::parse(&visit.state.keyring, &text)),
            user_agent: visit.user_agent(),
            ip_prefix: visit.ip_prefix(),
        }
    }

    /// Writes a session of `user`; the one that this browser had is replaced.
    ///
    /// # Errors
    /// Where the database can't be written to.
    pub async fn write(&self, transaction: &mut Writing, user: &UserId, now_s: i64) -> Result<StartedSession> {
        let (state, auth) = (&self.state, &self.state.config.auth);
        let token = RefreshToken::generate(new_session_id()?);
        if let Some(old) = &self.replaces {
            store::replace_session(transaction, &old.session, now_s).await?;
        }
        let abs_expires_at = now_s + auth.absolute.as_secs() as i64;
        let session = NewSession {
            id: &token.session,
            user,
            hash: &token.hash(),
            kid: &state.keyring.kid,
            now_s,
            idle_expires_at: abs_expires_at.min(now_s + auth.idle.as_secs() as i64),
            abs_expires_at,
            user_agent: &self.user_agent,
            ip_prefix: &self.ip_prefix,
        };
        store::insert_session(transaction, &session).await?;
        Ok(StartedSession {
            token,
            user: user.clone(),
            abs_expires_at,
        })
    }

    /// To be called once it is committed: cuts the session that was replaced, and gives the cookies of the new one.
    ///
    /// # Errors
    /// Where the access token can't be signed.
    pub fn take_effect(&self, begun: &StartedSession) -> Result<SetCookies> {
        let state = &self.state;
        if let Some(old) = &self.replaces {
            revoke_and_disconnect(state, &old.session);
        }
        tracing::info!(user = %begun.user, session = %begun.token.session, "signed in");
        let mut cookies = session_cookies(state, &begun.user, &begun.token, 1, begun.abs_expires_at)?;
        cookies.push(cookie::clear(state, CookieName::Code));
        Ok(cookies)
    }
}

/// Everything that a sign-in writes.
pub struct SignIn {
    beginning: SessionStart,
    row_id: String,
    is_owner: bool,
}

impl SignIn {
    /// The sign-in of this browser with the code or the link of row `row_id`.
    ///
    /// # Errors
    /// Where the database can't be asked.
    pub async fn of(visit: &Visit, row_id: String) -> Result<Self> {
        Ok(Self {
            beginning: SessionStart::of(visit),
            row_id,
            is_owner: visit.is_owner_browser().await?,
        })
    }

    /// Writes it, in one transaction; the session this browser had is replaced. `None` where the code was used before.
    ///
    /// # Errors
    /// `Forbidden` where the account is switched off; where the database can't be written to. Then nothing has changed.
    pub async fn commit(self) -> Result<Option<(UserId, SetCookies)>> {
        let state = &self.beginning.state;
        let now_s = state.now_s();
        let mut transaction = state.database.begin().await?;
        let Some(email) = use_code(&mut transaction, &self.row_id, now_s).await? else {
            return Ok(None);
        };
        let user = find_or_insert_user(&mut transaction, &email, &random_id(20), now_s).await?;
        let user = UserId::parse(&user).ok_or_else(|| anyhow::anyhow!("a user's id is malformed"))?;
        if !account_status::store::lock_if_on(&mut transaction, &user).await? {
            return Err(account_status::switched_off().into());
        }
        if self.is_owner {
            owner_link::store::make_owner(&mut transaction, user.as_str(), now_s).await?;
        }
        let begun = self.beginning.write(&mut transaction, &user, now_s).await?;
        state.fail_points.reach(FailPoint::Before(Write::SignIn));
        transaction.commit().await?;
        state.fail_points.reach(FailPoint::After(Write::SignIn));
        let cookies = self.beginning.take_effect(&begun)?;
        Ok(Some((user, cookies)))
    }
}

fn new_session_id() -> Result<SessionId> {
    Ok(SessionId::parse(&random_id(20)).ok_or_else(|| anyhow::anyhow!("a fresh id is always of the right form"))?)
}
