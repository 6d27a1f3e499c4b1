//! The protocol of the WebSockets. Each message is one signal, as JSON text.
//!
//! On a room's socket (`/ws/rooms/{id}`) the server sends [`ServerSignal`]s, the first of which is `welcome`, and the client sends
//! [`ClientSignal`]s. Opening the socket only lets a person watch the room; the signal `join` makes them a participant.
//!
//! On the socket of the connection check (`/ws/check`) a page and the server use a few of the same signals, without a room.
//!
//! On the socket of the list of rooms (`/ws/rooms`) the server first sends a [`ListSignal`] with one whole page of the list, and then
//! another [`ListSignal`] for each change of this page.

use super::{
    ice_server::IceServer,
    id::{RoomId, UserId},
    moderation_log::ModerationPanel,
    room::{ParticipantInfo, RoomCard, RoomInfo, RoomPage},
    room_list::{RoomListCounts, RoomListPage},
    stage::{StageRequest, muted_by},
    time_words::duration_in_words,
    voice_facts::VoiceFacts,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};

pub use super::ending::Ending;

/// How many slots a client has. A slot is an audio track from the server that carries one voice at a time, so a client can hear
/// this many voices at once.
pub const SLOTS: usize = 3;
/// A sound above this level counts as speech, in dBov (RFC 6464 section 3: 0 is the loudest, -127 is silence).
pub const VOICED_ABOVE_DBOV: i8 = -50;
/// A sound above this level, up to [`VOICED_ABOVE_DBOV`], can be a person whose microphone is too quiet. Below it are the rooms in which
/// nobody speaks: browsers suppress their noise.
pub const FAINT_ABOVE_DBOV: i8 = -70;
/// The close code of a socket that the server closed because the same person has opened too many newer sockets. The page must not
/// open the socket again by itself. Codes from 4000 are for private use (RFC 6455 section 7.4.2).
pub const TOO_MANY_PAGES_CODE: u16 = 4029;
/// The close code of a room's socket whose participant has moved to a newer socket of the same page. Nobody has left the room.
pub const MOVED_CODE: u16 = 4010;
/// The close code of a socket that the page gives up because it seems dead, or because a newer socket takes its place. It is no goodbye:
/// the person stays in the room.
pub const GIVEN_UP_CODE: u16 = 4011;
/// How long the microphone test "Hear yourself" lasts, in milliseconds.
pub const HEAR_YOURSELF_MS: u64 = 5_000;

