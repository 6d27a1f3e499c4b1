//! What goes into the registry of rooms (commands and packets) and what comes out of it (effects and deliveries).

use super::roles::ModerationRecord;
use crate::model::{
    ice_server::IceServer,
    id::{PageId, RoomId, SessionId, UserId},
    moderation_log::LogEntry,
    room::{Person, RoomInfo, Rules},
    signal::{Ending, Refusal, ServerSignal},
    stage::StageRequest,
};
use std::net::IpAddr;

/// The number of one person's socket in one room. The voice connection that is made for the socket has the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// The person who opened a socket to a room, as the server identified them before the WebSocket upgrade.
#[derive(Debug, Clone)]
pub struct RoomVisitor {
    pub person: Person,
    pub session: SessionId,
    /// The IP address to which limits apply. For IPv6, this is the first address of the visitor's /64 network, so all
    /// visitors from that network share the limits.
    pub address: IpAddr,
    /// When the account was activated, in unix seconds.
    pub known_since_s: i64,
    /// The TURN servers that the visitor's page may use. The welcome tells the page.
    pub ice_servers: Vec<IceServer>,
    /// The load of the page that opened the socket, if the page has named it. A newer socket of the same session and page takes the
    /// place of an older one.
    pub page: Option<PageId>,
}

/// The person who checks their connection, as the server identified them before the WebSocket upgrade.
#[derive(Debug, Clone)]
pub struct CheckVisitor {
    pub user: UserId,
    pub session: SessionId,
    /// As in [`RoomVisitor`].
    pub address: IpAddr,
}

/// The voice connection about which somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchedVoice {
    /// `None` if the person has no voice connection now.
    pub connection: Option<ConnectionId>,
    /// The person who asks may read the level of the voice over the last time of this length, in milliseconds. What somebody says while
    /// muted is not for others, so for others it is the time since the microphone was opened, and 0 while it is closed.
    pub level_for_ms: u64,
}

/// What the database remembers about a room when the server starts again.
#[derive(Debug, Clone, Default)]
pub struct Restored {
    pub records: Vec<(UserId, ModerationRecord)>,
    /// Oldest entry first.
    pub log: Vec<LogEntry>,
    /// When the owner left the room, in unix seconds, if somebody else has hosted the room since then.
    pub owner_left_at_s: Option<i64>,
}

/// A request to the registry.
#[derive(Debug, Clone)]
pub enum Command {
    /// Opens an empty room. If a room with this id is open already, that room stays as it is.
    Open { info: RoomInfo, restored: Restored },
    /// Ends a room for everybody.
    End { room: RoomId },
    /// Opens a socket to a room without joining it: the person receives the room's signals and is not on the roster. If the same page
    /// has another socket to this room, the new one takes its place, with everything that belongs to it.
    Watch {
        connection: ConnectionId,
        room: RoomId,
        visitor: RoomVisitor,
    },
    /// Opens the socket of a connection check, which is in no room.
    OpenCheck {
        connection: ConnectionId,
        visitor: CheckVisitor,
    },
    /// Makes the person a participant, muted. In a connection check, the voice comes back from now on. Check [`RoomRegistry::may_join`](super::registry::RoomRegistry::may_join)
    /// first.
    Join { connection: ConnectionId },
    /// Closes or opens the microphone of this connection.
    Mute { connection: ConnectionId, on: bool },
    /// Sends this connection's own voice back to it for [`HEAR_YOURSELF_MS`](crate::model::signal::HEAR_YOURSELF_MS).
    HearYourself { connection: ConnectionId },
    /// Asks for something about the stage or the people in the room. The person's role decides whether it is granted.
    StageRequest {
        connection: ConnectionId,
        request: StageRequest,
    },
    /// The voice connection is gone. The person stays in the room, muted.
    Unplug { connection: ConnectionId },
    /// The person left on purpose: if this was their last connection, they are off the roster at once.
    Leave { connection: ConnectionId },
    /// The connection was lost without a goodbye. If its page has a [`PageId`] and a voice connection, the voice goes on until
    /// [`GONE_AFTER_MS`](super::room::GONE_AFTER_MS), because the page may come back with another socket. If it was the person's last connection, the person shows as away after
    /// [`AWAY_AFTER_MS`](super::room::AWAY_AFTER_MS) and leaves the roster after
    /// [`GONE_AFTER_MS`](super::room::GONE_AFTER_MS).
    Lose { connection: ConnectionId },
    /// The person has a new name or face.
    Rename { person: Person },
    /// Ends every socket of a session that was signed out.
    DisconnectSession { session: SessionId },
    /// Ends every socket of a person, on all devices.
    DisconnectUser { user: UserId, why: Ending },
    /// Makes `heir` the owner of a room of `gone`, whose account was deleted. If there is no heir, the room ends for everybody.
    PassOn {
        room: RoomId,
        gone: UserId,
        heir: Option<Person>,
    },
    /// Forgets a person whose account was deleted, in all rooms. End their sockets first.
    Forget { user: UserId },
}

