//! The beginning of a session: everything that a sign-in writes, whatever proved who it is.

use super::{
    SetCookies, account, code,
    cookie::{self, Name},
    email,
    identity::Visit,
    owner,
    session::{cut, session_cookies},
    store::{self, NewSession},
    token::RefreshToken,
};
use crate::{
    model::id::{SessionId, UserId},
    server::{
        error::Result,
        fail_point::{Point, Write},
        keyring::random_id,
        state::AppState,
    },
};

/// Everything that a sign-in writes.
pub struct SignIn {
    state: AppState,
    row_id: String,
    is_owner: bool,
    replaces: Option<RefreshToken>,
    user_agent: String,
    ip_prefix: String,
}

impl SignIn {
    /// The sign-in of this browser with the code or the link of row `row_id`.
    ///
    /// # Errors
    /// Where the database can't be asked.
    pub async fn of(visit: &Visit, row_id: String) -> Result<Self> {
        Ok(Self {
            state: visit.state.clone(),
            row_id,
            is_owner: visit.is_owner_browser().await?,
            replaces: visit
                .cookie(Name::Refresh)
                .and_then(|text| RefreshToken::parse(&visit.state.keyring, &text)),
            user_agent: visit.user_agent(),
            ip_prefix: visit.ip_prefix(),
        })
    }

    /// Writes it, in one transaction; the session this browser had is replaced. `None` where the code was used before.
    ///
    /// # Errors
    /// `Forbidden` where the account is switched off; where the database can't be written to. Then nothing has changed.
    pub async fn commit(self) -> Result<Option<(UserId, SetCookies)>> {
        let state = &self.state;
        let now_s = state.now_s();
        let token = RefreshToken::generate(new_session_id()?);
        let mut transaction = state.database.begin().await?;
        let Some(email) = code::store::use_code(&mut transaction, &self.row_id, now_s).await? else {
            return Ok(None);
        };
        let user = email::store::find_or_insert_user(&mut transaction, &email, &random_id(20), now_s).await?;
        let user = UserId::parse(&user).ok_or_else(|| anyhow::anyhow!("a user's id is malformed"))?;
        if !account::store::hold_if_on(&mut transaction, &user).await? {
            return Err(account::switched_off().into());
        }
        if self.is_owner {
            owner::store::make_owner(&mut transaction, user.as_str(), now_s).await?;
        }
        if let Some(old) = &self.replaces {
            store::replace_session(&mut transaction, &old.session, now_s).await?;
        }
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
        Ok(Some((user, cookies)))
    }
}

fn new_session_id() -> Result<SessionId> {
    Ok(SessionId::parse(&random_id(20)).ok_or_else(|| anyhow::anyhow!("a fresh id is always of the right form"))?)
}
