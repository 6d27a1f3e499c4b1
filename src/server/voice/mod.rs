//! The voice: who is in which room, and what they hear. A handle leaves orders for the driver; what changed comes back
//! by channels.
//!
//! `hall`, `room`, `seat`, `forwarder`, `lane`, `speaking`, `demux`, `budget` are pure (commands and `now` in, effects
//! out). Sockets, clocks and threads stand only here and in `driver`.

pub mod budget;
pub mod command;
mod demux;
mod driver;
mod egress;
pub mod forwarder;
pub mod hall;
pub mod lane;
mod offer;
mod peer;
mod peers;
pub mod room;
mod seat;
pub mod speaking;

use crate::model::{
    id::{RoomId, SessionId, UserId},
    room::{Person, RoomCard, RoomPage, Sign},
};
use bytes::Bytes;
use command::{Command, ConnectionId, Visitor};
use driver::{Order, Orders};
use hall::Caps;
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot, watch};

/// The rooms that are lit, newest first; shared by every reader.
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
    pub caps: Caps,
}

/// The handle. Cheap to clone.
#[derive(Clone)]
pub struct Voice {
    orders: Orders,
    cards: watch::Receiver<Cards>,
    next_connection: Arc<AtomicU64>,
    /// Where all voices come in.
    pub udp_port: u16,
}

/// One socket at a room: what it is told comes out of `signals`, as JSON; dropping it is losing the line.
pub struct Line {
    pub signals: mpsc::Receiver<Bytes>,
    connection: ConnectionId,
    orders: Orders,
    left: bool,
}

impl Line {
    /// Offers to become a participant; the answer, or why not, is a signal.
    pub fn join(&self, sdp: String) {
        self.orders.leave(Order::Join {
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

    /// Leaves on purpose: gone at once.
    pub fn leave(mut self) {
        self.left = true;
        self.run(Command::Leave {
            connection: self.connection,
        });
    }

    fn run(&self, command: Command) {
        self.orders.leave(Order::Run(command));
    }
}

impl Drop for Line {
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

    /// Makes a room that people can enter. It fades when nobody has been there for [`room::FADE_AFTER_MS`].
    pub fn open_room(&self, sign: Sign) {
        self.run(Command::Open { sign });
    }

    /// Looks into a room; the first signal is `welcome`. `None` where there is no such room.
    pub async fn watch(&self, room: RoomId, visitor: Visitor) -> Option<Line> {
        let connection = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        let (tell, signals) = mpsc::channel(SIGNALS_MAX);
        let (answer, known) = oneshot::channel();
        self.orders.leave(Order::Watch {
            connection,
            room,
            visitor,
            tell,
            answer,
        });
        // Made before the wait: should this future be dropped, the connection is given back.
        let line = Line {
            signals,
            connection,
            orders: self.orders.clone(),
            left: false,
        };
        known.await.unwrap_or(false).then_some(line)
    }

    /// A room's sign and roster; `None` where there is no such live room.
    pub async fn find_room(&self, room: RoomId) -> Option<RoomPage> {
        let (answer, page) = oneshot::channel();
        self.orders.leave(Order::Find { room, answer });
        page.await.ok().flatten()
    }

    /// Everyone sees the new name and face.
    pub fn rename(&self, person: Person) {
        self.run(Command::Rename { person });
    }

    /// Ends every socket and voice connection of a session.
    pub fn cut_session(&self, session: SessionId) {
        self.run(Command::CutSession { session });
    }

    /// Ends every socket and voice connection of a person whose account was switched off.
    pub fn cut_user(&self, user: UserId) {
        self.run(Command::CutUser { user });
    }

    /// Ends a room for everybody in it; it fades at once.
    pub fn end_room(&self, room: RoomId) {
        self.run(Command::End { room });
    }

    /// The lit rooms as they are, and a wake-up whenever they change.
    pub fn watch_rooms(&self) -> watch::Receiver<Cards> {
        self.cards.clone()
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
        self.orders.leave(Order::OnFade(tell));
    }

    fn run(&self, command: Command) {
        self.orders.leave(Order::Run(command));
    }
}
