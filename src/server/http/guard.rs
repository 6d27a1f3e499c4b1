//! Guards around all endpoints. They refuse requests from other sites, and set the security headers of every answer.

use crate::{
    error::{AppError, Kind},
    server::{
        config::{Config, PublicUrl},
        http::{
            error_status::answer,
            health::is_health_check,
            own_names::{host, only, origin_is_ours},
            unknown_host,
        },
    },
};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    response::Response,
};

/// The answer to a request for a host that is not ours, or to one that a browser sends on behalf of another site. `None` if the
/// request is good.
pub fn refusal(config: &Config, request: &Request) -> Option<Response> {
    if is_health_check(request.uri().path()) {
        return None;
    }
    let (uri, headers) = (request.uri(), request.headers());
    if !host(uri, headers).is_some_and(|host| config.answers_to(host)) {
        let refused = unknown_host::refuse(&config.public_url, request.method(), uri, headers);
        return Some(refused);
    }
    let is_socket = headers.contains_key(header::UPGRADE);
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let allowed = match (is_socket, reads) {
        (true, _) => origin_is_ours(uri, headers, config),
        (false, false) => may_write(uri, headers, config),
        (false, true) => true,
    };
    let sentence = "This request came from another site. Open Snug itself and try again there.";
    (!allowed).then(|| answer(&AppError::new(Kind::Forbidden, sentence)))
}

/// Whether a request may change something. Browsers say in `Sec-Fetch-Site` or `Origin` which site a request comes
/// from, and no page can change these headers. A request with neither is refused, so that there is one rule without
/// exceptions. A program that is not a browser must send our origin itself (`curl -H 'Origin: …'`).
fn may_write(uri: &Uri, headers: &HeaderMap, config: &Config) -> bool {
    match headers.contains_key("sec-fetch-site") {
        true => only(headers, "sec-fetch-site").is_some_and(|site| site == "same-origin" || site == "none"),
        false => origin_is_ours(uri, headers, config),
    }
}

/// Sets the headers that every answer needs.
pub fn security_headers<B>(mut response: Response<B>, is_https: bool) -> Response<B> {
    let headers = response.headers_mut();
    // Do not replace a header that the answer already has: pages set their own policy, and files and pictures set their
    // own `Cache-Control`.
    for (name, value) in every_header(is_https) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The default headers of every answer. An answer may set its own value instead.
pub fn every_header(is_https: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let permissions = "microphone=(self), camera=(self), geolocation=(), browsing-topics=()";
    let policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
    [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", permissions),
        ("content-security-policy", policy),
        ("cache-control", "no-store"),
    ]
    .into_iter()
    .chain(is_https.then_some(("strict-transport-security", "max-age=31536000")))
}

/// The content security policy of a page whose scripts have this `nonce`. `reload_port` is the port of the WebSocket on
/// which `cargo leptos watch` announces changes. `other_name` is the host and port of the page if it is not under the public URL: some
/// browsers don't count the sockets of the page's own host as `'self'`.
pub fn page_policy(nonce: &str, url: &PublicUrl, other_name: Option<&str>, reload_port: Option<u32>) -> String {
    let socket_origin = url.origin().replacen("http", "ws", 1);
    let own_sockets = other_name
        .map(|name| format!(" ws://{name} wss://{name}"))
        .unwrap_or_default();
    let reload = reload_port
        .map(|port| format!(" ws://{}:{port}", url.host()))
        .unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' {socket_origin}{own_sockets}{reload}; manifest-src 'self'; \
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
        let config = Config::for_tests(folder.path());
        let origin: &'static str = config.public_url.origin().leak();
        let may_write = |headers: &HeaderMap| may_write(&Uri::from_static("/api/nothing"), headers, &config);
        for site in ["cross-site", "same-site", ""] {
            assert!(
                !may_write(&headers(&[("sec-fetch-site", site), ("origin", origin)])),
                "{site}"
            );
        }
        assert!(may_write(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(may_write(&headers(&[("origin", origin)])));
        assert!(!may_write(&headers(&[("origin", "null")])));
        assert!(!may_write(&headers(&[("origin", "https://evil.example")])));
        assert!(
            !may_write(&headers(&[])),
            "a request that sends neither header may come from any page"
        );
    }
}
