//! The handle with which the rest of the server opens rooms, watches them and disconnects people.

use super::{
    StartedDriver, VoiceSetup, VoiceSockets,
    addresses::AddressBook,
    orders::{DriverOrder, DriverOrders},
    outputs::{Outputs, UnsavedChanges},
    relay_addresses::RelayAddresses,
    room_handle::RoomHandle,
    start,
    tcp_handover::TcpHandover,
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
        command::{CheckVisitor, Command, ConnectionId, Restored, RoomToPassOn, RoomVisitor},
        figures::{VoiceCounts, VoiceFigures},
        registry::{Cards, is_listed_for_all},
        roles::ActiveBar,
    },
};
use std::{
    net::{IpAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{broadcast, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// A handle to the voice thread. Cheap to clone.
#[derive(Clone)]
pub struct Voice {
    orders: DriverOrders,
    cards: watch::Receiver<Cards>,
    unsaved: UnsavedChanges,
    next_connection: Arc<AtomicU64>,
    ended: CancellationToken,
    /// The UDP port that all voices use.
    pub udp_port: u16,
    /// The TCP port for people whose network blocks UDP; `None` if nothing listens.
    pub tcp_port: Option<u16>,
    handover: TcpHandover,
    addresses: Arc<AddressBook>,
    relays: Arc<RelayAddresses>,
}

impl Voice {
    /// Uses the sockets that are open already, binds the other ports, and starts the voice thread. `rights` receives the people who have perhaps lost the right to be in
    /// a room. `unix_s` reads the wall clock, in seconds; the thread calls it often, because that clock can jump.
    ///
    /// # Errors
    /// If a port is taken or a socket does not fit, or if no certificate or no thread can be made.
    pub fn start(
        setup: &VoiceSetup,
        sockets: VoiceSockets,
        rights: broadcast::Sender<UserId>,
        unix_s: impl Fn() -> i64 + Send + 'static,
    ) -> anyhow::Result<Self> {
        let (publish, cards) = watch::channel(Cards::from([]));
        let unsaved = UnsavedChanges::default();
        let relays = Arc::new(RelayAddresses::start(setup.relays.clone())?);
        let outputs = Outputs {
            cards: publish,
            unsaved: unsaved.clone(),
            rights,
        };
        let StartedDriver {
            orders,
            udp_port,
            tcp_port,
            handover,
            addresses,
            ended,
        } = start(setup, sockets, outputs, unix_s)?;
        Ok(Self {
            orders,
            cards,
            unsaved,
            next_connection: Arc::default(),
            ended,
            udp_port,
            tcp_port,
            handover,
            addresses,
            relays,
        })
    }

    /// Takes a TCP connection on the port of the site that turned out to be a voice, before anything is read from it. It is closed if no
    /// voices come over TCP, or if there are too many connections.
    pub fn take_over(&self, stream: TcpStream) {
        self.handover.give(stream);
    }

    /// The addresses that browsers are told to send voices to, now.
    pub fn advertised(&self) -> Vec<IpAddr> {
        self.addresses.advertised()
    }

    /// What has gone through since the start.
    pub fn counts(&self) -> &VoiceCounts {
        &self.addresses.setup().counts
    }

    /// How many rooms, people and voice connections there are now. `None` if the voice thread has ended.
    pub async fn read_figures(&self) -> Option<VoiceFigures> {
        let (answer, figures) = oneshot::channel();
        let relays = self.relays.known();
        self.orders.look_up(DriverOrder::ReadFigures { relays, answer }).await;
        figures.await.ok()
    }

    /// Whether the voice thread runs.
    pub fn is_alive(&self) -> bool {
        !self.ended.is_cancelled()
    }

    /// Returns when the voice thread has ended. While handles exist, it ends only by a panic. Cancel safe.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Lets time pass in the rooms, so that a test does not have to wait until a host has been away for a minute. The sockets and
    /// the voice connections don't notice.
    pub fn advance_for_tests(&self, by_ms: u64) {
        self.orders.send_urgent(DriverOrder::Advance { by_ms });
    }

    /// Makes the voice thread panic, so that a test can see what the rest of the server does.
    pub fn panic_for_tests(&self) {
        self.orders.send_urgent(DriverOrder::Panic);
    }

    /// Opens a room. It expires when nobody has been there for
    /// [`EXPIRE_AFTER_MS`](crate::server::voice::room::EXPIRE_AFTER_MS), unless it is permanent.
    pub fn open_room(&self, info: RoomInfo, restored: Restored) {
        self.run(Command::Open { info, restored });
    }

    /// Ends a room for everybody with a socket to it. When this returns, the room is off the list.
    pub async fn end_room(&self, room: RoomId) {
        self.run(Command::End { room: room.clone() });
        // The driver handles urgent orders in sequence, so an answer to this order means that the room has ended.
        let (answer, gone) = oneshot::channel();
        self.orders.send_urgent(DriverOrder::Find { room, answer });
        let _ = gone.await;
    }

    /// Opens a socket to a room, without joining; the first signal is `welcome`. `None` if there is no such room, or if
    /// its hosts have removed or banned this person.
    pub async fn watch(&self, room: RoomId, visitor: RoomVisitor) -> Option<RoomHandle> {
        let connection = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        // Make the handle before the await: if this future is dropped, the handle's `Drop` removes the connection
        // again.
        let (handle, tell) = RoomHandle::new(connection, self.orders.clone());
        let (answer, known) = oneshot::channel();
        let watch = DriverOrder::Watch {
            connection,
            room,
            visitor,
            tell,
            answer,
        };
        self.orders.look_up(watch).await;
        known.await.unwrap_or(false).then_some(handle)
    }

    /// Opens the socket of a connection check. Its voice connection is in no room, and gets its own voice back.
    pub async fn check(&self, visitor: CheckVisitor) -> RoomHandle {
        let connection = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        // As in `watch`: make the handle before the await.
        let (handle, tell) = RoomHandle::new(connection, self.orders.clone());
        let (answer, opened) = oneshot::channel();
        let open = DriverOrder::OpenCheck {
            connection,
            visitor,
            tell,
            answer,
        };
        self.orders.look_up(open).await;
        // An error means that the driver has ended. Then the socket's queue of signals has ended too.
        let _ = opened.await;
        handle
    }

    /// A room's info and roster; `None` if there is no such live room.
    pub async fn find_room(&self, room: RoomId) -> Option<RoomPage> {
        let (answer, page) = oneshot::channel();
        self.orders.look_up(DriverOrder::Find { room, answer }).await;
        page.await.ok().flatten()
    }

    /// The role of a user in a room, and their removal or ban, if there is one. `None` if the room is not live.
    pub async fn find_role_and_ban(&self, room: RoomId, user: UserId) -> Option<(Role, Option<Barred>)> {
        let (answer, record) = oneshot::channel();
        self.orders
            .look_up(DriverOrder::FindRoleAndBan { room, user, answer })
            .await;
        record.await.ok().flatten()
    }

    /// The removal or ban of a user in a room, unless it is over, with the host who decided it. `None` also if the room is not live.
    pub async fn find_active_bar(&self, room: RoomId, user: UserId) -> Option<ActiveBar> {
        let (answer, bar) = oneshot::channel();
        self.orders
            .look_up(DriverOrder::FindActiveBar { room, user, answer })
            .await;
        bar.await.ok().flatten()
    }

    /// The host who has let a user back into a room not long ago, after a removal or a ban. `None` also if the room is not live.
    pub async fn find_who_let_in(&self, room: RoomId, user: UserId) -> Option<Person> {
        let (answer, host) = oneshot::channel();
        self.orders
            .look_up(DriverOrder::FindWhoLetIn { room, user, answer })
            .await;
        host.await.ok().flatten()
    }

    /// The live rooms that `user` owns or has opened, each with its owner after the account of `user` is deleted.
    ///
    /// # Errors
    /// If the voice thread has ended.
    pub async fn find_rooms_to_pass_on(&self, user: UserId) -> anyhow::Result<Vec<RoomToPassOn>> {
        let (answer, rooms) = oneshot::channel();
        self.orders
            .look_up(DriverOrder::FindRoomsToPassOn { user, answer })
            .await;
        Ok(rooms.await?)
    }

    /// Gives a room of `gone`, whose account was deleted, to `heir`. If there is no heir, the room ends for everybody in it.
    pub fn pass_on(&self, room: RoomId, gone: UserId, heir: Option<Person>) {
        self.run(Command::PassOn { room, gone, heir });
    }

    /// Makes all rooms forget somebody whose account was deleted. Disconnect the person first.
    pub fn forget(&self, user: UserId) {
        self.run(Command::Forget { user });
    }

    /// Shows a person's new name and face in every room.
    pub fn rename(&self, person: Person) {
        self.run(Command::Rename { person });
    }

    /// Ends every socket and voice connection of a session.
    pub fn disconnect_session(&self, session: SessionId) {
        self.run(Command::DisconnectSession { session });
    }

    /// Ends every socket and voice connection of a person, and tells each page why.
    pub fn disconnect_user(&self, user: UserId, why: Ending) {
        self.run(Command::DisconnectUser { user, why });
    }

    /// A receiver of the listed rooms, which is notified whenever they change.
    pub fn watch_rooms(&self) -> watch::Receiver<Cards> {
        self.cards.clone()
    }

    /// How many rooms are active and open to everyone.
    pub fn count_open_rooms(&self) -> usize {
        self.cards
            .borrow()
            .iter()
            .filter(|card| is_listed_for_all(card))
            .count()
    }

    /// The changes of rooms that are not in the database yet.
    pub fn unsaved(&self) -> UnsavedChanges {
        self.unsaved.clone()
    }

    /// Waits until all earlier requests of people are carried out. Their changes are then in [`Voice::unsaved`].
    pub async fn flush(&self) {
        let (answer, done) = oneshot::channel();
        self.orders.after_requests(DriverOrder::Flush { answer }).await;
        // An error means that the driver has ended, so nothing is left to carry out.
        let _ = done.await;
    }

    fn run(&self, command: Command) {
        self.orders.send_urgent(DriverOrder::Run(command));
    }
}
