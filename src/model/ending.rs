//! Why the server closes a room's socket for good, and what the person reads then.

use super::{room_exit::ExitWords, stage::REMOVED_MINUTES};
use serde::{Deserialize, Serialize};

/// Why the server closed a room's socket for good. `by` is the name of the host who decided it, for the person whom it concerns; `None`
/// if no host did, or if the server does not know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Ending {
    /// The session was signed out.
    SignedOut,
    /// The client sent too many messages, even after a warning, or a message that is too large.
    Flooding,
    /// The person is no longer allowed to enter the room.
    NoEntry,
    /// A host revoked the link by which this guest came, and removed all guests who used it.
    LinkRevoked,
    /// A host removed you. You can come back after `for_s` seconds.
    Removed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        #[serde(default = "removal_s")]
        for_s: u32,
    },
    /// A host banned you. It does not say who, because a ban is for good.
    Banned,
    /// The host ended the room for everybody.
    RoomEnded {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// The account was deactivated.
    Disabled,
    /// The person has opened more pages than one person may, and this was one of the oldest. The close code is
    /// `TOO_MANY_PAGES_CODE`.
    TooManyPages,
}

impl Ending {
    /// The end for somebody whom the host `by` removes now.
    pub fn removed_by(by: String) -> Self {
        Self::Removed {
            by: Some(by),
            for_s: removal_s(),
        }
    }

    /// For a removal: how many seconds after this signal you can come back.
    pub fn removed_for_seconds(&self) -> Option<u32> {
        match self {
            Ending::Removed { for_s, .. } => Some(*for_s),
            _ => None,
        }
    }

    /// What the person reads. `topic` is the topic of the room.
    pub fn words(&self, topic: &str) -> ExitWords {
        let text = match self {
            Ending::Removed { by, for_s } => return ExitWords::removed(by.as_deref(), topic, *for_s),
            Ending::Banned => return ExitWords::banned(),
            Ending::RoomEnded { by } => {
                let by = by.as_deref();
                return by.map_or_else(ExitWords::over, |by| ExitWords::ended(Some(by)));
            }
            Ending::SignedOut => "Your session on this device has ended. Sign in to come back.",
            Ending::LinkRevoked => {
                "A host turned off the link you came in by and removed its guests. Ask for a new link."
            }
            Ending::NoEntry => "You no longer have access to this room. Ask its host for a link.",
            Ending::Disabled => DISABLED,
            Ending::TooManyPages => {
                "You opened Snug on too many pages, so this older page was disconnected. Close some of the others, then load this page again."
            }
            Ending::Flooding => "This page sent too much, so the room disconnected it. Load the page again.",
        };
        ExitWords::of_text(text)
    }
}

/// The sentence for somebody whose account was deactivated.
pub const DISABLED: &str = "This account is deactivated. Ask the person who runs this Snug.";

/// How long a removal lasts, in seconds.
fn removal_s() -> u32 {
    REMOVED_MINUTES * 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_about_an_end_name_the_host_except_after_a_ban() {
        let heading = |ending: Ending| ending.words("Tea").heading;
        assert_eq!(heading(Ending::removed_by("Ada".into())), "Ada removed you from “Tea”.");
        assert_eq!(
            heading(Ending::RoomEnded { by: Some("Ada".into()) }),
            "Ada ended this room."
        );
        assert_eq!(heading(Ending::RoomEnded { by: None }), "This room is over.");
        assert_eq!(heading(Ending::Banned), "A host has banned you from this room.");
        let right_to_left = Ending::RoomEnded {
            by: Some("ليلى".into()),
        };
        assert_eq!(heading(right_to_left), "\u{2068}ليلى\u{2069} ended this room.");
        assert_eq!(heading(Ending::Disabled), "This account is deactivated.");
    }
}