/// A live room of somebody whose account is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomToPassOn {
    pub room: RoomId,
    pub topic: String,
    /// Whether the person owns the room. Otherwise they have only opened it, and `heir` is its owner already.
    pub is_owned: bool,
    /// The owner of the room afterwards; `None` if nobody inside can own it, so that it ends.
    pub heir: Option<Person>,
}

/// What the registry asks the driver to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Send a signal to these connections.
    Tell {
        to: Vec<ConnectionId>,
        signal: ServerSignal,
    },
    /// The registry has dropped this connection: close its socket and its voice connection.
    Forget { connection: ConnectionId },
    /// The socket `to` has taken the place of `from`: move the voice connection, and close the socket `from` with
    /// [`MOVED_CODE`](crate::model::signal::MOVED_CODE).
    Move { from: ConnectionId, to: ConnectionId },
    /// The list of rooms has changed: publish the list at once.
    RoomsChanged,
    /// Somebody in a room on the list of rooms began or stopped speaking: publish that list at the next tick.
    VoicesChanged,
    /// Store this change, so that it survives a restart. It is in effect already: a slow disk must not delay a mute or
    /// a ban.
    Persist { room: RoomId, what: Persist },
    /// This person hosted the room until now, and has perhaps lost the right to be in it. Check their rights again.
    RightsChanged { user: UserId },
    /// Remove this connection from the room. The registry does this itself, before it returns the effects of a command.
    PutOut { connection: ConnectionId, why: Ending },
}

impl Effect {
    /// Sends a signal to one connection.
    pub fn tell(to: ConnectionId, signal: ServerSignal) -> Self {
        Self::Tell { to: vec![to], signal }
    }

    /// Tells a connection why its request was refused.
    pub fn refuse(to: ConnectionId, why: Refusal) -> Self {
        Self::tell(to, ServerSignal::Refused { why })
    }
}

/// A change in a room that must be stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Persist {
    Record {
        user: UserId,
        record: ModerationRecord,
    },
    /// From now on, this person hosts the room and owns it.
    Host(UserId),
    Rules(Rules),
    /// When the owner left the room, in unix seconds; `None` if they are back.
    OwnerLeft {
        at_s: Option<i64>,
    },
    /// An entry of the moderation log that is new, or that has been undone.
    LogEntry(LogEntry),
    /// The person `by` ended the room, or it expired.
    Ended {
        by: Option<UserId>,
    },
}

/// One RTP packet of sound without its payload: what the forwarder needs to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoundPacket {
    /// The number of the sender's RTP stream. Each stream has its own sequence numbers and timestamps.
    pub ssrc: u32,
    /// The RTP sequence number, extended beyond 16 bits so that it does not wrap.
    pub seq: u64,
    /// The RTP timestamp: 48,000 ticks a second (RFC 7587 section 4.1).
    pub time: u32,
    pub marker: bool,
    /// The audio level in dBov, 0 is loudest (RFC 6464 section 3). `None` if the sender reports no level.
    pub level: Option<i8>,
    /// The length of the payload. If the packet came with copies of other packets, they don't count.
    pub bytes: usize,
    /// Whether the packet itself was lost, and this is a copy of it from a later packet. A copy has no level, so `level` is then
    /// the level of the later packet: the two are one or a few frames apart, and a gap would make the page's picture of the voice
    /// flicker.
    pub is_recovered: bool,
}

/// One packet for one listener, with its rewritten RTP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    pub to: ConnectionId,
    /// The listener's slot for this packet: 0, 1 or 2. Each slot carries one voice at a time.
    pub slot: usize,
    pub seq: u64,
    pub time: u32,
    pub marker: bool,
    /// The CSRC (RFC 3550 section 5.1). This number tells the page whose voice the packet carries.
    pub voice: u32,
    /// The oldest packet of the voice that may be copied into this one, by the sender's numbers: the first one that this listener
    /// was sent since the voice took the slot.
    pub copies_from: u64,
    /// How many people with a voice connection are in the room.
    pub people: usize,
}
