//! Sets the HTTP status of errors, in one place, from the error's kind.
//!
//! Endpoints never set the status themselves. Otherwise they would override the redirect of a form without scripts.
//! They would also change the status of a page that calls an endpoint while the page is rendered.

use crate::error::{AppError, Kind};
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use leptos::prelude::FromServerFnError;
use server_fn::error::{SERVER_FN_ERROR_HEADER, ServerFnErrorErr};

/// Our errors are much smaller than this. A larger body is not one of them.
const ERROR_MAX_BYTES: usize = 64 * 1024;

/// Sets the status of an answer that is an endpoint's error.
pub async fn error_status(response: Response) -> Response {
    let is_error = response.headers().contains_key(SERVER_FN_ERROR_HEADER);
    // A form without scripts is redirected to its page, which shows the error.
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

/// Adds a sentence to the answer 408 for a request that took too long (RFC 9110 section 15.5.9).
pub fn late_status(response: Response) -> Response {
    if response.status() != StatusCode::REQUEST_TIMEOUT {
        return response;
    }
    let sentence = "That took too long to arrive. Check your connection, then send it again.";
    let mut response = answer(&AppError::new(Kind::Network, sentence));
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    response
}

/// Whether the client expects a page: a browser that opens an address or sends a form without scripts.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}

/// The answer for an error: JSON, with the status of its kind and, if the error has one, `Retry-After` in seconds.
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

/// The page to show while the database cannot be reached. The header `Refresh` reloads it, also without scripts.
pub fn busy_page(css: &str, error: &AppError) -> Response {
    let seconds = error.retry_after_s.unwrap_or(2);
    let content = "<h1>One moment.</h1><p role=status>Snug can't reach its data right now. Nothing is lost, and you stay \
                   signed in. This page tries again by itself.</p>";
    let mut response = plain_page(css, "One moment", content);
    *response.status_mut() = error.status();
    for name in [header::RETRY_AFTER, header::REFRESH] {
        response.headers_mut().insert(name, HeaderValue::from(seconds));
    }
    response
}

/// The page to show if a handler panicked. Logs a reference, and the page shows the same reference to the person.
pub fn broken_page(css: &str) -> Response {
    let reference = crate::server::request_id::reference();
    tracing::error!(%reference, "a handler panicked");
    let content = format!(
        "<h1>Something broke on our side.</h1>\
         <p>It is not your fault, and we have logged it. Go back and try again. If it happens again, send this reference \
         to the person who runs this Snug: <code>{reference}</code></p>\
         <div class=row><a class=btn href='/rooms'>To the rooms</a></div>"
    );
    let mut response = plain_page(css, "Something broke", &content);
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// A page that does not load the app: a title, the content, and the site's style sheet.
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
    use axum::{Router, extract::Request, routing::get};
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    #[tokio::test]
    async fn a_panic_is_answered_with_a_page_that_shows_a_reference() {
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
