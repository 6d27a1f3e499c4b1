//! Keeps redirects short. Browsers and proxies refuse long addresses, and nobody should be able to make us send a large
//! form back inside an address.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};

/// The longest `Location`, in bytes.
pub const LOCATION_MAX: usize = 2_000;

/// Shortens the `Location` of every answer. Most of them are short already. But server functions redirect to the `Referer`,
/// which the client can choose.
pub fn limit_location(mut response: Response) -> Response {
    let long = response.headers().get(header::LOCATION);
    if let Some(long) = long.filter(|location| location.len() > LOCATION_MAX) {
        let short = long.to_str().map_or_else(|_| "/".to_owned(), shorten);
        let short = HeaderValue::from_str(&short).unwrap_or(HeaderValue::from_static("/"));
        response.headers_mut().insert(header::LOCATION, short);
    }
    response
}

/// The address without the fields of its query that make it too long. The shortest fields are kept.
pub fn shorten(location: &str) -> String {
    let address = location.split('#').next().unwrap_or_default();
    let (page, query) = address.split_once('?').unwrap_or((address, ""));
    let page = if page.len() <= LOCATION_MAX / 2 { page } else { "/" };
    let fields: Vec<&str> = query.split('&').filter(|field| !field.is_empty()).collect();
    let mut by_worth: Vec<usize> = (0..fields.len()).collect();
    by_worth.sort_by_key(|at| fields[*at].len());
    let mut left = LOCATION_MAX - page.len();
    let mut kept: Vec<usize> = by_worth
        .into_iter()
        .take_while(|at| take(&mut left, fields[*at].len() + 1))
        .collect();
    kept.sort_unstable();
    let query: Vec<&str> = kept.into_iter().map(|at| fields[at]).collect();
    match query.is_empty() {
        true => page.to_owned(),
        false => format!("{page}?{}", query.join("&")),
    }
}

fn take(left: &mut usize, bytes: usize) -> bool {
    let rest = left.checked_sub(bytes);
    *left = rest.unwrap_or(*left);
    rest.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_fields_are_dropped() {
        let long = "x".repeat(LOCATION_MAX);
        let location = format!("/activate?name={long}&next=%2Frooms#top");
        assert_eq!(shorten(&location), "/activate?next=%2Frooms");
        assert_eq!(shorten(&format!("/{long}?b=c")), "/?b=c");
        assert_eq!(shorten(&format!("/a?b={long}")), "/a");
    }

    proptest! {
        #[test]
        fn an_address_is_never_longer_than_2_000(page in "/[a-z]{0,3000}", fields in prop::collection::vec("[a-z]{0,9}=[a-z]{0,1500}", 0..9)) {
            let address = format!("{page}?{}", fields.join("&"));
            prop_assert!(shorten(&address).len() <= 2_000);
        }
    }
}
