//! Finds out who sent a request. Endpoints, sockets and pages all use this module.

use super::{
    cookie::{self, CookieName},
    owner_link::store::{is_owner, is_owner_browser},
    store,
    token::{self, Claims},
    token_rotation,
    verified_token::VerifiedToken,
};
use crate::{
    error::{AppError, Kind},
    model::id::{FOR_USER, SessionId, UserId},
    server::{
        error::Result,
        fail_point::{FailPoint, Write},
        state::AppState,
        typed_fields::TypedFields,
    },
};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::net::{IpAddr, SocketAddr};

/// The user and the session that sent a request. A valid access token of a session that is not revoked proves them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub user: UserId,
    pub session: SessionId,
    generation: i64,
    issued_at: i64,
}

/// Finds out who sent the request with these headers.
///
/// # Errors
/// `signed_out` if the request has no valid access token; `session_ended` if the token's session was revoked; `somebody_else`
/// as in [`require_user`].
pub fn identify(state: &AppState, headers: &HeaderMap, verified: &VerifiedToken) -> Result<Identity, AppError> {
    let token = cookie::read(state, headers, CookieName::Access).ok_or_else(AppError::signed_out)?;
    let origin = state.config.public_url.origin();
    let life_s = state.config.auth.access_ttl.as_secs() as i64;
    let is_alive = |claims: &Claims| state.clock.is_alive(&claims.era, claims.exp, life_s);
    let verify = || token::verify_access(&state.keyring, &origin, &token, is_alive);
    let claims = verified.claims(&token, verify).ok_or_else(AppError::signed_out)?;
    if state.sessions.is_revoked(&claims.sid) {
        return Err(AppError::session_ended());
    }
    require_user(headers, &claims.sub)?;
    let identity = Identity {
        user: claims.sub,
        session: claims.sid,
        generation: claims.generation,
        issued_at: claims.iat,
    };
    confirm_in_use(state, &identity);
    Ok(identity)
}

/// Checks that the page that sent the request acts for `user`.
///
/// All tabs of a browser share its cookies. If a person signs in as another user in one tab, the other tabs still show the first
/// user. So each page names its user in a header, and we refuse to act for anybody else. A form that is sent without scripts has
/// no such header, so there the cookies alone decide.
///
/// # Errors
/// `somebody_else` if the header names another user.
pub fn require_user(headers: &HeaderMap, user: &UserId) -> Result<(), AppError> {
    match headers.get(FOR_USER) {
        Some(says) if says != user.as_str() => Err(AppError::somebody_else()),
        _ => Ok(()),
    }
}

/// Records, once per rotation, that the browser has stored the current refresh token. From then on, a request with the previous
/// token counts as theft. A request proves that the browser has stored the token only if the access token of the request is old
/// enough (see [`token_rotation::proves_arrival`]).
fn confirm_in_use(state: &AppState, identity: &Identity) {
    let now_s = state.now_s();
    let proves = token_rotation::proves_arrival(identity.issued_at, now_s, state.confirm_s());
    if !proves || state.sessions.confirm(&identity.session, identity.generation) {
        return;
    }
    let (state, identity) = (state.clone(), identity.clone());
    tokio::spawn(async move {
        let now_s = state.now_s();
        state.fail_points.reach(FailPoint::Before(Write::Confirmation));
        if let Err(error) = store::confirm_session(&state.database, &identity.session, identity.generation, now_s).await
        {
            state.sessions.forget_confirmed(&identity.session);
            tracing::warn!(%error, "could not record that a session is in use; the next request tries again");
        }
        state.fail_points.reach(FailPoint::After(Write::Confirmation));
    });
}

/// One request to an endpoint: its headers and the address that it came from.
pub struct Visit {
    pub state: AppState,
    pub headers: HeaderMap,
    pub address: IpAddr,
    /// What the page of a form shows again if the form is refused.
    pub typed: TypedFields,
    verified: VerifiedToken,
    refresh_failed: Option<RefreshFailed>,
}

/// Why the sign-in could not be renewed before a form without scripts was handled, although the person may well be signed in: the
/// database is busy. In the extensions of the request.
#[derive(Debug, Clone)]
pub struct RefreshFailed(pub AppError);

