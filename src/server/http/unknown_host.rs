//! The answer to a request for a host name that is not ours: a page with a link for people, JSON for programs.

use super::error_status::{answer, wants_page};
use crate::{
    error::{AppError, Kind},
    server::config::PublicUrl,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    response::Response,
};

/// A longer address is left out of the link, which then leads to the start page.
const PATH_MAX_BYTES: usize = 2_000;

/// Answers with the address of this Snug. The status is 403.
pub fn refuse(url: &PublicUrl, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let here = url.origin();
    let sentence = format!("This Snug does not use that address. Open {here} instead.");
    let mut response = answer(&AppError::new(Kind::Forbidden, sentence));
    if is_navigation(headers) {
        *response.body_mut() = Body::from(page(&here, &same_page(&here, method, uri)));
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
    }
    // The same address has two answers, and a cache must not mix them up.
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept, sec-fetch-mode"));
    response
}

/// Whether a browser asks for a document that it will show. Browsers say so in `Sec-Fetch-Mode`; for older browsers, `Accept`
/// tells.
fn is_navigation(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => wants_page(headers),
    }
}

/// The address on this Snug of the page that was asked for. The link always begins with our own origin, so it cannot lead to
/// another site, whatever the path is.
fn same_page(here: &str, method: &Method, uri: &Uri) -> String {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let path = uri.path_and_query().map(|path| path.as_str());
    let path = path.filter(|path| reads && path.starts_with('/') && path.len() <= PATH_MAX_BYTES);
    format!("{here}{}", path.unwrap_or("/"))
}

/// A page without style sheet and scripts, because files of this host name are refused too. `color-scheme` lets the browser
/// choose readable colours for a light and for a dark screen.
fn page(here: &str, link: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <meta name=color-scheme content='light dark'><title>Another address · Snug</title>\
         <main><h1>This Snug has another address.</h1>\
         <p>It does not use the address that you opened. Open this one instead:</p>\
         <p><a href=\"{}\">{}</a></p>\
         <p><small>If you run this Snug and want the address that you opened to work too, add its host name to \
         <code>hosts</code> in <code>[snug.public]</code> (<code>SNUG_PUBLIC_HOSTS</code>).</small></p></main>",
        escaped(link),
        escaped(here)
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "https://snug.example.org";

    fn link(method: Method, address: &str) -> String {
        same_page(HERE, &method, &address.parse().expect("an address"))
    }

    #[test]
    fn the_link_keeps_the_page_and_never_leaves_this_snug() {
        for (address, wanted) in [
            ("/invite/abc?x=1", "https://snug.example.org/invite/abc?x=1"),
            ("//evil.example/", "https://snug.example.org//evil.example/"),
            ("/@evil.example", "https://snug.example.org/@evil.example"),
            ("http://evil.example/rooms", "https://snug.example.org/rooms"),
            ("http://evil.example", "https://snug.example.org/"),
            ("evil.example:443", "https://snug.example.org/"),
            ("*", "https://snug.example.org/"),
        ] {
            assert_eq!(link(Method::GET, address), wanted, "{address}");
        }
        assert_eq!(link(Method::POST, "/api/rooms/open"), "https://snug.example.org/");
        let long = format!("/{}", "x".repeat(PATH_MAX_BYTES));
        assert_eq!(link(Method::GET, &long), "https://snug.example.org/");
    }

    #[test]
    fn html_in_the_address_stays_text() {
        let page = page(HERE, "https://snug.example.org/?\"><script>'&");
        assert!(
            page.contains("href=\"https://snug.example.org/?&quot;&gt;&lt;script&gt;&#39;&amp;\""),
            "{page}"
        );
        assert!(!page.contains("<script"));
    }

    #[test]
    fn only_a_browser_that_opens_a_document_gets_the_page() {
        for (mode, accept, wanted) in [
            (Some("navigate"), Some("text/html,*/*;q=0.8"), true),
            (Some("navigate"), Some("*/*"), true),
            (None, Some("text/html,*/*;q=0.8"), true),
            (Some("cors"), Some("text/html"), false),
            (Some("no-cors"), Some("image/avif,*/*"), false),
            (None, Some("*/*"), false),
            (None, Some("application/json"), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(mode) = mode {
                headers.insert("sec-fetch-mode", HeaderValue::from_static(mode));
            }
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(is_navigation(&headers), wanted, "{mode:?} {accept:?}");
        }
    }
}
