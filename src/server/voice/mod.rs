//! The voice: who is in which room, and what they hear. A handle leaves orders for the driver; what changed comes back
//! by channels.
//!
//! `registry`, `room`, `participant`, `forwarder`, `rtp_rewriter`, `speaking`, `demux`, `budget` are pure (commands and `now` in, effects
//! out). Sockets, clocks and threads stand only here and in `driver`.

pub mod command;
mod demux;
mod driver;
mod egress;
pub mod forwarder;
mod moderation_journal;
mod participant;
mod peer;
mod peers;
pub mod registry;
pub mod roles;
pub mod room;
pub mod rtp_rewriter;
mod sdp;
pub mod speaking;
pub mod token_bucket;

use crate::model::{
    id::{RoomId, SessionId, UserId},
    moderation_log::Barred,
    room::{Person, RoomCard, RoomInfo, RoomPage},
    signal::Ending,
    stage::{Role, StageRequest},
};
use bytes::Bytes;
use command::{Command, ConnectionId, Persist, Restored, RoomVisitor};
use driver::{DriverOrder, DriverOrders};
use registry::VoiceCaps;
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot, watch};

/// The active rooms, newest first; shared by every reader.
pub type Cards = Arc<[Arc<RoomCard>]>;

/// So many signals may wait for a socket. Who lets more pile up is taken to be gone.
const SIGNALS_MAX: usize = 512;

/// What the voice is started with.
#[derive(Debug, Clone)]
pub struct VoiceSetup {
    /// 0 takes any free port.
    pub udp_port: u16,
    /// The addresses that browsers are told; empty means every interface of the machine.
    pub advertise: Vec<IpAddr>,
    pub caps: VoiceCaps,
}

/// The handle. Cheap to clone.
#[derive(Clone)]
pub struct Voice {
    orders: DriverOrders,
    cards: watch::Receiver<Cards>,
    next_connection: Arc<AtomicU64>,
    /// Where all voices come in.
    pub udp_port: u16,
}

/// One socket at a room: what it is told comes out of `signals`, as JSON; dropping it is losing the connection.
pub struct RoomHandle {
    pub signals: mpsc::Receiver<Bytes>,
    connection: ConnectionId,
    orders: DriverOrders,
    left: bool,
}

impl RoomHandle {
    /// Offers to become a participant; the answer, or why not, is a signal.
    pub fn join(&self, sdp: String) {
        self.orders.leave(DriverOrder::Join {
            connection: self.connection,
            sdp,
        });
    }

    pub fn mute(&self, on: bool) {
        self.run(Command::Mute {
            connection: self.connection,
            on,
        });
    }

    pub fn hear_yourself(&self) {
        self.run(Command::HearYourself {
            connection: self.connection,
        });
    }

    /// Asks the room for something; a refusal is a signal.
    pub fn request(&self, request: StageRequest) {
        self.run(Command::StageRequest {
            connection: self.connection,
            request,
        });
    }

    /// Leaves on purpose: gone at once.
    pub fn leave(mut self) {
        self.left = true;
        self.run(Command::Leave {
            connection: self.connection,
        });
    }

    fn run(&self, command: Command) {
        self.orders.leave(DriverOrder::Run(command));
    }
}

impl Drop for RoomHandle {
    fn drop(&mut self) {
        if !self.left {
            self.run(Command::Lose {
                connection: self.connection,
            });
        }
    }
}

impl Voice {
    /// Binds the UDP port and starts the thread that all voices go through.
    ///
    /// # Errors
    /// Where the port is taken.
    pub fn start(setup: &VoiceSetup) -> anyhow::Result<Self> {
        let (publish, cards) = watch::channel(Cards::from([]));
        let (orders, udp_port) = driver::start(setup, publish)?;
        Ok(Self {
            orders,
            cards,
            next_connection: Arc::default(),
            udp_port,
        })
    }

    /// Makes a room that people can enter. It fades when nobody has been there for [`room::EXPIRE_AFTER_MS`].
    pub fn open_room(&self, info: RoomInfo, restored: Restored) {
        self.run(Command::Open { info, restored });
    }

    /// Ends a room for everybody who is inside or looks in. Once this is done, the list has it no more.
    pub async fn end_room(&self, room: RoomId) {
        self.run(Command::End { room: room.clone() });
        // Orders are obeyed one after the other.
        self.find_room(room).await;
    }

    /// Looks into a room; the first signal is `welcome`. `None` where there is no such room, or its hosts have put this person out.
    pub async fn watch(&self, room: RoomId, visitor: RoomVisitor) -> Option<RoomHandle> {
        let connection = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        let (tell, signals) = mpsc::channel(SIGNALS_MAX);
        let (answer, known) = oneshot::channel();
        self.orders.leave(DriverOrder::Watch {
            connection,
            room,
            visitor,
            tell,
            answer,
        });
        // Made before the wait: should this future be dropped, the connection is given back.
        let handle = RoomHandle {
            signals,
            connection,
            orders: self.orders.clone(),
            left: false,
        };
        known.await.unwrap_or(false).then_some(handle)
    }

    /// A room's info and roster; `None` where there is no such live room.
    pub async fn find_room(&self, room: RoomId) -> Option<RoomPage> {
        let (answer, page) = oneshot::channel();
        self.orders.leave(DriverOrder::Find { room, answer });
        page.await.ok().flatten()
    }

    /// What somebody is in a live room, and how its hosts have put them out, if they have.
    pub async fn find_role_and_ban(&self, room: RoomId, user: UserId) -> Option<(Role, Option<Barred>)> {
        let (answer, record) = oneshot::channel();
        self.orders.leave(DriverOrder::FindRoleAndBan { room, user, answer });
        record.await.ok().flatten()
    }

    /// Everyone sees the new name and face.
    pub fn rename(&self, person: Person) {
        self.run(Command::Rename { person });
    }

    /// Ends every socket and voice connection of a session.
    pub fn disconnect_session(&self, session: SessionId) {
        self.run(Command::DisconnectSession { session });
    }

    /// Ends every socket and voice connection of a person, and says why.
    pub fn disconnect_user(&self, user: UserId, why: Ending) {
        self.run(Command::DisconnectUser { user, why });
    }

    /// The active rooms as they are, and a wake-up whenever they change.
    pub fn watch_rooms(&self) -> watch::Receiver<Cards> {
        self.cards.clone()
    }

    /// How many rooms are lit and open to everyone.
    pub fn count_open_rooms(&self) -> usize {
        self.cards
            .borrow()
            .iter()
            .filter(|card| registry::is_listed_for_all(card))
            .count()
    }

    /// What of rooms must be kept, as it comes about. Asked for once, by whoever keeps the rows.
    pub fn on_persist(&self, tell: mpsc::UnboundedSender<(RoomId, Persist)>) {
        self.orders.leave(DriverOrder::OnPersist(tell));
    }

    fn run(&self, command: Command) {
        self.orders.leave(DriverOrder::Run(command));
    }
}
