//! Ids. Each kind has its own type, so that code can't use a room's id where a person's id is needed.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An id is 10 to 40 characters of `a-z`, `A-Z`, `0-9`, `-` and `_`.
fn is_id(text: &str) -> bool {
    (10..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The HTTP header in which a page names the user for whom it sends the request. If somebody else is signed in, the server
/// refuses the request. If the header is missing, the request is for the user who is signed in.
pub const FOR_USER: &str = "snug-for-user";
/// The query parameter that replaces [`FOR_USER`] in the address of a WebSocket, because browsers can't add headers there.
pub const FOR_USER_IN_QUERY: &str = "for";

/// The query parameter with the [`PageId`] in the address of a room's WebSocket.
pub const PAGE_IN_QUERY: &str = "page";

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
    /// A user: one account, which can be signed in on several devices.
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
    /// One load of a page in a browser. The page makes this id at random, so that the server knows which sockets are of the same page. It
    /// is no secret: a socket counts as a socket of that page only if it also has the page's session.
    PageId
);
id!(
    /// An invite link. The link's token consists of this id and a secret.
    InviteId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_another_form_is_not_an_id() {
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
