//! The protocol of the sockets: JSON text messages, one signal each.
//!
//! A room's socket (`/ws/rooms/{id}`): the server sends [`ServerSignal`], beginning with `joined`; the client sends
//! [`ClientSignal`]. The list's socket (`/ws/rooms`): the server sends a [`ListSignal`] whenever the list has changed.

use super::{
    id::UserId,
    room::{Participant, RoomCard, RoomPage},
};
use serde::{Deserialize, Serialize};

/// What a room tells those inside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerSignal {
    /// The first signal: who you are, the room, and everybody inside (you too).
    Joined { you: UserId, room: RoomPage },
    /// What changed since the signal before.
    Roster {
        joined: Vec<Participant>,
        left: Vec<UserId>,
        changed: Vec<Participant>,
    },
    /// This connection is over and must not be made again by itself.
    Ended { why: Ending },
}

/// Why a room's socket ended for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The session was signed out.
    SignedOut,
}

/// What a person tells the room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientSignal {
    /// Leaving on purpose: the seat is given up at once.
    Leave,
}

/// What the list's socket tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListSignal {
    pub rooms: Vec<RoomCard>,
}
