//! Invite links into a room, as the server and the browser exchange them.

use super::{
    id::InviteId,
    room::{Person, RoomKind},
};
use serde::{Deserialize, Serialize};

/// The lifetimes that a host can choose for a link, in days.
pub const DAYS: [u32; 3] = [1, 7, 30];
/// The numbers of people that a host can choose as the limit of a link.
pub const MOST_USES: [u32; 4] = [1, 10, 50, 500];

/// A link as the host of the room sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    pub id: InviteId,
    /// The complete address to share.
    pub link: String,
    /// Seconds until the link expires; 0 if it has expired.
    pub expires_in_s: u32,
    /// How many people have used the link.
    pub uses: u32,
    /// How many people can use the link.
    pub most_uses: u32,
    pub revoked: bool,
    /// Whether the link also lets in guests, who have no e-mail address.
    #[serde(default)]
    pub guests: bool,
    /// The people who used the link, in the order in which they came.
    pub came: Vec<Person>,
    /// How many people in `came` are still guests. A guest who has added an e-mail address is no longer counted.
    #[serde(default)]
    pub guests_here: u32,
}

/// The links into a room, as its host sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteList {
    /// Newest first.
    pub invites: Vec<Invite>,
    /// Whether the configuration allows links that let guests in.
    pub guests: bool,
}

impl Invite {
    /// The state of the link in words, for the screen.
    pub fn state(&self) -> String {
        let left = match self.expires_in_s {
            _ if self.revoked => return "Revoked".into(),
            0 => return "Expired".into(),
            _ if self.uses >= self.most_uses => return "Used up".into(),
            seconds @ 0..=5_400 => format!("{} minutes", seconds.div_ceil(60)),
            seconds @ 0..=172_800 => format!("{} hours", seconds.div_ceil(3_600)),
            seconds => format!("{} days", seconds.div_ceil(86_400)),
        };
        format!("Used {} of {} times, expires in {left}", self.uses, self.most_uses)
    }

    /// Whether new people can still use the link.
    pub fn is_good(&self) -> bool {
        !self.revoked && self.expires_in_s > 0 && self.uses < self.most_uses
    }
}

/// What the page of an invite link shows to anyone who opens the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub topic: String,
    pub kind: RoomKind,
    /// The name and face of the host who made the link.
    pub from_name: String,
    pub from_picture: String,
    /// How many people are in the room.
    pub inside: usize,
    /// Whether the link also lets in guests, who have no e-mail address.
    #[serde(default)]
    pub guests: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_describes_its_state() {
        let invite = |uses, expires_in_s, revoked| Invite {
            id: InviteId::parse("abcdefghij").expect("an id"),
            link: String::new(),
            expires_in_s,
            uses,
            most_uses: 10,
            revoked,
            guests: false,
            came: vec![],
            guests_here: 0,
        };
        for (invite, state, good) in [
            (
                invite(2, 6 * 86_400, false),
                "Used 2 of 10 times, expires in 6 days",
                true,
            ),
            (
                invite(0, 86_400, false),
                "Used 0 of 10 times, expires in 24 hours",
                true,
            ),
            (invite(0, 61, false), "Used 0 of 10 times, expires in 2 minutes", true),
            (invite(10, 61, false), "Used up", false),
            (invite(3, 0, false), "Expired", false),
            (invite(3, 60, true), "Revoked", false),
        ] {
            assert_eq!((invite.state().as_str(), invite.is_good()), (state, good));
        }
    }
}
