//! Where somebody was going: the address that sign-in and activation lead on to.

use super::percent_encoding;

/// Pages that only a signed-in person sees.
pub fn needs_user(path: &str) -> bool {
    let is_under = |root: &str| path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    is_under("/rooms") || is_under("/settings") || is_under("/activate") || is_under("/people")
}

/// The address of `page`, which may have a query already, from which one goes on to `next`.
pub fn with_next(page: &str, next: &str) -> String {
    let mark = if page.contains('?') { '&' } else { '?' };
    match destination(Some(next)) {
        "/rooms" => page.to_owned(),
        next => format!("{page}{mark}next={}", percent_encoding::encode(next)),
    }
}

/// Where to go on to: `next` where it is an address within this site, else the rooms.
///
/// A sign-in that leads to another site would lend our name to it.
pub fn destination(next: Option<&str>) -> &str {
    let within = |next: &&str| {
        let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let leads_back = next.starts_with("/sign-in") || next.starts_with("/activate") || next.starts_with("/api/");
        next.starts_with('/') && !next.starts_with("//") && plain && !leads_back && next.len() <= 500
    };
    next.filter(within).unwrap_or("/rooms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_within_this_site_only() {
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
        ] {
            assert_eq!(destination(Some(elsewhere)), "/rooms", "{elsewhere:?}");
        }
        assert_eq!(destination(None), "/rooms");
    }

    #[test]
    fn the_destination_is_carried_along() {
        assert_eq!(
            with_next("/sign-in", "/rooms/abcdefghij"),
            "/sign-in?next=%2Frooms%2Fabcdefghij"
        );
        assert_eq!(with_next("/sign-in", "/rooms"), "/sign-in");
    }
}
