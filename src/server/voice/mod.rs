//! The live rooms: who is inside. A handle sends commands to the driver; what changed comes back by channels.
//!
//! `hall` is pure (commands and `now` in, effects out). Sockets, clocks and tasks stand only here and in `driver`.

pub mod command;
mod driver;
pub mod hall;
pub mod room;

use crate::model::{
    id::{RoomId, SessionId, UserId},
    room::{Person, RoomCard, RoomPage, Sign},
    signal::ServerSignal,
};
use command::{Command, ConnectionId};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::{mpsc, oneshot, watch};

/// The rooms that are lit, newest first; shared by every reader.
pub type Cards = Arc<[RoomCard]>;

/// The handle of the live rooms. Cheap to clone.
#[derive(Clone)]
pub struct Voice {
    orders: mpsc::UnboundedSender<driver::Order>,
    cards: watch::Receiver<Cards>,
    next_connection: Arc<AtomicU64>,
}

/// One socket in a room: what it is told comes out of `signals`; dropping it is losing the line.
pub struct Seat {
    pub signals: mpsc::UnboundedReceiver<ServerSignal>,
    connection: ConnectionId,
    orders: mpsc::UnboundedSender<driver::Order>,
    left: bool,
}

impl Seat {
    /// Leaves on purpose: gone at once.
    pub fn leave(mut self) {
        self.left = true;
        let _ = self.orders.send(driver::Order::Run(Command::Leave {
            connection: self.connection,
        }));
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if !self.left {
            let _ = self.orders.send(driver::Order::Run(Command::Lose {
                connection: self.connection,
            }));
        }
    }
}

impl Voice {
    /// Starts the driver. Must be called within a tokio runtime.
    pub fn start() -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        let (publish, cards) = watch::channel(Cards::from([]));
        tokio::spawn(driver::run(inbox, publish));
        Self {
            orders,
            cards,
            next_connection: Arc::default(),
        }
    }

    /// Makes a room that people can enter. It fades when nobody has been inside for [`room::FADE_AFTER_MS`].
    pub fn open_room(&self, sign: Sign) {
        self.send(Command::Open { sign });
    }

    /// Takes a seat; the first signal is `joined`. `None` where there is no such room.
    pub async fn enter(&self, room: RoomId, person: Person, session: SessionId) -> Option<Seat> {
        let connection = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        let (tell, signals) = mpsc::unbounded_channel();
        let (answer, entered) = oneshot::channel();
        let _ = self.orders.send(driver::Order::Enter {
            connection,
            room,
            person,
            session,
            tell,
            answer,
        });
        // Made before the wait: should this future be dropped, the seat is given back.
        let seat = Seat {
            signals,
            connection,
            orders: self.orders.clone(),
            left: false,
        };
        entered.await.unwrap_or(false).then_some(seat)
    }

    /// A room's sign and roster; `None` where there is no such live room.
    pub async fn find_room(&self, room: RoomId) -> Option<RoomPage> {
        let (answer, page) = oneshot::channel();
        let _ = self.orders.send(driver::Order::Find { room, answer });
        page.await.ok().flatten()
    }

    /// Everyone sees the new name and face.
    pub fn rename(&self, person: Person) {
        self.send(Command::Rename { person });
    }

    /// Ends every socket of a session.
    pub fn cut_session(&self, session: SessionId) {
        self.send(Command::CutSession { session });
    }

    /// The lit rooms as they are, and a wake-up whenever they change.
    pub fn watch_rooms(&self) -> watch::Receiver<Cards> {
        self.cards.clone()
    }

    /// The lit rooms that `user` may see on the list: open ones, and those they opened or sit in.
    pub fn list_rooms(&self, user: &UserId) -> Vec<RoomCard> {
        visible_to(&self.cards.borrow(), user)
    }

    /// How many rooms are lit and open to everyone.
    pub fn count_open_rooms(&self) -> usize {
        self.cards
            .borrow()
            .iter()
            .filter(|card| hall::is_listed_for_all(card))
            .count()
    }

    /// Rooms that have faded, as they fade. Asked for once, by whoever keeps the rows.
    pub fn on_fade(&self, tell: mpsc::UnboundedSender<RoomId>) {
        let _ = self.orders.send(driver::Order::OnFade(tell));
    }

    fn send(&self, command: Command) {
        let _ = self.orders.send(driver::Order::Run(command));
    }
}

/// Of `cards` those that `user` may see.
pub fn visible_to(cards: &[RoomCard], user: &UserId) -> Vec<RoomCard> {
    let may_see = |card: &&RoomCard| {
        hall::is_listed_for_all(card)
            || card.sign.host.id == *user
            || card.people.iter().any(|person| person.id == *user)
    };
    cards.iter().filter(may_see).cloned().collect()
}
