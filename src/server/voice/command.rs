//! What goes into the hall, and what comes out.

use crate::model::{
    id::{RoomId, SessionId, UserId},
    room::{Person, Sign},
    signal::ServerSignal,
};
use std::net::IpAddr;

/// One socket of one person in one room, and the voice connection that it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Who is at a socket, as the gate found out.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub person: Person,
    pub session: SessionId,
    pub address: IpAddr,
}

/// What is asked of the hall.
#[derive(Debug, Clone)]
pub enum Command {
    Open {
        sign: Sign,
    },
    /// Looks in: hears the news of the room, and is not counted.
    Watch {
        connection: ConnectionId,
        room: RoomId,
        visitor: Visitor,
    },
    /// Becomes a participant, muted; [`Hall::may_join`](super::hall::Hall::may_join) was asked before.
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
    /// The voice connection is gone, the place is kept.
    Unplug {
        connection: ConnectionId,
    },
    /// A goodbye: the seat is given up at once.
    Leave {
        connection: ConnectionId,
    },
    /// The line is gone without one: away after a while, off the roster after another.
    Lose {
        connection: ConnectionId,
    },
    Rename {
        person: Person,
    },
    CutSession {
        session: SessionId,
    },
    /// The account was switched off: every socket of the person ends, whatever the session.
    CutUser {
        user: UserId,
    },
    /// The room is over for everybody, at once.
    End {
        room: RoomId,
    },
}

/// What the hall wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Tell {
        to: Vec<ConnectionId>,
        signal: ServerSignal,
    },
    /// The connection is not the hall's any more: its socket ends, and its voice connection with it.
    Forget {
        connection: ConnectionId,
    },
    /// The list of lit rooms is not what it was.
    RoomsChanged,
    /// Somebody on the list began to speak, or ended; it can wait a little.
    VoicesChanged,
    Faded {
        room: RoomId,
    },
}

/// What the forwarder must know of a packet of sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sound {
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
