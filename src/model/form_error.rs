//! The error that a form's page shows if a browser without scripts has sent the form and the server has refused it.
//!
//! Leptos would put this error into the page's address, in the parameters `__path` and `__err`. Then a stranger could make a link
//! that shows any sentence in Snug's own alert. So Snug accepts no address with these parameters, and the server puts the error into
//! the page.

use super::percent_encoding;
use serde::{Deserialize, Serialize};

/// The query parameters from which the router of Leptos would read an error.
const ERROR_PARAMETERS: [&str; 2] = ["__path", "__err"];

/// An error that the page of a form shows once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormError {
    /// The path of the endpoint that refused the form, such as `/api/rooms/open`.
    pub endpoint: String,
    /// The error as JSON in base64 for URLs (RFC 4648 section 5, with padding), as `ServerActionError` of Leptos takes it.
    pub encoded: String,
    /// Names and values of the fields that the person had typed, so that nobody has to type them again.
    pub typed: Vec<(String, String)>,
}

/// `query` without the parameters of an error. `None` if `query` has no such parameter.
pub fn without_error(query: &str) -> Option<String> {
    let is_of_error = |field: &&str| {
        let name = field.split('=').next().unwrap_or_default();
        percent_encoding::decode(name).is_some_and(|name| ERROR_PARAMETERS.contains(&name.as_str()))
    };
    if !query.split('&').any(|field| is_of_error(&field)) {
        return None;
    }
    let kept: Vec<&str> = query.split('&').filter(|field| !is_of_error(field)).collect();
    Some(kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_parameters_of_an_error_are_taken_out() {
        for (query, wanted) in [
            ("__path=%2Fapi&a=1&__err=x&b=%26", Some("a=1&b=%26")),
            ("%5F_err=x", Some("")),
            ("a=1&_%5fe%72r", Some("a=1")),
            ("__err=x&__err=y&__path=z", Some("")),
            ("a=__err&b=1", None),
            ("__errors=1&x__err=2&__err%=3", None),
            ("%255F_err=x", None),
            ("", None),
        ] {
            assert_eq!(without_error(query).as_deref(), wanted, "{query}");
        }
    }
}
