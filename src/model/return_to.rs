//! The address that a person wanted to open before they had to sign in or choose a name and a face. Afterwards, Snug sends the
//! person to that address.

use super::{form_error, percent_encoding};

/// Whether only signed-in people can see the page at `path`.
pub fn needs_user(path: &str) -> bool {
    let is_under = |root: &str| path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    ["/rooms", "/settings", "/activate", "/people", "/admin", "/connection"]
        .into_iter()
        .any(is_under)
}

/// The address `page` with the query parameter `next`, which is the address to open afterwards. The parameter is left out if
/// `next` is the list of rooms, because that is the default. `page` can already have a query.
pub fn with_next(page: &str, next: &str) -> String {
    let mark = if page.contains('?') { '&' } else { '?' };
    match destination(Some(next)) {
        "/rooms" => page.to_owned(),
        next => format!("{page}{mark}next={}", percent_encoding::encode(next)),
    }
}

/// `next` if it is an address on this site, and the list of rooms otherwise.
///
/// Addresses on other sites must not be accepted. Otherwise a phishing site could link to our sign-in page, and people would be on
/// the phishing site after they have signed in.
pub fn destination(next: Option<&str>) -> &str {
    let within = |next: &&str| {
        let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let leads_back = next.starts_with("/sign-in") || next.starts_with("/activate") || next.starts_with("/api/");
        // After signing in, the router in the browser opens the address without the server, and would show the error that it contains.
        let has_error = next
            .split_once('?')
            .is_some_and(|(_, query)| form_error::without_error(query).is_some());
        next.starts_with('/') && !next.starts_with("//") && plain && !leads_back && !has_error && next.len() <= 500
    };
    next.filter(within).unwrap_or("/rooms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_destination_is_always_on_this_site() {
        assert_eq!(
            destination(Some("/rooms/abcdefghij?invite=1")),
            "/rooms/abcdefghij?invite=1"
        );
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "rooms",
            "/a b",
            "/sign-in",
            "/x\r\ny",
            "/rooms?__path=%2Fapi%2Frooms%2Fopen&__err=x",
            "/rooms?a=1&%5F_err=x",
        ] {
            assert_eq!(destination(Some(elsewhere)), "/rooms", "{elsewhere:?}");
        }
        assert_eq!(destination(None), "/rooms");
    }

    #[test]
    fn the_next_address_is_added_unless_it_is_the_list_of_rooms() {
        assert_eq!(
            with_next("/sign-in", "/rooms/abcdefghij"),
            "/sign-in?next=%2Frooms%2Fabcdefghij"
        );
        assert_eq!(with_next("/sign-in", "/rooms"), "/sign-in");
    }
}
