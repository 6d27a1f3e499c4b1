//! People and active rooms, as the owners of this Snug see them. E-mail addresses are masked.

use super::{
    id::RoomId,
    room::{Person, RoomKind},
};
use serde::{Deserialize, Serialize};

/// An activated account: its person has chosen a name and a face.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    #[serde(flatten)]
    pub person: Person,
    /// The masked e-mail address, such as `a…@e….org`, so that owners can tell people with the same name apart. `None` for a guest,
    /// and for an owner who came by the owner link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name of the person whose link the guest came by. `None` for everybody else, and if the link was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_by: Option<String>,
    /// The topic of the open or social room in which the person is. Owners do not learn who is in a private room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<String>,
    /// Seconds since the person chose a name and a face.
    pub came_ago_s: u32,
    /// Seconds since the last request from any of the person's devices; `None` if the server no longer knows when that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_ago_s: Option<u32>,
    pub owner: bool,
    pub switched_off: bool,
    /// Whether this is the account of the owner who asked for the list.
    pub me: bool,
}

impl Account {
    /// Whether this is an owner who came by the owner link and has not added an address.
    pub fn has_no_address(&self) -> bool {
        self.email.is_none() && !self.person.guest
    }
}

/// Which accounts a list of people has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PeopleFilter {
    #[default]
    Everybody,
    /// Guests whose account is switched on.
    Guests,
    /// People who are not guests and whose account is switched on.
    Members,
    /// Accounts that are deactivated.
    Deactivated,
}

impl PeopleFilter {
    pub const ALL: [PeopleFilter; 4] = [Self::Everybody, Self::Guests, Self::Members, Self::Deactivated];

    /// The filter with the name `text`; every other text means everybody.
    pub fn parse(text: &str) -> Self {
        let named = Self::ALL.into_iter().find(|filter| filter.as_str() == text);
        named.unwrap_or_default()
    }

    /// The word in the address of the page.
    pub fn as_str(self) -> &'static str {
        match self {
            PeopleFilter::Everybody => "",
            PeopleFilter::Guests => "guests",
            PeopleFilter::Members => "members",
            PeopleFilter::Deactivated => "deactivated",
        }
    }

    /// The word on the screen.
    pub fn label(self) -> &'static str {
        match self {
            PeopleFilter::Everybody => "Everybody",
            PeopleFilter::Guests => "Guests",
            PeopleFilter::Members => "Members",
            PeopleFilter::Deactivated => "Deactivated",
        }
    }

    pub fn includes(self, account: &Account) -> bool {
        let (guest, off) = (account.person.guest, account.switched_off);
        match self {
            PeopleFilter::Everybody => true,
            PeopleFilter::Guests => guest && !off,
            PeopleFilter::Members => !guest && !off,
            PeopleFilter::Deactivated => off,
        }
    }
}

/// A room with people inside. Owners see how many people are inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveRoom {
    pub id: RoomId,
    pub topic: String,
    pub kind: RoomKind,
    pub host: String,
    pub inside: usize,
}

/// One page of people, the people who were seen last first, and every active room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    pub accounts: Vec<Account>,
    /// How many people the search found, on all pages together.
    pub found: usize,
    /// The number of this page, from 1.
    pub page: usize,
    pub pages: usize,
    pub rooms: Vec<ActiveRoom>,
}
