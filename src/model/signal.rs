//! The protocol of the sockets: JSON text messages, one signal each.
//!
//! A room's socket (`/ws/rooms/{id}`): the server sends [`ServerSignal`], beginning with `welcome`; the client sends
//! [`ClientSignal`]. An open socket only watches; `join` makes a participant. The list's socket (`/ws/rooms`): the
//! server sends a [`ListSignal`] whenever the list has changed.

use super::{
    id::UserId,
    room::{Participant, RoomCard, RoomPage},
};
use serde::{Deserialize, Serialize};

/// How many voices a client receives at once; each comes on a slot of its own.
pub const SLOTS: usize = 3;
/// Between two levels, in dBov (RFC 6464 section 3: 0 is loudest, -127 silence): above it somebody is speaking.
pub const VOICED_ABOVE_DBOV: i8 = -50;
/// "Hear yourself" lasts this long, in milliseconds.
pub const HEAR_YOURSELF_MS: u64 = 5_000;

/// What a room tells those at its socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerSignal {
    /// The first signal: who you are, the room, everybody inside, and who of them speaks.
    Welcome {
        you: UserId,
        room: RoomPage,
        speaking: Vec<UserId>,
    },
    /// You are a participant now, muted; `sdp` answers your offer (RFC 8829).
    Joined { sdp: String },
    /// What changed since the signal before.
    Roster {
        joined: Vec<Participant>,
        left: Vec<UserId>,
        changed: Vec<Participant>,
    },
    /// Who speaks now: for those who watch. Participants hear it in the CSRC of what they receive.
    Speaking { who: Vec<UserId> },
    /// You are muted here, because you unmuted on another page or device.
    MutedElsewhere,
    /// Your voice connection is over; the place in the room is kept for another `join`.
    Unplugged,
    /// What you asked for is not done.
    Refused { why: Refusal },
    /// This connection is over and must not be made again by itself.
    Ended { why: Ending },
}

impl ServerSignal {
    pub fn joined_by(one: Participant) -> Self {
        Self::Roster {
            joined: vec![one],
            left: vec![],
            changed: vec![],
        }
    }

    pub fn left_by(user: UserId) -> Self {
        Self::Roster {
            joined: vec![],
            left: vec![user],
            changed: vec![],
        }
    }

    pub fn changed_at(one: Participant) -> Self {
        Self::Roster {
            joined: vec![],
            left: vec![],
            changed: vec![one],
        }
    }
}

/// Why something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// So many people are inside, and no more may be.
    RoomFull { most: u32 },
    /// This person has so many voice connections already.
    ManyOfYours { most: u32 },
    /// Their address has.
    ManyFromAddress { most: u32 },
    /// The offer is none that we can answer: one microphone and three slots, Opus.
    BadOffer,
    /// More signals than a person sends.
    TooManySignals,
    /// More packets or bits than a voice needs; the rest was dropped.
    TooMuchSound,
    /// `mute` and `hear_yourself` are for participants.
    NotJoined,
}

impl Refusal {
    /// The sentence for the screen.
    pub fn sentence(self) -> String {
        match self {
            Refusal::RoomFull { most } => {
                format!("This room is full: {most} people are inside. Try again when somebody has left.")
            }
            Refusal::ManyOfYours { most } => format!(
                "You are talking on {most} pages or devices already. Leave one of those rooms, then join again."
            ),
            Refusal::ManyFromAddress { most } => format!(
                "{most} people are talking from your network already, and Snug lets no more in from one address. Tell your host."
            ),
            Refusal::BadOffer => {
                "Your browser and Snug could not agree on how to carry voices. Update the browser, or try another one.".into()
            }
            Refusal::TooManySignals => "That was too fast for the room. Wait a moment, then go on.".into(),
            Refusal::TooMuchSound => {
                "Your microphone sends more than a voice needs, so a part of it is not heard. Mute and unmute to begin again.".into()
            }
            Refusal::NotJoined => "You are only looking in. Join first, then unmute.".into(),
        }
    }
}

/// Why a room's socket ended for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The session was signed out.
    SignedOut,
    /// Too many or too large messages, and they did not stop.
    Flooding,
    /// The right to enter the room was taken back.
    NoEntry,
    /// The room was ended for everybody.
    RoomEnded,
    /// The account was switched off.
    Disabled,
}

impl Ending {
    /// The sentence for the screen.
    pub fn sentence(self) -> &'static str {
        match self {
            Ending::SignedOut => "Your session on this device has ended. Sign in to come back.",
            Ending::NoEntry => "You may not be in this room any more. Ask its host for a link.",
            Ending::RoomEnded => "This room was ended. Open another one, or look what else is lit.",
            Ending::Disabled => "This account is switched off. Ask whoever runs this Snug.",
            Ending::Flooding => "This page sent far more than the room takes, so its line was cut. Load it again.",
        }
    }
}

/// What a person tells the room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientSignal {
    /// Becomes a participant. `sdp` offers one `sendonly` microphone and [`SLOTS`] `recvonly` slots, in this order.
    Join { sdp: String },
    /// Closes or opens one's own microphone; nobody else's can be named.
    Mute { on: bool },
    /// One's own voice comes back to oneself for [`HEAR_YOURSELF_MS`].
    HearYourself,
    /// Leaving on purpose: the place is given up at once.
    Leave,
}

/// What the list's socket tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListSignal {
    pub rooms: Vec<RoomCard>,
}
