//! What goes into the hall, and what comes out.

use crate::model::{
    id::{RoomId, SessionId},
    room::{Person, Sign},
    signal::ServerSignal,
};

/// One socket of one person in one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// What is asked of the hall.
#[derive(Debug, Clone)]
pub enum Command {
    Open {
        sign: Sign,
    },
    Enter {
        connection: ConnectionId,
        room: RoomId,
        person: Person,
        session: SessionId,
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
}

/// What the hall wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Tell {
        connection: ConnectionId,
        signal: ServerSignal,
    },
    /// The connection is not the hall's any more.
    Forget {
        connection: ConnectionId,
    },
    /// The list of lit rooms is not what it was.
    RoomsChanged,
    Faded {
        room: RoomId,
    },
}
