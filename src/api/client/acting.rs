//! For whom this page acts. Another tab may sign in as somebody else, and the cookies are the browser's: the page says whom
//! it was made for with each call, and the server does nothing in another's name.

use super::flight::begins_session;
use crate::model::{id::UserId, user::FOR_USER};
use server_fn::request::browser::BrowserRequest;
use std::cell::RefCell;

thread_local! {
    static USER: RefCell<Option<UserId>> = const { RefCell::new(None) };
}

/// From now on this page acts for `user`; for whoever is signed in, where that is `None`.
pub fn act_for(user: Option<UserId>) {
    USER.set(user);
}

/// `door` did what it was asked: where that began a session, this page is whose that is.
pub(super) fn has_answered(door: &str) {
    if begins_session(door) {
        act_for(None);
    }
}

pub(super) fn say_for_whom(request: &BrowserRequest) {
    USER.with_borrow(|user| {
        if let Some(user) = user {
            request.headers().set(FOR_USER, user.as_str());
        }
    });
}
