//! For whom this page acts. Another tab may sign in as somebody else, and the cookies are the browser's: the page says whom
//! it was made for with each call and each socket, and the server does nothing in another's name.

use super::session_endpoints::begins_session;
use crate::model::id::{FOR_USER, FOR_USER_IN_QUERY, UserId};
use server_fn::request::browser::BrowserRequest;
use std::cell::RefCell;

thread_local! {
    /// Whose page this is; `None` until that is known, and after a sign-in of its own until it is known again.
    static USER: RefCell<Option<UserId>> = const { RefCell::new(None) };
}

/// From now on this page acts for `user`; if that is `None`, for whoever is signed in.
pub fn set_expected_user(user: Option<UserId>) {
    USER.set(user);
}

/// The address by which this page opens the socket at `path`.
pub fn socket_address(path: &str) -> String {
    USER.with_borrow(|user| match user {
        Some(user) => format!("{path}?{FOR_USER_IN_QUERY}={user}"),
        None => path.to_owned(),
    })
}

/// `endpoint` did what it was asked: if that began a session, this page acts for whoever it belongs to.
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
