//! Ids. Each kind has a type of its own, so that a room's id can't be passed for a person's.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An id is 10 to 40 characters of `a-z`, `A-Z`, `0-9`, `-` and `_`.
fn is_id(text: &str) -> bool {
    (10..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The header with the id of the user that a page acts for. Without it, the cookies decide.
pub const FOR_USER: &str = "snug-for-user";
/// The same as a query parameter of a WebSocket's address: browsers can't add headers there.
pub const FOR_USER_IN_QUERY: &str = "for";

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id in `text`, or `None` if `text` does not have the form of an id.
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
    /// A user: one account, on however many devices it is signed in.
    UserId
);
id!(
    /// A session: the sign-in of one device.
    SessionId
);
id!(
    /// A room. The id is part of the room's link.
    RoomId
);
id!(
    /// An invite link. The link's token consists of this id and a secret.
    InviteId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_text_is_no_id() {
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
