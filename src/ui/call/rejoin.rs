//! Which room this tab enters again after a reload, Back or Forward: the room in which the person was when the page was unloaded.

use crate::{
    browser::tab,
    model::id::{RoomId, UserId},
};

/// The session storage key for the room and the person. The person is stored because somebody else can sign in on the same tab.
const REMEMBERED: &str = "snug-inside";

/// Remembers that `user` is inside `room` on this tab.
pub fn remember(room: &RoomId, user: &UserId) {
    tab::remember(REMEMBERED, &format!("{room} {user}"));
}

/// Forgets the room, because the person has left it, or looks in on purpose.
pub fn forget() {
    tab::forget(REMEMBERED);
}

/// Whether the tab remembers that somebody is inside `room`.
pub fn is_remembered(room: &RoomId) -> bool {
    tab::recall(REMEMBERED).is_some_and(|remembered| remembered.split(' ').next() == Some(room.as_str()))
}

/// Whether `user` was inside `room` when this tab last unloaded a page, and has come back by a reload, Back or Forward. A person who
/// opens the address of the room only looks in, so the room is then forgotten.
pub fn is_due(room: &RoomId, user: &UserId) -> bool {
    if !is_remembered(room) {
        return false;
    }
    let is_due = !tab::is_new_visit() && tab::recall(REMEMBERED) == Some(format!("{room} {user}"));
    if !is_due {
        forget();
    }
    is_due
}