impl Visit {
    /// Keeps the headers of a request and the address that the request came from.
    pub fn new(state: AppState, parts: &Parts) -> Self {
        let peer = parts.extensions.get::<axum::extract::ConnectInfo<SocketAddr>>();
        let address = peer.map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.0.ip().to_canonical());
        Self {
            state,
            headers: parts.headers.clone(),
            address,
            typed: parts.extensions.get().cloned().unwrap_or_default(),
            verified: parts.extensions.get().cloned().unwrap_or_default(),
            refresh_failed: parts.extensions.get().cloned(),
        }
    }

    /// The user and the session that sent the request.
    ///
    /// # Errors
    /// The errors of [`identify`]. `Unavailable` if the sign-in could not be renewed because the database is busy.
    pub fn identity(&self) -> Result<Identity> {
        Ok(self.identity_or_error()?)
    }

    fn identity_or_error(&self) -> Result<Identity, AppError> {
        let identity = identify(&self.state, &self.headers, &self.verified);
        identity.map_err(|error| match &self.refresh_failed {
            // A busy database must not look like a sign-out.
            Some(RefreshFailed(busy)) if error.needs_sign_in() => busy.clone(),
            _ => error,
        })
    }

    /// The user and the session that sent the request; `None` if nobody is signed in.
    ///
    /// # Errors
    /// `somebody_else`, as in [`require_user`]. `Unavailable` if the sign-in could not be renewed because the database is busy.
    pub fn identity_if_signed_in(&self) -> Result<Option<Identity>> {
        match self.identity_or_error() {
            Ok(identity) => Ok(Some(identity)),
            Err(error) if error.needs_sign_in() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub fn cookie(&self, name: CookieName) -> Option<String> {
        cookie::read(&self.state, &self.headers, name)
    }

    /// The `User-Agent` header without control characters, cut to 200 characters.
    pub fn user_agent(&self) -> String {
        let text = self
            .headers
            .get(header::USER_AGENT)
            .map(HeaderValue::as_bytes)
            .map(String::from_utf8_lossy);
        text.unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect()
    }

    /// The network that the request came from: a /24 of IPv4, a /48 of IPv6.
    pub fn ip_prefix(&self) -> String {
        match self.address {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(v6) => {
                let [a, b, c, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
        }
    }

    /// Adds cookies to the response of the current server function.
    pub fn answer(&self, cookies: super::SetCookies) {
        let Some(response) = use_context::<ResponseOptions>() else {
            return;
        };
        for value in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
            response.append_header(header::SET_COOKIE, value);
        }
    }

    /// Whether the owner link was used in this browser.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn is_owner_browser(&self) -> Result<bool> {
        let Some(secret) = self.cookie(CookieName::Owner) else {
            return Ok(false);
        };
        let hash = crate::server::keyring::sha256_hex(secret.as_bytes());
        Ok(is_owner_browser(&self.state.database, &hash).await?)
    }

    /// Whether letters stay in the outbox and the sender of this request may read them: owners, and everybody in the browser that
    /// used the owner link.
    ///
    /// # Errors
    /// The errors of [`Visit::is_owner`].
    pub async fn reads_outbox(&self) -> Result<bool> {
        Ok(self.state.mail.is_outbox() && self.is_owner().await?)
    }

    /// Whether the owner link was used in this browser, or an owner is signed in.
    ///
    /// # Errors
    /// If the database can't be read, and the errors of [`Visit::identity_if_signed_in`].
    pub async fn is_owner(&self) -> Result<bool> {
        if self.is_owner_browser().await? {
            return Ok(true);
        }
        match self.identity_if_signed_in()? {
            Some(identity) => Ok(is_owner(&self.state.database, &identity.user).await?),
            None => Ok(false),
        }
    }
}

/// The request that the current server function answers.
///
/// # Errors
/// `Internal` outside a server function.
pub fn current_visit() -> Result<Visit, AppError> {
    let state = use_context::<AppState>();
    let parts = use_context::<Parts>();
    let nowhere = || AppError::new(Kind::Internal, "Something went wrong here. Try again.");
    Ok(Visit::new(state.ok_or_else(nowhere)?, &parts.ok_or_else(nowhere)?))
}
