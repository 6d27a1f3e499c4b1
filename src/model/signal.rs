//! The protocol of the sockets: JSON text messages, one signal each.
//!
//! A room's socket (`/ws/rooms/{id}`): the server sends [`ServerSignal`], beginning with `welcome`; the client sends
//! [`ClientSignal`]. An open socket only watches; `join` makes a participant. The list's socket (`/ws/rooms`): the
//! server sends a [`ListSignal`] whenever the list has changed: all of it first, then what is not as it was.

use super::{
    id::{RoomId, UserId},
    moderation_log::{BANNED, ModerationPanel, removed_for},
    room::{ParticipantInfo, RoomCard, RoomInfo, RoomPage},
    stage::{REMOVED_MINUTES, StageRequest},
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};

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
        joined: Vec<ParticipantInfo>,
        left: Vec<UserId>,
        changed: Vec<ParticipantInfo>,
    },
    /// Who speaks now: for those who watch. Participants hear it in the CSRC of what they receive.
    Speaking { who: Vec<UserId> },
    /// The info is not what it was: another host, other rules.
    RoomInfo { info: Box<RoomInfo> },
    /// For those who host: what was done, and who may not come in.
    ModerationPanel { panel: ModerationPanel },
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
    pub fn joined_by(one: ParticipantInfo) -> Self {
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

    pub fn changed_at(one: ParticipantInfo) -> Self {
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
    /// `mute`, `hear_yourself` and every request are for participants.
    NotJoined,
    /// You are in the audience.
    Listening,
    /// A host muted you for everyone.
    MutedByHost,
    /// Your account is too young to talk here for so long, in seconds.
    NewAccount { for_s: u32 },
    /// Only those who host may do that, and not about everybody.
    NotYours,
    /// It has come about already, or can't any more.
    NotPossible,
    /// Hands or invitations came too fast; in so many seconds again.
    TooFast { wait_s: u32 },
    /// So many permanent rooms one person may keep.
    TooManyPermanent { most: u32 },
}

impl Refusal {
    /// Whether it may answer an offer to join.
    pub fn is_about_joining(self) -> bool {
        matches!(
            self,
            Refusal::RoomFull { .. }
                | Refusal::ManyOfYours { .. }
                | Refusal::ManyFromAddress { .. }
                | Refusal::BadOffer
                | Refusal::TooManySignals
        )
    }

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
                "{most} people are already talking from your network, the most that Snug allows. Tell your host."
            ),
            Refusal::BadOffer => {
                "Your browser and Snug could not agree on how to carry voices. Update the browser, or try another one."
                    .into()
            }
            Refusal::TooManySignals => "That was too fast for the room. Wait a moment, then try again.".into(),
            Refusal::TooMuchSound => {
                "Your microphone sends more than a voice needs, so part of it is not heard. Mute and unmute to fix it."
                    .into()
            }
            Refusal::NotJoined => "You are only looking in. Join first.".into(),
            Refusal::Listening => "You are listening. Raise your hand to speak.".into(),
            Refusal::MutedByHost => "A host muted you for everyone. Only a host can let you unmute.".into(),
            Refusal::NewAccount { for_s } => format!(
                "New accounts listen first in this room. You can talk in {}, or when a host lets you.",
                minutes(for_s)
            ),
            Refusal::NotYours => {
                "Only this room's hosts and its owner can do that, and nobody can do it to the host.".into()
            }
            Refusal::NotPossible => "That is no longer possible: something has changed. Take another look.".into(),
            Refusal::TooFast { wait_s } => format!("That was too fast. Try again in {wait_s} seconds."),
            Refusal::TooManyPermanent { most } => {
                format!("You can have at most {most} standing rooms. Make one of them an ordinary room first.")
            }
        }
    }
}

fn minutes(seconds: u32) -> String {
    match seconds.div_ceil(60) {
        1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
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
    /// A guest's link was revoked, and its guests removed.
    LinkRevoked,
    /// A host removed you; you may come back after [`REMOVED_MINUTES`].
    Removed,
    /// A host banned you.
    Banned,
    /// The room was ended for everybody.
    RoomEnded,
    /// The account was switched off.
    Disabled,
}

impl Ending {
    /// The sentence for the screen.
    pub fn sentence(self) -> String {
        let sentence = match self {
            Ending::SignedOut => "Your session on this device has ended. Sign in to come back.",
            Ending::LinkRevoked => {
                "A host has revoked the link you came in by and removed its guests. Ask for a new link."
            }
            Ending::NoEntry => "You may no longer be in this room. Ask its host for a link.",
            Ending::Removed => return removed_for(REMOVED_MINUTES.into()),
            Ending::Banned => BANNED,
            Ending::RoomEnded => "This room has ended. Open another one, or see what else is lit.",
            Ending::Disabled => "This account is switched off. Ask whoever runs this Snug.",
            Ending::Flooding => "This page sent too much, so the room disconnected it. Load the page again.",
        };
        sentence.to_owned()
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
    /// Whatever concerns the stage.
    #[serde(untagged)]
    StageRequest(StageRequest),
}

/// What the list's socket tells: everything at first, then what is not as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListSignal {
    /// Cards that are new, or changed.
    pub rooms: Vec<RoomCard>,
    /// All rooms in their order, where that has changed: what is not named here is off the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<RoomId>>,
}

impl ListSignal {
    /// Makes the list what it is now.
    pub fn apply(self, list: &mut Vec<Arc<RoomCard>>) {
        for card in self.rooms.into_iter().map(Arc::new) {
            match list.iter_mut().find(|known| known.info.id == card.info.id) {
                Some(known) => *known = card,
                None => list.push(card),
            }
        }
        if let Some(order) = self.order {
            let place: HashMap<&RoomId, usize> = order.iter().enumerate().map(|(place, id)| (id, place)).collect();
            list.retain(|card| place.contains_key(&card.info.id));
            list.sort_by_key(|card| place[&card.info.id]);
        }
    }
}
