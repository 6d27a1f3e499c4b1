//! The user for whom this page acts. All tabs share the browser's cookies, so another tab can sign in as somebody else.
//! The page therefore names its own user whenever it calls an endpoint or opens a socket. If somebody else is signed
//! in, the server refuses the request with `somebody_else` (409).

use super::session_endpoints::begins_session;
use crate::model::id::{FOR_USER, FOR_USER_IN_QUERY, UserId};
use server_fn::request::browser::BrowserRequest;
use std::cell::RefCell;

thread_local! {
    /// The user of this page. `None` while the page does not know its user: when it has just been loaded, and after
    /// somebody has signed in on it.
    static USER: RefCell<Option<UserId>> = const { RefCell::new(None) };
}

/// From now on this page acts for `user`. With `None`, it acts for the user who is signed in.
pub fn set_expected_user(user: Option<UserId>) {
    USER.set(user);
}

/// The address of the socket at `path`, with the user of this page as a query parameter if the user is known.
pub fn socket_address(path: &str) -> String {
    USER.with_borrow(|user| match user {
        Some(user) => {
            let separator = if path.contains('?') { '&' } else { '?' };
            format!("{path}{separator}{FOR_USER_IN_QUERY}={user}")
        }
        None => path.to_owned(),
    })
}

/// Call this after a successful call of `endpoint`. If the call has begun a session, this page acts for the user of
/// that session from now on.
pub(super) fn note_session_change(endpoint: &str) {
    if begins_session(endpoint) {
        set_expected_user(None);
    }
}

pub(super) fn add_user_header(request: &BrowserRequest) {
    USER.with_borrow(|user| {
        if let Some(user) = user {
            request.headers().set(FOR_USER, user.as_str());
        }
    });
}
