//! People and active rooms, as the owners of this Snug see them. This data contains no e-mail addresses.

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

/// A room with people inside. Owners see how many people are inside, but not who they are.
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
    /// How many people the search found, on all pages together.
    pub found: usize,
    /// The number of this page, from 1.
    pub page: usize,
    pub pages: usize,
    pub rooms: Vec<ActiveRoom>,
}
