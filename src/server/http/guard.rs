//! The guards: who may write here from which site, and the headers on every answer.

use crate::{
    error::{AppError, Kind},
    server::{config::PublicUrl, http::status::answer, state::AppState},
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};

/// Refuses what another site sends: a POST by `Sec-Fetch-Site` or Origin, a socket by its exact Origin.
pub async fn same_site(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let url = &state.config.public_url;
    let is_socket = request.headers().get(header::UPGRADE).is_some();
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let allowed = match (is_socket, writes) {
        (true, _) => origin_is_ours(request.headers(), url),
        (false, true) => may_write(request.headers(), url),
        (false, false) => true,
    };
    if allowed {
        return next.run(request).await;
    }
    answer(&AppError::new(
        Kind::Forbidden,
        "This came from another site. Open Snug itself and do it there.",
    ))
}

/// Browsers say which site a request comes from; where neither header is there it is no browser, and holds no one's cookies.
fn may_write(headers: &HeaderMap, url: &PublicUrl) -> bool {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(site) => site == b"same-origin" || site == b"none",
        None => headers.get(header::ORIGIN).is_none() || origin_is_ours(headers, url),
    }
}

fn origin_is_ours(headers: &HeaderMap, url: &PublicUrl) -> bool {
    headers
        .get(header::ORIGIN)
        .is_some_and(|origin| origin.as_bytes() == url.origin().as_bytes())
}

/// Sets what every answer carries.
pub async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_file = request.uri().path().starts_with("/pkg/") || request.uri().path().starts_with("/pictures/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put("x-content-type-options", "nosniff");
    put("referrer-policy", "same-origin");
    put("cross-origin-opener-policy", "same-origin");
    put("cross-origin-resource-policy", "same-origin");
    put(
        "permissions-policy",
        "microphone=(self), camera=(), geolocation=(), browsing-topics=()",
    );
    put(
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    );
    if state.config.public_url.is_https() {
        put("strict-transport-security", "max-age=31536000");
    }
    if !is_file {
        put("cache-control", "no-store");
    }
    response
}

/// The policy of a page whose scripts carry `nonce`. `reload_port` is where `cargo leptos watch` tells of changes.
pub fn page_policy(nonce: &str, url: &PublicUrl, reload_port: Option<u32>) -> String {
    let socket_origin = url.origin().replacen("http", "ws", 1);
    let reload = reload_port
        .map(|port| format!(" ws://{}:{port}", url.host()))
        .unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' {socket_origin}{reload}; manifest-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_our_own_pages_may_write() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = crate::server::config::Config::for_tests(folder.path()).public_url;
        let origin: &'static str = url.origin().to_string().leak();
        for site in ["cross-site", "same-site", ""] {
            assert!(
                !may_write(&headers(&[("sec-fetch-site", site), ("origin", origin)]), &url),
                "{site}"
            );
        }
        assert!(may_write(&headers(&[("sec-fetch-site", "same-origin")]), &url));
        assert!(may_write(&headers(&[("origin", origin)]), &url));
        assert!(!may_write(&headers(&[("origin", "null")]), &url));
        assert!(!may_write(&headers(&[("origin", "https://evil.example")]), &url));
    }
}
