//! The status of an endpoint's answer: the one place where an error's kind becomes an HTTP status.
//!
//! Doors never set it themselves: that would override the redirect of a form without scripts, and leak into renders.

use crate::error::{AppError, Kind};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use leptos::prelude::FromServerFnError;
use server_fn::error::{SERVER_FN_ERROR_HEADER, ServerFnErrorErr};

/// An error's body is small; anything larger is not one of ours.
const ERROR_MAX_BYTES: usize = 64 * 1024;

/// Sets the status of errors that endpoints answered.
pub async fn error_status(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let is_error = response.headers().contains_key(SERVER_FN_ERROR_HEADER);
    // A form without scripts is sent back to its page, which shows the sentence.
    if !is_error || response.headers().contains_key(header::LOCATION) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, ERROR_MAX_BYTES).await.unwrap_or_default();
    let error = serde_json::from_slice::<AppError>(&bytes)
        .unwrap_or_else(|_| AppError::from_server_fn_error(ServerFnErrorErr::Args(String::new())));
    let mut response = answer(&error);
    for (name, value) in &parts.headers {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            response.headers_mut().append(name, value.clone());
        }
    }
    response
}

/// Gives the answer to a request that did not arrive in time its sentence (RFC 9110 section 15.5.9).
pub async fn late_status(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() != StatusCode::REQUEST_TIMEOUT {
        return response;
    }
    let sentence = "That took too long to arrive. Check your connection, then send it again.";
    let mut response = answer(&AppError::new(Kind::Network, sentence));
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    response
}

/// Whether the answer is for a page without scripts.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}

/// An error as an answer in JSON, with its status and, where there is one, `Retry-After` in seconds.
pub fn answer(error: &AppError) -> Response {
    let body = serde_json::to_string(error).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = error.status();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(seconds) = error.retry_after_s {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The page for a database that can't be asked just now: it comes again by itself, scripts or not.
pub fn busy_page(css: &str, error: &AppError) -> Response {
    let seconds = error.retry_after_s.unwrap_or(2);
    let content = "<h1>One moment.</h1><p role=status>Snug can't reach its data just now. Nothing is lost, and you stay \
                   signed in: this page looks again by itself.</p>";
    let mut response = plain_page(css, "One moment", content);
    *response.status_mut() = error.status();
    for name in [header::RETRY_AFTER, header::REFRESH] {
        response.headers_mut().insert(name, HeaderValue::from(seconds));
    }
    response
}

/// The page for what went wrong inside, in our own words and with the site's style sheet.
pub fn broken_page(css: &str) -> Response {
    let reference = crate::server::keyring::random_id(8);
    tracing::error!(%reference, "a handler panicked");
    let content = format!(
        "<h1>Something broke on our side.</h1>\
         <p>It is not your doing, and it is written down. Go back and try again; if it stays, tell your host this \
         reference: <code>{reference}</code></p><div class=row><a class=btn href='/rooms'>To the rooms</a></div>"
    );
    let mut response = plain_page(css, "Something broke", &content);
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// A page without the app: a title, what it says, the site's style sheet.
fn plain_page(css: &str, title: &str, content: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>{title} · Snug</title><link rel=stylesheet href='{css}'><main class=lost id=main>{content}</main>"
    );
    let mut response = Response::new(Body::from(page));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    let policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, routing::get};
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    #[tokio::test]
    async fn a_panic_is_a_page_in_our_own_words_with_a_reference() {
        async fn panics() -> &'static str {
            panic!("on purpose")
        }
        let catch = CatchPanicLayer::custom(|_| broken_page("/pkg/snug.css"));
        let app: Router = Router::new().route("/", get(panics)).layer(catch);
        let response = app.oneshot(Request::new(Body::empty())).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let page = to_bytes(response.into_body(), ERROR_MAX_BYTES).await.expect("a page");
        let page = String::from_utf8_lossy(&page);
        assert!(
            page.contains("Something broke on our side.") && page.contains("<code>"),
            "{page}"
        );
    }
}