/// What a room tells the people who have opened its socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerSignal {
    /// The first signal: who you are, the room, everybody inside, and the people who are speaking.
    Welcome {
        you: UserId,
        room: Box<RoomPage>,
        speaking: Vec<UserId>,
        /// The server's time when it sent this signal, in unix seconds, by a clock that does not jump. Pages compute from it how long a
        /// hand has been up. 0 if the server is older than this field.
        #[serde(default)]
        now_s: i64,
        /// The TURN servers that the page may use. Their credentials are valid for an hour; before that, the page gets new ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ice_servers: Vec<IceServer>,
    },
    /// You are a participant now, and muted. `sdp` is the answer to your offer (RFC 8829).
    Joined { sdp: String },
    /// The voice connection that you have goes on, with new ICE credentials. `sdp` is the answer to the offer in `restart_ice`.
    Restarted { sdp: String },
    /// Whether the voice of your open microphone arrives at the server. The server sends `false` if no packet of it has arrived for a
    /// while, and `true` if packets arrive again.
    VoiceArrives { arrives: bool },
    /// The answer to `ping`, with the same number.
    Pong { n: u32 },
    /// The voice connection of the person whom `watch_facts` names, once in a second; `None` if they have none now.
    VoiceFacts { of: UserId, facts: Option<VoiceFacts> },
    /// How the list of participants has changed since the last signal about it.
    Roster {
        joined: Vec<ParticipantInfo>,
        left: Vec<UserId>,
        changed: Vec<ParticipantInfo>,
    },
    /// The people who are speaking now. The server sends this signal only to people who watch. Participants need no such signal, because the
    /// voice packets that they receive name the speaker (by the CSRC).
    Speaking { who: Vec<UserId> },
    /// The room's data has changed, for example its host or its rules.
    RoomInfo { info: Box<RoomInfo> },
    /// For hosts: the log, and the people who were removed or banned.
    ModerationPanel { panel: ModerationPanel },
    /// You are muted here, because you unmuted on another page or device.
    MutedElsewhere,
    /// Your voice connection has ended. You keep your place in the room, and can `join` again.
    Unplugged,
    /// Your request was refused.
    Refused { why: Refusal },
    /// The server closes this socket, and the page must not open it again by itself.
    Ended {
        #[serde(flatten)]
        why: Ending,
    },
    /// You are muted for everyone, by the host or co-host with the name `by`. Only you get this signal: everybody else sees on the roster
    /// that you are muted, and only hosts see in the log who did it.
    MutedByHost { by: String },
    /// You are invited to the stage, by the host or co-host with the name `by`. Only you get this signal, when it happens and when you join
    /// again. Everybody else sees on the roster that you are invited.
    InvitedByHost { by: String },
    /// The TURN servers that the page may use, with new credentials. These replace all earlier ones.
    IceServers { ice_servers: Vec<IceServer> },
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

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// The room has `most` participants, which is the limit.
    RoomFull { most: u32 },
    /// This person has `most` voice connections, which is the limit.
    ManyOfYours { most: u32 },
    /// The person's IP address has `most` voice connections, which is the limit.
    ManyFromAddress { most: u32 },
    /// The server can't answer your offer. An offer must have one microphone and three slots, all with the codec Opus.
    BadOffer,
    /// Too many signals came from all your pages together, or from your network.
    TooManySignals,
    /// The server did not take the request, because too many requests wait already. Nothing has changed.
    Busy,
    /// You sent more packets or bits than a voice needs, and the server dropped the rest.
    TooMuchSound,
    /// You have not joined. Only participants can send `mute`, `hear_yourself`, `watch_facts` and [`StageRequest`]s.
    NotJoined,
    /// You are in the audience, so you can't unmute.
    Listening,
    /// A host muted you for everyone.
    MutedByHost,
    /// Your account is too new to talk here. You can talk in `for_s` seconds.
    NewAccount { for_s: u32 },
    /// You are not allowed to do that, or not allowed to do it to this person.
    NotYours,
    /// You host this room only because its owner is away, and this is up to the owner.
    StandIn,
    /// The request was already carried out, or it is no longer possible.
    NotPossible,
    /// Something was done too often within a minute: you raised your hand, you sent invitations, somebody was invited, or hosts made
    /// changes. Wait `wait_s` seconds.
    TooFast { wait_s: u32 },
    /// You own `most` permanent rooms, which is the limit.
    TooManyPermanent { most: u32 },
}

impl Refusal {
    /// Whether this refusal can be the server's answer to a `join`.
    pub fn is_about_joining(self) -> bool {
        matches!(
            self,
            Refusal::RoomFull { .. }
                | Refusal::ManyOfYours { .. }
                | Refusal::ManyFromAddress { .. }
                | Refusal::BadOffer
                | Refusal::TooManySignals
                | Refusal::Busy
        )
    }

    /// Whether this refusal is the room's answer to a [`StageRequest`]. [`Refusal::Busy`] and [`Refusal::TooManySignals`] can be about any
    /// signal, and the other refusals are about your voice.
    pub fn is_about_requests(self) -> bool {
        matches!(
            self,
            Refusal::NotJoined
                | Refusal::NotYours
                | Refusal::StandIn
                | Refusal::NotPossible
                | Refusal::TooFast { .. }
                | Refusal::TooManyPermanent { .. }
        )
    }

