//! The cookies: their names, flags and lifetimes (RFC 6265bis).
//!
//! The prefix `__Host-` requires `Secure`, which Safari refuses on `http://localhost`. So on localhost the cookies have neither the
//! prefix nor `Secure`.

use crate::server::{config::PublicUrl, state::AppState};
use cookie::{Cookie, SameSite, time::Duration};
use http::{HeaderMap, header};

/// The cookies that Snug sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieName {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
    /// When the access token expires, in unix seconds. The value is not a secret, and scripts can read it.
    AccessExpires,
    /// Binds an e-mail code to the browser that asked for it.
    Code,
    /// Marks the browser in which the owner link was used.
    Owner,
    /// Marks a browser that was signed in before (see `browser_mark`).
    Known,
    /// Whether pages are light or dark in this browser.
    Theme,
    /// The error of a form that was sent without scripts, for the page with this hash of its address.
    FormError(u64),
}

impl CookieName {
    fn on(self, url: &PublicUrl) -> String {
        let name = match self {
            CookieName::Access => "access".to_owned(),
            CookieName::Refresh => "refresh".to_owned(),
            CookieName::AccessExpires => return "access-expires".to_owned(),
            CookieName::Code => "code".to_owned(),
            CookieName::Owner => "owner".to_owned(),
            CookieName::Known => "known".to_owned(),
            CookieName::Theme => "theme".to_owned(),
            CookieName::FormError(page) => format!("form-error-{page:016x}"),
        };
        if url.is_https() { format!("__Host-{name}") } else { name }
    }
}

/// The value of this cookie in the request.
pub fn read(state: &AppState, headers: &HeaderMap, name: CookieName) -> Option<String> {
    let wanted = name.on(&state.config.public_url);
    let all = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == wanted)
        .map(|cookie| cookie.value().to_owned())
}

/// A `Set-Cookie` value for a cookie that lives `life_s` seconds.
pub fn write(state: &AppState, name: CookieName, value: &str, life_s: i64) -> String {
    build(state, name, value, life_s).to_string()
}

/// A `Set-Cookie` value that deletes the cookie.
pub fn clear(state: &AppState, name: CookieName) -> String {
    build(state, name, "", 0).to_string()
}

fn build(state: &AppState, name: CookieName, value: &str, life_s: i64) -> Cookie<'static> {
    let url = &state.config.public_url;
    // Browsers don't send `Strict` cookies when a person follows a link from a mail client or a chat, and that person should arrive
    // signed in. The cookies of a code and of an error, and the mark of a known browser, can be `Strict`, because only forms of Snug's
    // own pages need them.
    let same_site = match name {
        CookieName::Code | CookieName::Known | CookieName::FormError(_) => SameSite::Strict,
        _ => SameSite::Lax,
    };
    Cookie::build((name.on(url), value.to_owned()))
        .path("/")
        .secure(url.is_https())
        .http_only(name != CookieName::AccessExpires)
        .same_site(same_site)
        .max_age(Duration::seconds(life_s))
        .build()
}

/// Applies `Set-Cookie` values to the request's own `Cookie` header, so that the page rendered for this request sees them.
pub fn rewrite_request(headers: &mut HeaderMap, set_cookies: &[String]) {
    let fresh: Vec<Cookie<'_>> = set_cookies
        .iter()
        .filter_map(|text| Cookie::parse(text.as_str()).ok())
        .collect();
    let old: Vec<String> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .map(str::to_owned)
        .collect();
    let kept = old
        .iter()
        .flat_map(|line| Cookie::split_parse(line.as_str()))
        .filter_map(Result::ok);
    let kept = kept.filter(|cookie| fresh.iter().all(|new| new.name() != cookie.name()));
    let pairs: Vec<String> = kept
        .chain(fresh.iter().cloned())
        .map(|cookie| cookie.stripped().to_string())
        .collect();
    if let Ok(value) = pairs.join("; ").parse() {
        headers.insert(header::COOKIE, value);
    }
}
