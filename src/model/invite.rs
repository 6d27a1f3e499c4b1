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

/// The days and the number of people of the link that is ready when a host opens the sheet for invitations.
pub const READY_DAYS: u32 = 7;
pub const READY_USES: u32 = 50;
const DAY_S: u32 = 86_400;

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
        match self.expires_in_s {
            _ if self.revoked => "Turned off".into(),
            0 => "Expired".into(),
            _ if self.uses >= self.most_uses => "Used up".into(),
            _ => format!(
                "Used {} of {} times, expires in {}",
                self.uses,
                self.most_uses,
                self.time_left()
            ),
        }
    }

    /// What somebody who gets the link can do with it, for the screen.
    pub fn promise(&self) -> String {
        let who = match self.most_uses {
            1 => "One person with this link",
            _ => "Anyone with this link",
        };
        let account = if self.guests { "no account" } else { "an account" };
        format!(
            "{who} can come in for {}, while the room is open. They need {account}.",
            self.time_left()
        )
    }

    /// How long the link still works, such as "7 days".
    fn time_left(&self) -> String {
        let (number, unit) = match self.expires_in_s {
            seconds @ 0..=5_400 => (seconds.div_ceil(60), "minute"),
            seconds @ 0..=172_800 => (seconds.div_ceil(3_600), "hour"),
            seconds => (seconds.div_ceil(DAY_S), "day"),
        };
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {unit}{plural}")
    }

    /// Whether this link can be the one that is ready: it has the terms of such a link, and works for another day. `guests` says
    /// whether such a link admits guests, because some Snugs admit none.
    pub fn is_ready(&self, guests: bool) -> bool {
        let lasts = (DAY_S..=READY_DAYS * DAY_S).contains(&self.expires_in_s);
        self.is_good() && lasts && self.most_uses == READY_USES && self.guests == guests
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

    fn invite(uses: u32, expires_in_s: u32, revoked: bool) -> Invite {
        Invite {
            id: InviteId::parse("abcdefghij").expect("an id"),
            link: String::new(),
            expires_in_s,
            uses,
            most_uses: 10,
            revoked,
            guests: false,
            came: vec![],
            guests_here: 0,
        }
    }

    #[test]
    fn a_link_describes_its_state() {
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
            (invite(0, 60, false), "Used 0 of 10 times, expires in 1 minute", true),
            (invite(10, 61, false), "Used up", false),
            (invite(3, 0, false), "Expired", false),
            (invite(3, 60, true), "Turned off", false),
        ] {
            assert_eq!((invite.state().as_str(), invite.is_good()), (state, good));
        }
    }

    #[test]
    fn a_link_says_whom_it_lets_in_and_how_long() {
        let plain = invite(0, 7 * 86_400 - 1, false);
        let promise = "Anyone with this link can come in for 7 days, while the room is open. They need an account.";
        assert_eq!(plain.promise(), promise);
        let for_one = Invite {
            most_uses: 1,
            guests: true,
            ..plain
        };
        let promise = "One person with this link can come in for 7 days, while the room is open. They need no account.";
        assert_eq!(for_one.promise(), promise);
    }

    #[test]
    fn a_link_is_ready_while_it_has_the_terms_of_a_ready_link_and_works_for_a_day() {
        let ready = |uses, expires_in_s, revoked| Invite {
            most_uses: READY_USES,
            guests: true,
            ..invite(uses, expires_in_s, revoked)
        };
        assert!(ready(0, 7 * DAY_S, false).is_ready(true));
        assert!(ready(49, DAY_S, false).is_ready(true));
        for other in [
            ready(50, DAY_S, false),
            ready(0, DAY_S - 1, false),
            ready(0, 30 * DAY_S, false),
            ready(0, 7 * DAY_S, true),
            invite(0, 7 * DAY_S, false),
        ] {
            assert!(!other.is_ready(true), "{other:?}");
        }
        assert!(!ready(0, 7 * DAY_S, false).is_ready(false));
    }
}
