//! The cookies of a session: a signed access token, the refresh token, and the time when the access token expires.

use super::{
    SetCookies,
    cookie::{self, CookieName},
    token::{self, Claims, RefreshToken},
};
use crate::{
    model::id::UserId,
    server::{error::Result, state::AppState},
};

/// The cookies of a session, with a new access token.
///
/// # Errors
/// If the access token can't be signed.
pub fn session_cookies(
    state: &AppState,
    user: &UserId,
    token: &RefreshToken,
    generation: i64,
    abs_expires_at: i64,
) -> Result<SetCookies> {
    // The era is read first: if the clock jumps back in between, the token counts as older than it is, and is refreshed early.
    let era = state.clock.era();
    let now_s = state.now_s();
    let auth = &state.config.auth;
    let exp = now_s + auth.access_ttl.as_secs() as i64;
    let origin = state.config.public_url.origin().to_owned();
    let claims = Claims {
        iss: origin.clone(),
        aud: origin,
        sub: user.clone(),
        sid: token.session.clone(),
        generation,
        iat: now_s,
        exp,
        era: era.to_string(),
    };
    let life_s = (abs_expires_at - now_s).min(auth.idle.as_secs() as i64);
    Ok(vec![
        cookie::write(
            state,
            CookieName::Access,
            &token::sign_access(&state.keyring, &claims)?,
            exp - now_s,
        ),
        cookie::write(state, CookieName::Refresh, &token.encode(&state.keyring), life_s),
        cookie::write(state, CookieName::AccessExpires, &exp.to_string(), life_s),
    ])
}