    /// Whether the reason passes within seconds, so that a page can send a refused offer again by itself.
    pub fn passes(self) -> bool {
        matches!(self, Refusal::TooManySignals | Refusal::Busy)
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
                "{most} people are already talking from your network, and no more are allowed. Tell the person who runs this Snug."
            ),
            Refusal::BadOffer => {
                "Your browser and Snug could not agree on how to carry voices. Update the browser, or try another one."
                    .into()
            }
            Refusal::TooManySignals => "That was too fast for the room. Wait a moment, then try again.".into(),
            Refusal::Busy => "Snug is busy. Try again in a moment.".into(),
            Refusal::TooMuchSound => {
                "Your microphone sends more than a voice needs, so part of it is not heard. Mute and unmute to fix it."
                    .into()
            }
            Refusal::NotJoined => "You have not joined this room yet. Join first.".into(),
            Refusal::Listening => "You are listening. Raise your hand to speak.".into(),
            Refusal::MutedByHost => muted_by(None),
            Refusal::NewAccount { for_s } => format!(
                "New accounts only listen at first in this room. You can talk in {}, or as soon as a host lets you.",
                duration_in_words(for_s)
            ),
            Refusal::NotYours => {
                "Only this room's hosts and its owner can do that, and nobody can do it to the host.".into()
            }
            Refusal::StandIn => {
                "You are host only while the owner of this room is away. Wait for the owner, who decides that.".into()
            }
            Refusal::NotPossible => "That is no longer possible: something has changed. Take another look.".into(),
            Refusal::TooFast { wait_s: 1 } => {
                "That was too fast, so nothing has changed. Try again in a second.".into()
            }
            Refusal::TooFast { wait_s } => {
                format!("That was too fast, so nothing has changed. Try again in {wait_s} seconds.")
            }
            Refusal::TooManyPermanent { most } => {
                format!("You can have at most {most} permanent rooms. Make one of them an ordinary room first.")
            }
        }
    }
}

/// What a client tells the room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientSignal {
    /// Makes you a participant. `sdp` offers one `sendonly` microphone and [`SLOTS`] `recvonly` slots, in this order.
    Join { sdp: String },
    /// Restarts ICE (RFC 8445 section 2.4) for the voice connection that this page has, because the page's network has changed. `sdp` is
    /// an offer with new ICE credentials. The answer is `restarted`, or `unplugged` if there is no such connection any more.
    RestartIce { sdp: String },
    /// Asks whether the server is there. Browsers hide the pings of WebSockets from pages, so pages need pings of their own. Allowed on
    /// the socket of the list too.
    Ping { n: u32 },
    /// Asks for the facts about the voice connection of a person inside, once in a second; `None` stops that. Everybody inside may ask
    /// about themselves, and hosts about everybody. The answers are `voice_facts`.
    WatchFacts { of: Option<UserId> },
    /// Mutes or unmutes your own microphone. No field names a person, so the signal can't mute or unmute anybody else.
    Mute { on: bool },
    /// Sends your own voice back to you for [`HEAR_YOURSELF_MS`].
    HearYourself,
    /// Leaves the room on purpose, so that the room does not keep your place.
    Leave,
    /// A request about the stage.
    #[serde(untagged)]
    StageRequest(StageRequest),
}

/// What the list's socket sends: first one whole page of the list, then what changes on this page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListSignal {
    /// The cards on the page that are new or have changed.
    pub rooms: Vec<Arc<RoomCard>>,
    /// The ids of all rooms on the page in their new order, if the order has changed. A room whose id is missing is no longer on the
    /// page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<RoomId>>,
    /// The counts of the list, if one of them has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<RoomListCounts>,
    /// The server's time when it sent this signal, in unix seconds.
    pub now_s: i64,
}

impl ListSignal {
    /// Updates `page` with this signal.
    pub fn apply(self, page: &mut RoomListPage) {
        let list = &mut page.rooms;
        for card in self.rooms {
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
        page.counts = self.counts.unwrap_or(page.counts);
        page.now_s = self.now_s;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_says_who_decided_it_and_pages_of_an_older_version_still_read_it() {
        let removed = ServerSignal::Ended {
            why: Ending::removed_by("Ada".into()),
        };
        let json = serde_json::to_value(&removed).expect("JSON");
        assert_eq!(
            json,
            serde_json::json!({"type": "ended", "why": "removed", "by": "Ada", "for_s": 600})
        );
        assert_eq!(serde_json::from_value::<ServerSignal>(json).expect("a signal"), removed);
        let nameless: ServerSignal = serde_json::from_str(r#"{"type":"ended","why":"removed"}"#).expect("a signal");
        let ServerSignal::Ended { why } = nameless else {
            panic!("not an end");
        };
        assert_eq!(why, Ending::Removed { by: None, for_s: 600 });
        let with_name = r#"{"type":"ended","why":"banned","by":"Ada"}"#;
        let of_older_server: ServerSignal = serde_json::from_str(with_name).expect("a signal");
        assert_eq!(of_older_server, ServerSignal::Ended { why: Ending::Banned });
        let signed_out = ServerSignal::Ended { why: Ending::SignedOut };
        assert_eq!(
            serde_json::to_string(&signed_out).expect("JSON"),
            r#"{"type":"ended","why":"signed_out"}"#
        );
    }
}
