//! Plain HTTP, if Snug ends TLS itself: every page is redirected to `https`.

use super::{guard::security_headers, own_names::host};
use crate::server::{config::Config, state::AppState};
use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::get,
};

/// A longer address is redirected to the start page.
const PATH_MAX_BYTES: usize = 2_000;

/// The routes of plain HTTP.
pub fn app(state: AppState) -> Router {
    Router::new()
        .route("/.well-known/acme-challenge/{token}", get(answer_challenge))
        .fallback(redirect)
        .layer(map_response(secure))
        .with_state(state)
}

/// Browsers ignore `Strict-Transport-Security` that comes over plain HTTP (RFC 6797 section 8.1), so it is left out.
async fn secure(response: Response) -> Response {
    security_headers(response, false)
}

/// The answer to a certificate authority that checks whether a name leads here. Everything else at this address is unknown, because a
/// redirect would hide a mistake.
async fn answer_challenge(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    let answer = state.tls.as_ref().and_then(|tls| tls.answer_to_challenge(&token));
    match answer {
        Some(text) => text.into_response(),
        None => (StatusCode::NOT_FOUND, "This Snug is not being checked now.\n").into_response(),
    }
}

/// Only requests that change nothing are redirected: what a form contains was already readable on the way here, so its page must not
/// seem to work.
async fn redirect(State(state): State<AppState>, request: Request) -> Response {
    let target = target(&state.config, request.uri(), request.headers());
    match *request.method() {
        Method::GET | Method::HEAD => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response(),
        _ => {
            let sentence = format!("This Snug uses https only. Open {target} and try again there.\n");
            (StatusCode::FORBIDDEN, sentence).into_response()
        }
    }
}

/// The same page under `https`: at the public URL, or at the name that was asked for if it is another one of ours. It never leads to
/// another site, whatever the request says.
fn target(config: &Config, uri: &Uri, headers: &HeaderMap) -> String {
    let own = host(uri, headers).filter(|name| config.answers_to(name));
    let origin = config.public_url.origin();
    let origin = match own {
        Some(name) if !name.eq_ignore_ascii_case(config.public_url.host()) => {
            origin.replacen(config.public_url.host(), &name.to_ascii_lowercase(), 1)
        }
        _ => origin,
    };
    let path = uri.path_and_query().map(|path| path.as_str());
    let path = path.filter(|path| path.starts_with('/') && path.len() <= PATH_MAX_BYTES);
    format!("{origin}{}", path.unwrap_or("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::PublicUrl;
    use axum::http::HeaderValue;

    fn go(url: &str, address: &str, name: &str) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::for_tests(folder.path());
        config.public_url = PublicUrl::parse(url).expect("an address");
        config.hosts = vec!["snug.lan".to_owned()];
        let uri: Uri = address.parse().expect("an address");
        let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_str(name).expect("a name"))]);
        target(&config, &uri, &headers)
    }

    #[test]
    fn the_same_page_is_opened_under_https_and_never_another_site() {
        const URL: &str = "https://talk.example.org";
        for (address, name, wanted) in [
            (
                "/rooms?q=tea",
                "talk.example.org",
                "https://talk.example.org/rooms?q=tea",
            ),
            ("/rooms", "Talk.Example.org:80", "https://talk.example.org/rooms"),
            ("/rooms", "snug.lan", "https://snug.lan/rooms"),
            ("/rooms", "evil.example", "https://talk.example.org/rooms"),
            ("/rooms", "203.0.113.7", "https://talk.example.org/rooms"),
            (
                "//evil.example/",
                "talk.example.org",
                "https://talk.example.org//evil.example/",
            ),
            (
                "http://evil.example/rooms",
                "talk.example.org",
                "https://talk.example.org/rooms",
            ),
            ("*", "talk.example.org", "https://talk.example.org/"),
        ] {
            assert_eq!(go(URL, address, name), wanted, "{address} of {name}");
        }
        let other_port = go("https://talk.example.org:8443", "/rooms", "snug.lan:8080");
        assert_eq!(other_port, "https://snug.lan:8443/rooms");
        let long = format!("/{}", "x".repeat(PATH_MAX_BYTES));
        assert_eq!(go(URL, &long, "talk.example.org"), "https://talk.example.org/");
    }
}
