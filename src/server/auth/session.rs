//! A session after the sign-in: refreshing it, ending it if an old token is used again, and signing out.

use super::{
    SetCookies,
    browser_mark::BrowserMarks,
    cookie::{self, CookieName},
    email::store::find_email,
    identity::{self, Visit},
    letter::{self, SendingSnug},
    revocation::revoke_and_disconnect,
    rotation_group_commit,
    session_cookies::session_cookies,
    store::{self, SessionRow},
    to_the_end,
    token::RefreshToken,
    token_rotation::{self, Decision, Presented},
};
use crate::{
    error::{AppError, Kind},
    model::id::{SessionId, UserId},
    server::{
        error::{Error, Result},
        fail_point::{FailPoint, Write},
        keyring::random_id,
        limit::{self, Limited},
        refresh_outcomes::RefreshResult,
        state::AppState,
        token_rotation_batch::{Rotated, Swap},
    },
};

/// Exchanges a valid refresh token for a new access token.
///
/// # Errors
/// `signed_out` if the request has no refresh token that this server made; `TooMany` if the network has sent many forged tokens;
/// `session_ended` if the session is over (a replayed token ends its session); `Unavailable` if the database can't be reached.
/// No error clears a cookie.
pub async fn refresh(visit: &Visit) -> Result<SetCookies> {
    let state = visit.state.clone();
    let text = visit.cookie(CookieName::Refresh).ok_or_else(AppError::signed_out)?;
    let (token, network) = (RefreshToken::parse(&state.keyring, &text), visit.ip_prefix());
    to_the_end(async move {
        let refreshed = refresh_with(&state, token, &network).await;
        if refreshed.as_ref().is_err_and(is_fault) {
            state.refreshes.count(RefreshResult::Failed);
        }
        refreshed
    })
    .await
}

/// Like [`refresh`], for a request from a page of ours. If the browser has no mark, this also returns one: a session that began before
/// there were marks has none. Browsers leave the mark out of a request from another site, so such a request must not write one.
///
/// # Errors
/// As [`refresh`].
pub async fn refresh_from_page(visit: &Visit) -> Result<SetCookies> {
    let mut cookies = refresh(visit).await?;
    let text = visit.cookie(CookieName::Refresh).unwrap_or_default();
    if BrowserMarks::of(visit).is_empty()
        && let Some(token) = RefreshToken::parse(&visit.state.keyring, &text)
        // The token is exchanged already, so an error here must not keep the new one from the browser.
        && let Ok(Some(mark)) = find_missing_mark(visit, &token.session).await
    {
        cookies.push(mark);
    }
    Ok(cookies)
}

/// The `Set-Cookie` value of a mark, if this browser does not have the mark of the person whose session this is.
async fn find_missing_mark(visit: &Visit, session: &SessionId) -> Result<Option<String>> {
    let (state, marks) = (&visit.state, BrowserMarks::of(visit));
    let Some(row) = store::find_session(&state.database, session).await? else {
        return Ok(None);
    };
    if marks.has_user(&state.keyring, &row.user) {
        return Ok(None);
    }
    let email = find_email(&state.database, &row.user).await?;
    let marks = marks.with(&state.keyring, &row.user, email.as_ref());
    Ok(Some(marks.set_cookie(state)))
}

/// Whether the server could not answer, so that the error says nothing about the token.
fn is_fault(error: &Error) -> bool {
    match error {
        Error::Internal(_) => true,
        Error::Public(error) => error.kind == Kind::Unavailable,
    }
}

async fn refresh_with(state: &AppState, token: Option<RefreshToken>, network: &str) -> Result<SetCookies> {
    let hash = token.as_ref().map(RefreshToken::hash);
    let presented = hash.as_deref().map_or(Presented::Foreign, Presented::Ours);
    // We try the compare-and-swap before we read the row. The swap succeeds exactly if `decide` would say Rotate, and most refreshes
    // need nothing else. If the swap fails, we read the row and ask `decide`. If `decide` says Rotate after all, another request
    // changed the row in between, and we try again. More than one retry is very rare.
    for _ in 0..4 {
        let now_s = state.now_s();
        let confirm_s = state.confirm_s();
        let row = match &token {
            Some(token) => match rotate(state, token, now_s, confirm_s).await? {
                Some(cookies) => {
                    state.refreshes.count(RefreshResult::Rotated);
                    return Ok(cookies);
                }
                None => store::find_session(&state.database, &token.session).await?,
            },
            None => None,
        };
        let decision = token_rotation::decide(row.as_ref().map(|row| &row.rotation), presented, now_s, confirm_s);
        let (Some(token), Some(row)) = (&token, row) else {
            return Err(match decision {
                Decision::Unknown => count_unknown(state, network).await?,
                _ => count_ended(state),
            }
            .into());
        };
        match decision {
            Decision::Rotate => {}
            Decision::Ended | Decision::Unknown => return Err(count_ended(state).into()),
            Decision::Keep => {
                state.refreshes.count(RefreshResult::Kept);
                return session_cookies(state, &row.user, token, row.generation, row.abs_expires_at);
            }
            Decision::Again => return serve_again(state, token, &row, now_s).await,
            Decision::Reuse => return Err(end_for_reuse(state, &token.session, &row.user).await?.into()),
        }
    }
    Err(AppError::unavailable().into())
}

/// The error for a token whose session is over.
fn count_ended(state: &AppState) -> AppError {
    state.refreshes.count(RefreshResult::Ended);
    AppError::session_ended()
}

