//! People and active rooms, as the owners of a Snug see them. There are no e-mail addresses among this data.

use super::{
    id::RoomId,
    room::{Person, RoomKind},
};
use serde::{Deserialize, Serialize};

/// A person who has a name and a face here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    #[serde(flatten)]
    pub person: Person,
    /// Seconds since they chose their name and face.
    pub came_ago_s: u32,
    /// Seconds since the last request of any of their devices; `None` if that is no longer known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_ago_s: Option<u32>,
    pub owner: bool,
    pub switched_off: bool,
    /// Whether this is the owner who asks.
    pub me: bool,
}

/// A room with people inside. Owners do not see who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveRoom {
    pub id: RoomId,
    pub topic: String,
    pub kind: RoomKind,
    pub host: String,
    pub inside: usize,
}

/// One page of people, sorted by name, and every active room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    pub accounts: Vec<Account>,
    /// How many people were found, on all pages together.
    pub found: usize,
    /// The number of this page, from 1.
    pub page: usize,
    pub pages: usize,
    pub rooms: Vec<ActiveRoom>,
}
