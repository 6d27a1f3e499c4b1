//! The addresses of the pages with forms, without the errors that Leptos puts into them.

use crate::{
    model::form_error::without_error,
    server::http::redirect_length::{LOCATION_MAX, shorten},
};
use axum::http::Uri;
use url::Url;

/// Path and query of a request.
pub fn address_of(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(
        || "/".to_owned(),
        |address| address.as_str().trim_end_matches('?').to_owned(),
    )
}

/// The same address without an error in its query; `None` if it has none.
pub fn address_without_error(uri: &Uri) -> Option<String> {
    let query = without_error(uri.query()?)?;
    Some(joined(uri.path(), &query))
}

/// Path and query of `location`, without an error, short enough for a redirect.
pub fn address_on_this_site(location: &str) -> String {
    let here = Url::parse("http://localhost/").and_then(|base| base.join(location));
    let address = here.map_or_else(
        |_| "/".to_owned(),
        |url| {
            let query = url.query().unwrap_or_default();
            joined(url.path(), &without_error(query).unwrap_or_else(|| query.to_owned()))
        },
    );
    match address.len() > LOCATION_MAX {
        true => shorten(&address),
        false => address,
    }
}

/// A path that begins with two slashes would be the address of another site.
fn joined(path: &str, query: &str) -> String {
    let path = path.trim_start_matches(['/', '\\']);
    match query.is_empty() {
        true => format!("/{path}"),
        false => format!("/{path}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_after_a_form_stays_on_this_site() {
        for (location, wanted) in [
            (
                "http://localhost:3000/rooms?q=a&__path=%2Fapi&__err=x#top",
                "/rooms?q=a",
            ),
            ("https://evil.example/rooms", "/rooms"),
            ("//evil.example/x", "/x"),
            ("https://snug.example.org//evil.example/?a", "/evil.example/?a"),
            ("/\\evil.example", "/"),
            ("http://localhost:3000/people?", "/people"),
            ("", "/"),
            ("mailto:ada@example.org", "/ada@example.org"),
        ] {
            assert_eq!(address_on_this_site(location), wanted, "{location}");
        }
        let long = format!("http://localhost/rooms?y=1&x={}&__err=x", "x".repeat(5_000));
        assert_eq!(address_on_this_site(&long), "/rooms?y=1");
    }

    #[test]
    fn an_address_without_its_error_never_leads_to_another_site() {
        for (asked, wanted) in [
            ("/rooms?__err=x", Some("/rooms")),
            ("/rooms?a=1&%5f_path=x&b=2", Some("/rooms?a=1&b=2")),
            ("//evil.example?__err=x", Some("/evil.example")),
            ("///evil.example/?a=1&__err=x", Some("/evil.example/?a=1")),
            ("/rooms?a=1", None),
            ("/__err=x", None),
        ] {
            let uri: Uri = asked.parse().expect("an address");
            assert_eq!(address_without_error(&uri).as_deref(), wanted, "{asked}");
        }
    }
}