/// The error for a token that is forged or was made with another keyring. Such a token proves nothing about a session, so it must
/// not end a session. It only counts towards the limit of the network that sent it.
async fn count_unknown(state: &AppState, network: &str) -> Result<AppError> {
    state.refreshes.count(RefreshResult::Unknown);
    let limits = Limited::ForgedToken { ip_prefix: network }.limits(&state.limits.get(), &state.keyring);
    limit::take(&state.database, &state.refusals, &limits, state.now_s()).await?;
    Ok(AppError::signed_out())
}

/// Sends the successor of the previous token again, because the response that contained it may have been lost.
async fn serve_again(state: &AppState, token: &RefreshToken, row: &SessionRow, now_s: i64) -> Result<SetCookies> {
    let successor = token.successor(&state.keyring, &row.salt);
    state.fail_points.reach(FailPoint::Before(Write::ServedAgain));
    store::touch_served(&state.database, &token.session, row.generation, now_s).await?;
    state.fail_points.reach(FailPoint::After(Write::ServedAgain));
    state.refreshes.count(RefreshResult::SentAgain);
    session_cookies(state, &row.user, &successor, row.generation, row.abs_expires_at)
}

async fn rotate(state: &AppState, token: &RefreshToken, now_s: i64, confirm_s: i64) -> Result<Option<SetCookies>> {
    let salt = random_id(26);
    let successor = token.successor(&state.keyring, &salt);
    let swap = Swap {
        session: token.session.clone(),
        hash: token.hash(),
        new_hash: successor.hash(),
        salt,
        kid: state.keyring.kid.clone(),
        now_s,
        idle_expires_at: now_s + state.config.auth.idle.as_secs() as i64,
        confirm_s,
    };
    state.fail_points.reach(FailPoint::Before(Write::Rotation));
    let Some(rotated) = rotation_group_commit::rotate(state, swap).await? else {
        return Ok(None);
    };
    state.fail_points.reach(FailPoint::After(Write::Rotation));
    let Rotated {
        user,
        generation,
        abs_expires_at,
        ..
    } = rotated;
    session_cookies(state, &user, &successor, generation, abs_expires_at).map(Some)
}

/// Ends a session whose superseded token was used again, which shows that somebody has a copy of that token. An e-mail tells the
/// user.
async fn end_for_reuse(state: &AppState, session: &SessionId, user: &UserId) -> Result<AppError> {
    tracing::warn!(%session, "a superseded refresh token was used again, so its session was ended");
    state.fail_points.reach(FailPoint::Before(Write::Revocation));
    let was_alive = store::revoke_session(&state.database, session, "reuse", state.now_s()).await?;
    state.refreshes.count(RefreshResult::Reused);
    revoke_and_disconnect(state, session);
    state.fail_points.reach(FailPoint::After(Write::Revocation));
    if was_alive
        && !state.mail.is_off()
        && let Some(email) = find_email(&state.database, user).await?
    {
        let letter = letter::session_ended(email, &SendingSnug::of(state));
        if let Err(error) = state.mail.send(letter).await {
            tracing::warn!(%error, "could not send the e-mail about an ended session");
        }
    }
    Ok(AppError::session_ended())
}

/// Signs this device out. The session is revoked and all its tokens are refused before the response is sent. The browser keeps the mark
/// of the person, and gets one if it has none.
///
/// # Errors
/// `somebody_else`; if the database can't be written. After either error, nothing has changed.
pub async fn sign_out(visit: &Visit) -> Result<SetCookies> {
    let state = visit.state.clone();
    let session = match visit.identity_if_signed_in()? {
        Some(identity) => Some(identity.session),
        None => find_live_session(visit).await?.map(|(_, session)| session),
    };
    let mut mark = None;
    if let Some(session) = session {
        // Without the mark, this browser only has a smaller share of the limits. So its failure must not keep the person signed in.
        mark = find_missing_mark(visit, &session).await.unwrap_or_default();
        let state = state.clone();
        to_the_end(async move {
            state.fail_points.reach(FailPoint::Before(Write::SignOut));
            store::revoke_session(&state.database, &session, "signed out", state.now_s()).await?;
            revoke_and_disconnect(&state, &session);
            state.fail_points.reach(FailPoint::After(Write::SignOut));
            Ok(())
        })
        .await?;
    }
    let cleared = [CookieName::Access, CookieName::Refresh, CookieName::AccessExpires];
    let cleared = cleared.map(|name| cookie::clear(&state, name));
    Ok(cleared.into_iter().chain(mark).collect())
}

/// The user and the session of this browser's refresh token, if the session has not ended. The access token can be expired. A superseded refresh
/// token also counts: anyone who has any token of a session is allowed to sign the session out.
///
/// # Errors
/// `somebody_else`; if the database can't be read.
pub async fn find_live_session(visit: &Visit) -> Result<Option<(UserId, SessionId)>> {
    let state = &visit.state;
    let Some(text) = visit.cookie(CookieName::Refresh) else {
        return Ok(None);
    };
    let Some(token) = RefreshToken::parse(&state.keyring, &text) else {
        return Ok(None);
    };
    let row = store::find_session(&state.database, &token.session).await?;
    let (hash, now_s) = (token.hash(), state.now_s());
    let is_alive = |row: &SessionRow| {
        let decision = token_rotation::decide(Some(&row.rotation), Presented::Ours(&hash), now_s, state.confirm_s());
        decision != Decision::Ended
    };
    let Some(row) = row.filter(is_alive) else {
        return Ok(None);
    };
    identity::require_user(&visit.headers, &row.user)?;
    Ok(Some((row.user, token.session)))
}
