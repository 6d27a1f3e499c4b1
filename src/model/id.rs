//! Ids: one new type a thing, so that a room is never passed where a person is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An id is 10 to 40 characters of `a-z`, `A-Z`, `0-9`, `-` and `_`.
fn is_id(text: &str) -> bool {
    (10..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The header that says whom a page acts for, by their id. Without it, for whoever the cookies say.
pub const FOR_USER: &str = "snug-for-user";
/// The same in the address of a socket, which browsers open without headers of ours.
pub const FOR_USER_IN_QUERY: &str = "for";

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id in `text`; `None` where it is not of the form of an id.
            pub fn parse(text: &str) -> Option<Self> {
                is_id(text).then(|| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A user: an account, whatever devices it signs in on.
    UserId
);
id!(
    /// A session: one device's sign-in.
    SessionId
);
id!(
    /// A room; it stands in the room's link.
    RoomId
);
id!(
    /// A link into a room; with a secret it stands in the link.
    InviteId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_of_an_id_is_an_id() {
        assert!(RoomId::parse("k3v9x2m4q7").is_some());
        for wrong in [
            "",
            "short",
            "a b c d e f g",
            "../../etc/passwd",
            "5f43a2c9e1b2c3d4e5f60718293a4b5c6d7e8f901",
            "ÄÖÜÄÖÜÄÖÜÄ",
        ] {
            assert!(RoomId::parse(wrong).is_none(), "{wrong}");
        }
    }
}
