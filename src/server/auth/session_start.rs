//! Starting a session: everything that is written when a person signs in, comes in as a guest, or uses the owner link.

use super::{
    SetCookies, account_status,
    browser_mark::BrowserMarks,
    cookie::{self, CookieName},
    email::store::find_or_insert_user,
    email_code::store::use_code,
    email_undo,
    identity::Visit,
    revocation::revoke_and_disconnect,
    session_cookies::session_cookies,
    store::{self, NewSession},
    token::RefreshToken,
};
use crate::{
    model::{
        id::{SessionId, UserId},
        user::EmailAddress,
    },
    server::{
        database::Writing,
        error::Result,
        fail_point::{FailPoint, Write},
        keyring::random_id,
        state::AppState,
    },
};

/// The browser in which a session starts.
pub struct SessionStart {
    pub state: AppState,
    replaces: Option<RefreshToken>,
    marks: BrowserMarks,
    user_agent: String,
    ip_prefix: String,
}

/// A session that was written, perhaps in a transaction that is still open.
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
            marks: BrowserMarks::of(visit),
            user_agent: visit.user_agent(),
            ip_prefix: visit.ip_prefix(),
        }
    }

    /// Writes a new session of `user`, and revokes the session that this browser had before.
    ///
    /// # Errors
    /// If the database can't be written.
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

    /// Disconnects the replaced session, and returns the cookies of the new one and the mark of this browser. `email` is the address
    /// of the person, if they have one. Call this after the commit.
    ///
    /// # Errors
    /// If the access token can't be signed.
    pub fn take_effect(&self, begun: &StartedSession, email: Option<&EmailAddress>) -> Result<SetCookies> {
        let state = &self.state;
        if let Some(old) = &self.replaces {
            revoke_and_disconnect(state, &old.session);
        }
        tracing::info!(user = %begun.user, session = %begun.token.session, "signed in");
        let mut cookies = session_cookies(state, &begun.user, &begun.token, 1, begun.abs_expires_at)?;
        cookies.push(cookie::clear(state, CookieName::Code));
        cookies.push(self.marks.with(&state.keyring, &begun.user, email).set_cookie(state));
        Ok(cookies)
    }
}

/// A sign-in with a code or a link that was already checked, ready to be written.
pub struct SignIn {
    beginning: SessionStart,
    row_id: String,
}

impl SignIn {
    /// The sign-in of this browser with the code or the link of row `row_id`.
    pub fn of(visit: &Visit, row_id: String) -> Self {
        Self {
            beginning: SessionStart::of(visit),
            row_id,
        }
    }

    /// Writes the sign-in in one transaction: uses up the code, creates the user if there is none, and replaces this browser's
    /// session. `None` if the code was already used.
    ///
    /// # Errors
    /// `Forbidden` if the account is deactivated, or if the address belonged to an account until a change that can still be undone;
    /// if the database can't be written. In all three cases nothing has changed, and the code can still be used.
    pub async fn commit(self) -> Result<Option<(UserId, SetCookies)>> {
        let state = &self.beginning.state;
        let now_s = state.now_s();
        let mut transaction = state.database.begin().await?;
        let Some(email) = use_code(&mut transaction, &self.row_id, now_s).await? else {
            return Ok(None);
        };
        let email = EmailAddress::parse(&email).map_err(|_| anyhow::anyhow!("a code's address is malformed"))?;
        let new_id = random_id(20);
        let id = find_or_insert_user(&mut transaction, &email, &new_id, now_s).await?;
        let user = UserId::parse(&id).ok_or_else(|| anyhow::anyhow!("a user's id is malformed"))?;
        // We check after the insert. On PostgreSQL, the insert waits for a change of address that is being written, and this query
        // then sees the change.
        let undoable_since = now_s - email_undo::UNDO_S;
        if id == new_id && email_undo::store::is_reserved(&mut transaction, &email, &user, undoable_since).await? {
            return Err(email_undo::reserved().into());
        }
        if !account_status::store::lock_if_on(&mut transaction, &user).await? {
            return Err(account_status::switched_off().into());
        }
        let begun = self.beginning.write(&mut transaction, &user, now_s).await?;
        state.fail_points.reach(FailPoint::Before(Write::SignIn));
        transaction.commit().await?;
        state.fail_points.reach(FailPoint::After(Write::SignIn));
        let cookies = self.beginning.take_effect(&begun, Some(&email))?;
        Ok(Some((user, cookies)))
    }
}

fn new_session_id() -> Result<SessionId> {
    Ok(SessionId::parse(&random_id(20)).ok_or_else(|| anyhow::anyhow!("a new session id is malformed"))?)
}
