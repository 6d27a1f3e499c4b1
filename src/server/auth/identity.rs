//! Who a request is from: the only gate. Doors, sockets and pages all ask here.

use super::{
    cookie::{self, CookieName},
    owner_link::store::{is_owner, is_owner_browser},
    store, token, token_rotation,
};
use crate::{
    error::{AppError, Kind},
    model::id::{FOR_USER, SessionId, UserId},
    server::{
        error::Result,
        fail_point::{FailPoint, Write},
        state::AppState,
    },
};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::net::{IpAddr, SocketAddr};

/// Who is asking, by a good access token of a session that is not dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub user: UserId,
    pub session: SessionId,
    generation: i64,
    issued_at: i64,
}

/// Who the request with these headers is from.
///
/// # Errors
/// `signed_out` without a good access token, `session_ended` where its session was revoked, `somebody_else`
/// where the page that asks was made for another.
pub fn identify(state: &AppState, headers: &HeaderMap) -> Result<Identity, AppError> {
    let token = cookie::read(state, headers, CookieName::Access).ok_or_else(AppError::signed_out)?;
    let origin = state.config.public_url.origin();
    let claims =
        token::verify_access(&state.keyring, &origin, &token, state.now_s()).ok_or_else(AppError::signed_out)?;
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

/// Refuses where the page that asks says that it was made for somebody else than `user`.
///
/// # Errors
/// `somebody_else`.
pub fn require_user(headers: &HeaderMap, user: &UserId) -> Result<(), AppError> {
    match headers.get(FOR_USER) {
        Some(says) if says != user.as_str() => Err(AppError::somebody_else()),
        _ => Ok(()),
    }
}

/// A token of the row's generation that is at least C old was seen in use: its predecessor dies, once a rotation.
fn confirm_in_use(state: &AppState, identity: &Identity) {
    let confirm_s = state.config.auth.confirm_after.as_secs() as i64;
    let proves = token_rotation::proves_arrival(identity.issued_at, state.now_s(), confirm_s);
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
            tracing::warn!(%error, "a session in use could not be confirmed; the next request tries again");
        }
        state.fail_points.reach(FailPoint::After(Write::Confirmation));
    });
}

/// One request to an endpoint: who, from where, and the cookies that its answer sets.
pub struct Visit {
    pub state: AppState,
    pub headers: HeaderMap,
    pub address: IpAddr,
}

impl Visit {
    /// The visit of a request's head.
    pub fn new(state: AppState, parts: &Parts) -> Self {
        let peer = parts.extensions.get::<axum::extract::ConnectInfo<SocketAddr>>();
        let address = peer.map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.0.ip().to_canonical());
        Self {
            state,
            headers: parts.headers.clone(),
            address,
        }
    }

    /// Who is asking.
    ///
    /// # Errors
    /// As [`identify`].
    pub fn identity(&self) -> Result<Identity> {
        Ok(identify(&self.state, &self.headers)?)
    }

    /// Who is asking, where anybody is signed in.
    ///
    /// # Errors
    /// `somebody_else`, as [`identify`].
    pub fn identity_if_signed_in(&self) -> Result<Option<Identity>> {
        match identify(&self.state, &self.headers) {
            Ok(identity) => Ok(Some(identity)),
            Err(error) if error.needs_sign_in() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub fn cookie(&self, name: CookieName) -> Option<String> {
        cookie::read(&self.state, &self.headers, name)
    }

    /// What the browser calls itself, at most 200 characters.
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

    /// The network the request came from: /24 of IPv4, /48 of IPv6.
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

    /// Puts cookies on the answer of the server function that runs now.
    pub fn answer(&self, cookies: super::SetCookies) {
        let Some(response) = use_context::<ResponseOptions>() else {
            return;
        };
        for value in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
            response.append_header(header::SET_COOKIE, value);
        }
    }

    /// Whether this is the browser that opened the owner link.
    ///
    /// # Errors
    /// Where the database can't be asked.
    pub async fn is_owner_browser(&self) -> Result<bool> {
        let Some(secret) = self.cookie(CookieName::Owner) else {
            return Ok(false);
        };
        let hash = crate::server::keyring::sha256_hex(secret.as_bytes());
        Ok(is_owner_browser(&self.state.database, &hash).await?)
    }

    /// Whether this is the browser that opened the owner link, or an owner signed in.
    ///
    /// # Errors
    /// Where the database can't be asked; as [`Visit::identity_if_signed_in`].
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

/// The visit of the server function that runs now.
///
/// # Errors
/// `Internal` outside a request; that can't be.
pub fn current_visit() -> Result<Visit, AppError> {
    let state = use_context::<AppState>();
    let parts = use_context::<Parts>();
    let nowhere = || AppError::new(Kind::Internal, "Something went wrong here. Try again.");
    Ok(Visit::new(state.ok_or_else(nowhere)?, &parts.ok_or_else(nowhere)?))
}
