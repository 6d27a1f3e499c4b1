//! Guards around all endpoints. They refuse requests from other sites, and set the security headers of every answer.

use crate::{
    error::{AppError, Kind},
    server::{
        config::{Config, PublicUrl},
        http::{error_status::answer, health::is_health_check, unknown_host},
    },
};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header, header::AsHeaderName},
    response::Response,
};

/// The answer to a request for a host that is not ours, or to one that a browser sends on behalf of another site. `None` if the
/// request is good.
pub fn refusal(config: &Config, request: &Request) -> Option<Response> {
    if is_health_check(request.uri().path()) {
        return None;
    }
    if !host(request).is_some_and(|host| config.answers_to(host)) {
        let refused = unknown_host::refuse(&config.public_url, request.method(), request.uri(), request.headers());
        return Some(refused);
    }
    let is_socket = request.headers().contains_key(header::UPGRADE);
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let allowed = match (is_socket, reads) {
        (true, _) => origin_is_ours(request.headers(), &config.public_url),
        (false, false) => may_write(request.headers(), &config.public_url),
        (false, true) => true,
    };
    let sentence = "This request came from another site. Open Snug itself and try again there.";
    (!allowed).then(|| answer(&AppError::new(Kind::Forbidden, sentence)))
}

/// The host that a request is for, without its port: from the request's URI if that has one (HTTP/2), or else from `Host`.
fn host(request: &Request) -> Option<&str> {
    if let Some(host) = request.uri().host() {
        return Some(host);
    }
    let host = only(request.headers(), header::HOST)?.to_str().ok()?;
    let port = host.rfind(':').filter(|colon| !host[*colon..].contains(']'));
    Some(port.map_or(host, |colon| &host[..colon]))
}

/// Whether a request may change something. Browsers say in `Sec-Fetch-Site` or `Origin` which site a request comes
/// from, and no page can change these headers. A request with neither is refused, so that there is one rule without
/// exceptions. A program that is not a browser must send our origin itself (`curl -H 'Origin: …'`).
fn may_write(headers: &HeaderMap, url: &PublicUrl) -> bool {
    match headers.contains_key("sec-fetch-site") {
        true => only(headers, "sec-fetch-site").is_some_and(|site| site == "same-origin" || site == "none"),
        false => origin_is_ours(headers, url),
    }
}

fn origin_is_ours(headers: &HeaderMap, url: &PublicUrl) -> bool {
    only(headers, header::ORIGIN).is_some_and(|origin| origin.as_bytes() == url.origin().as_bytes())
}

/// The header's value if the header occurs exactly once. If it occurs twice, a proxy in front of us may have checked the
/// other value.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).into_iter();
    values.next().filter(|_| values.next().is_none())
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
/// which `cargo leptos watch` announces changes.
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
        assert!(
            !may_write(&headers(&[]), &url),
            "a request that sends neither header may come from any page"
        );
    }

    #[test]
    fn a_header_that_occurs_twice_is_ignored() {
        let mut twice = headers(&[("sec-fetch-site", "same-origin")]);
        twice.append("sec-fetch-site", HeaderValue::from_static("cross-site"));
        assert_eq!(only(&twice, "sec-fetch-site"), None);
        assert!(only(&headers(&[("origin", "null")]), "origin").is_some());
    }

    #[test]
    fn the_host_of_a_request_is_read_without_its_port() {
        for (wanted, address, said) in [
            (Some("localhost"), "/", "localhost:3000"),
            (Some("snug.lan"), "/", "snug.lan"),
            (Some("[::1]"), "/", "[::1]:3000"),
            (Some("[::1]"), "/", "[::1]"),
            (Some("evil.example"), "http://evil.example/", "localhost"),
        ] {
            let request = Request::builder().uri(address).header("host", said);
            assert_eq!(
                host(&request.body(axum::body::Body::empty()).expect("a request")),
                wanted,
                "{said}"
            );
        }
        assert_eq!(host(&Request::new(axum::body::Body::empty())), None);
    }
}
