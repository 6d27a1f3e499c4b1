//! The page to go to after signing in, as the address of the sign-in page names it.

/// The parameter `next` of an address.
pub fn next_in(query: Option<&str>) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query?.as_bytes());
    pairs.find(|(key, _)| key == "next").map(|(_, next)| next.into_owned())
}
