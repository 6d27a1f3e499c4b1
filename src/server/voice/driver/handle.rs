//! The handle of the voice: what the rest of the server asks of it.

use super::{
    VoiceSetup,
    orders::{DriverOrder, DriverOrders},
    room_handle::RoomHandle,
    start,
};
use crate::{
    model::{
        id::{RoomId, SessionId, UserId},
        moderation_log::Barred,
        room::{Person, RoomInfo, RoomPage},
        signal::Ending,
        stage::Role,
    },
    server::voice::{
        command::{Command, ConnectionId, Persist, Restored, RoomVisitor},
        registry::{Cards, is_listed_for_all},
    },
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::{mpsc, oneshot, watch};

/// The handle. Cheap to clone.
#[derive(Clone)]
pub struct Voice {
    orders: DriverOrders,
    cards: watch::Receiver<Cards>,
    next_connection: Arc<AtomicU64>,
    /// The port that all voices come in at.
    pub udp_port: u16,
}

impl Voice {
    /// Binds the UDP port and starts the thread that all voices go through.
    ///
    /// # Errors
    /// If the port is taken.
    pub fn start(setup: &VoiceSetup) -> anyhow::Result<Self> {
        let (publish, cards) = watch::channel(Cards::from([]));
        let (orders, udp_port) = start(setup, publish)?;
        Ok(Self {
            orders,
            cards,
            next_connection: Arc::default(),
            udp_port,
        })
    }

    /// Makes a room that people can enter. It fades when nobody has been there for [`EXPIRE_AFTER_MS`](crate::server::voice::room::EXPIRE_AFTER_MS).
    pub fn open_room(&self, info: RoomInfo, restored: Restored) {
        self.run(Command::Open { info, restored });
    }

    /// Ends a room for everybody who is inside or looks in. Once this is done, the list does not have it any more.
    pub async fn end_room(&self, room: RoomId) {
        self.run(Command::End { room: room.clone() });
        // Orders are obeyed one after the other.
        self.find_room(room).await;
    }

    /// Looks into a room; the first signal is `welcome`. `None` if there is no such room, or if
    /// its hosts have put this person out.
    pub async fn watch(&self, room: RoomId, visitor: RoomVisitor) -> Option<RoomHandle> {
        let connection = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        // Made before the wait: should this future be dropped, the connection is given back.
        let (handle, tell) = RoomHandle::new(connection, self.orders.clone());
        let (answer, known) = oneshot::channel();
        self.orders.leave(DriverOrder::Watch {
            connection,
            room,
            visitor,
            tell,
            answer,
        });
        known.await.unwrap_or(false).then_some(handle)
    }

    /// A room's info and roster; `None` if there is no such live room.
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
            .filter(|card| is_listed_for_all(card))
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
