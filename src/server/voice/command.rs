//! What goes into the registry, and what comes out.

use super::roles::ModerationRecord;
use crate::model::{
    id::{RoomId, SessionId, UserId},
    moderation_log::LogEntry,
    room::{Person, RoomInfo, Rules},
    signal::{Ending, Refusal, ServerSignal},
    stage::StageRequest,
};
use std::net::IpAddr;

/// One socket of one person in one room, and the voice connection that it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Who is at a socket, as the gate found out.
#[derive(Debug, Clone)]
pub struct RoomVisitor {
    pub person: Person,
    pub session: SessionId,
    pub address: IpAddr,
    /// Unix seconds: since when the account is activated.
    pub known_since_s: i64,
    /// Has no address yet, so that the account may be gone some day: keeps no room.
    pub guest: bool,
}

/// What is remembered of a room from before a restart.
#[derive(Debug, Clone, Default)]
pub struct Restored {
    pub records: Vec<(UserId, ModerationRecord)>,
    /// The oldest first.
    pub log: Vec<LogEntry>,
}

/// What is asked of the registry.
#[derive(Debug, Clone)]
pub enum Command {
    Open {
        info: RoomInfo,
        restored: Restored,
    },
    /// Ends a room for everybody.
    End {
        room: RoomId,
    },
    /// Looks in: hears the news of the room, and is not counted.
    Watch {
        connection: ConnectionId,
        room: RoomId,
        visitor: RoomVisitor,
    },
    /// Becomes a participant, muted; [`RoomRegistry::may_join`](super::registry::RoomRegistry::may_join) was asked before.
    Join {
        connection: ConnectionId,
    },
    /// Closes or opens the microphone of this connection.
    Mute {
        connection: ConnectionId,
        on: bool,
    },
    HearYourself {
        connection: ConnectionId,
    },
    StageRequest {
        connection: ConnectionId,
        request: StageRequest,
    },
    /// The voice connection is gone, the place is kept.
    Unplug {
        connection: ConnectionId,
    },
    /// A goodbye: the place is given up at once.
    Leave {
        connection: ConnectionId,
    },
    /// The connection is gone without one: away after a while, off the roster after another.
    Lose {
        connection: ConnectionId,
    },
    Rename {
        person: Person,
    },
    DisconnectSession {
        session: SessionId,
    },
    /// Every socket of the person ends, whatever the session.
    DisconnectUser {
        user: UserId,
        why: Ending,
    },
}

/// What the registry wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Tell {
        to: Vec<ConnectionId>,
        signal: ServerSignal,
    },
    /// The connection is not the registry's any more: its socket ends, and its voice connection with it.
    Forget { connection: ConnectionId },
    /// The list of active rooms is not what it was.
    RoomsChanged,
    /// Somebody on the list began to speak, or ended; it can wait a little.
    VoicesChanged,
    /// What must outlive a restart.
    Persist { room: RoomId, what: Persist },
    /// To be put out of the room; the registry does it, and nobody else sees this.
    PutOut { connection: ConnectionId, why: Ending },
}

impl Effect {
    /// Tells one connection.
    pub fn tell(to: ConnectionId, signal: ServerSignal) -> Self {
        Self::Tell { to: vec![to], signal }
    }

    /// Tells a connection why what it asked for is not done.
    pub fn refuse(to: ConnectionId, why: Refusal) -> Self {
        Self::tell(to, ServerSignal::Refused { why })
    }
}

/// What of a room is kept in rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Persist {
    Record {
        user: UserId,
        record: ModerationRecord,
    },
    /// Whoever opened the room, or was handed it.
    Host(UserId),
    /// No row: who hosted it does not any more, and may have lost the right to be here.
    Rights(UserId),
    Rules(Rules),
    /// New, or undone since.
    LogEntry(LogEntry),
    /// It has faded or was ended.
    Ended,
}

/// What the forwarder must know of a packet of sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoundPacket {
    /// The sender's stream: another one counts anew.
    pub ssrc: u32,
    /// Extended beyond 16 bits, so that it only grows.
    pub seq: u64,
    /// RTP timestamp, 48,000 a second.
    pub time: u32,
    pub marker: bool,
    /// dBov, 0 loudest (RFC 6464); `None` where the sender does not say.
    pub level: Option<i8>,
    pub bytes: usize,
}

/// One packet for one listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    pub to: ConnectionId,
    /// 0, 1 or 2.
    pub slot: usize,
    pub seq: u64,
    pub time: u32,
    pub marker: bool,
    /// Whose voice: the CSRC.
    pub voice: u32,
}
