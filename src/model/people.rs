//! People and active rooms, as the owners of a Snug see them. No e-mail address stands here, ever.

use super::{
    id::RoomId,
    room::{Person, RoomKind},
};
use serde::{Deserialize, Serialize};

/// Somebody who has a name and a face here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    #[serde(flatten)]
    pub person: Person,
    /// Seconds since they chose them.
    pub came_ago_s: u32,
    /// Seconds since a device of theirs was last seen; `None` where that is forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_ago_s: Option<u32>,
    pub owner: bool,
    pub switched_off: bool,
    /// The one who asks.
    pub me: bool,
}

/// A room with somebody inside. Who they are is not the owner's to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveRoom {
    pub id: RoomId,
    pub topic: String,
    pub kind: RoomKind,
    pub host: String,
    pub inside: usize,
}

/// One page of people, by name, and every lit room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    pub accounts: Vec<Account>,
    /// How many were found on all pages.
    pub found: usize,
    /// From 1.
    pub page: usize,
    pub pages: usize,
    pub rooms: Vec<ActiveRoom>,
}
