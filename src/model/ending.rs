//! Why the server closes a room's socket for good, and what the person reads then.

use super::{
    isolated::isolated,
    moderation_log::{BANNED, removed_for},
    stage::REMOVED_MINUTES,
};
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
    /// A host banned you.
    Banned {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
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

    /// The name of the host who decided this; `None` if no host did, or if it is not known.
    pub fn by(&self) -> Option<&str> {
        match self {
            Ending::Removed { by, .. } | Ending::Banned { by } | Ending::RoomEnded { by } => by.as_deref(),
            _ => None,
        }
    }

    /// For a removal: how many seconds after this signal you can come back.
    pub fn removed_for_seconds(&self) -> Option<u32> {
        match self {
            Ending::Removed { for_s, .. } => Some(*for_s),
            _ => None,
        }
    }

    /// The sentence for the screen.
    pub fn sentence(&self) -> String {
        let by = self.by().map(isolated);
        let sentence = match (self, by) {
            (Ending::Removed { for_s, .. }, Some(by)) => {
                return format!(
                    "{by} removed you for {}. After that, you can come back.",
                    minutes(*for_s)
                );
            }
            (Ending::Removed { for_s, .. }, None) => return removed_for(for_s.div_ceil(60).into()),
            (Ending::Banned { .. }, Some(by)) => {
                return format!("{by} banned you from this room. Only a host can lift the ban.");
            }
            (Ending::RoomEnded { .. }, Some(by)) => return format!("{by} ended this room."),
            (Ending::Banned { .. }, None) => BANNED,
            (Ending::RoomEnded { .. }, None) => {
                "This room has ended. Open a new room, or see who is talking in other rooms."
            }
            (Ending::SignedOut, _) => "Your session on this device has ended. Sign in to come back.",
            (Ending::LinkRevoked, _) => {
                "A host turned off the link you came in by and removed its guests. Ask for a new link."
            }
            (Ending::NoEntry, _) => "You no longer have access to this room. Ask its host for a link.",
            (Ending::Disabled, _) => "This account is deactivated. Ask the person who runs this Snug.",
            (Ending::TooManyPages, _) => {
                "You opened Snug on too many pages, so this older page was disconnected. Close some of the others, then load this page again."
            }
            (Ending::Flooding, _) => "This page sent too much, so the room disconnected it. Load the page again.",
        };
        sentence.to_owned()
    }
}

/// How long a removal lasts, in seconds.
fn removal_s() -> u32 {
    REMOVED_MINUTES * 60
}

/// A time in words, rounded up to minutes: "a minute", "10 minutes".
pub(super) fn minutes(seconds: u32) -> String {
    match seconds.div_ceil(60) {
        1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_about_an_end_names_the_host() {
        let by = || Some("Ada".to_owned());
        assert_eq!(
            Ending::removed_by("Ada".into()).sentence(),
            "Ada removed you for 10 minutes. After that, you can come back."
        );
        assert_eq!(Ending::RoomEnded { by: by() }.sentence(), "Ada ended this room.");
        assert!(Ending::Banned { by: by() }.sentence().starts_with("Ada banned you"));
        assert!(
            Ending::Banned { by: None }
                .sentence()
                .starts_with("A host has banned you")
        );
        let right_to_left = Ending::RoomEnded {
            by: Some("ليلى".into()),
        };
        assert_eq!(right_to_left.sentence(), "\u{2068}ليلى\u{2069} ended this room.");
    }
}
