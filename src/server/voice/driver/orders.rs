//! The orders that handles send to the driver, and the three queues in which they reach its thread.
//!
//! Orders of the server itself, such as opening a room or disconnecting a person, are *urgent*: they are few, each of them must
//! arrive, and the driver handles them first. The driver also handles an urgent order before any request or lookup that was sent after
//! it. *Requests* of people and *lookups* wait in two queues of limited length. If the queue of requests is full, the sender is told at
//! once. If the queue of lookups is full, the HTTP request that needs the answer waits. So requests and lookups can't delay the urgent
//! orders or fill the memory.

use super::socket_signals::SocketSender;
use crate::{
    model::{
        id::{RoomId, UserId},
        moderation_log::Barred,
        room::{Person, RoomPage},
        stage::Role,
    },
    server::voice::{
        command::{CheckVisitor, Command, ConnectionId, RoomToPassOn, RoomVisitor},
        figures::VoiceFigures,
        roles::ActiveBar,
    },
};
use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{
        Arc,
        mpsc::{self as std_mpsc, TryRecvError},
    },
    time::Instant,
};
use tokio::sync::{mpsc, oneshot};

/// How many requests of people may wait. The driver handles at least 10,000 of them in a second.
const REQUESTS_MAX: usize = 1_024;
/// How many lookups of HTTP requests may wait.
const LOOKUPS_MAX: usize = 1_024;

/// An order to the driver.
pub enum DriverOrder {
    Run(Command),
    Watch {
        connection: ConnectionId,
        room: RoomId,
        visitor: RoomVisitor,
        /// Receives the socket's signals, as JSON.
        tell: SocketSender,
        answer: oneshot::Sender<bool>,
    },
    Join {
        connection: ConnectionId,
        sdp: String,
    },
    /// Restarts ICE for the voice connection of this socket.
    RestartIce {
        connection: ConnectionId,
        sdp: String,
    },
    /// Opens the socket of a connection check.
    OpenCheck {
        connection: ConnectionId,
        visitor: CheckVisitor,
        /// Receives the socket's signals, as JSON.
        tell: SocketSender,
        answer: oneshot::Sender<()>,
    },
    /// Tells this socket about the voice connection of a person, once in a second; `None` ends that.
    WatchFacts {
        connection: ConnectionId,
        of: Option<UserId>,
    },
    Find {
        room: RoomId,
        answer: oneshot::Sender<Option<RoomPage>>,
    },
    FindRoleAndBan {
        room: RoomId,
        user: UserId,
        answer: oneshot::Sender<Option<(Role, Option<Barred>)>>,
    },
    FindActiveBar {
        room: RoomId,
        user: UserId,
        answer: oneshot::Sender<Option<ActiveBar>>,
    },
    FindWhoLetIn {
        room: RoomId,
        user: UserId,
        answer: oneshot::Sender<Option<Person>>,
    },
    FindRoomsToPassOn {
        user: UserId,
        answer: oneshot::Sender<Vec<RoomToPassOn>>,
    },
    /// Counts rooms, people and peers. `relays` has the addresses of the TURN servers.
    ReadFigures {
        relays: Arc<HashSet<IpAddr>>,
        answer: oneshot::Sender<VoiceFigures>,
    },
    /// Lets time pass in the rooms, for tests.
    Advance {
        by_ms: u64,
    },
    /// Makes the voice thread panic, for tests.
    Panic,
    /// Answers when all orders before it in the same queue are carried out.
    Flush {
        answer: oneshot::Sender<()>,
    },
}

/// The queue of requests is full, so this request was not taken. Its sender must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueFull;

/// The sending ends of the queues. Cheap to clone; the driver ends when the last clone is dropped.
#[derive(Clone)]
pub struct DriverOrders {
    /// `None` only while this value is being dropped.
    urgent: Option<std_mpsc::Sender<DriverOrder>>,
    requests: mpsc::Sender<DriverOrder>,
    lookups: mpsc::Sender<DriverOrder>,
    waker: Arc<mio::Waker>,
}

/// The receiving ends of the queues.
pub struct DriverInbox {
    urgent: std_mpsc::Receiver<DriverOrder>,
    requests: mpsc::Receiver<DriverOrder>,
    lookups: mpsc::Receiver<DriverOrder>,
}

/// All handles were dropped, so no more orders will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoMoreOrders;

impl DriverOrders {
    /// Both ends of new queues; `waker` wakes the driver when an order is there.
    pub fn new(waker: Arc<mio::Waker>) -> (Self, DriverInbox) {
        let (urgent, urgent_inbox) = std_mpsc::channel();
        let (requests, requests_inbox) = mpsc::channel(REQUESTS_MAX);
        let (lookups, lookups_inbox) = mpsc::channel(LOOKUPS_MAX);
        let orders = Self {
            urgent: Some(urgent),
            requests,
            lookups,
            waker,
        };
        let inbox = DriverInbox {
            urgent: urgent_inbox,
            requests: requests_inbox,
            lookups: lookups_inbox,
        };
        (orders, inbox)
    }

    /// Sends an order that the driver handles before all others. Use this only for orders of the server itself, so that people can't
    /// fill this queue.
    pub fn send_urgent(&self, order: DriverOrder) {
        // If the driver has ended, the error can be ignored: the order is dropped, and its sender gets an error instead of an answer.
        if let Some(urgent) = &self.urgent {
            let _ = urgent.send(order);
        }
        self.wake();
    }

    /// Sends a request of a person.
    ///
    /// # Errors
    /// `QueueFull`.
    pub fn try_request(&self, order: DriverOrder) -> Result<(), QueueFull> {
        let sent = self.requests.try_send(order);
        self.wake();
        match sent {
            Err(mpsc::error::TrySendError::Full(_)) => Err(QueueFull),
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
        }
    }

    /// Tells the driver that a socket has ended. This order is never lost. The driver handles it after the socket's own requests, unless
    /// the queue of requests is full: then the order overtakes all requests that wait.
    pub fn send_end(&self, end: Command) {
        match self.requests.try_send(DriverOrder::Run(end)) {
            Err(mpsc::error::TrySendError::Full(end)) => self.send_urgent(end),
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => self.wake(),
        }
    }

    /// Sends an order that the driver handles after all requests that wait now. Waits, without blocking the thread, while the queue of
    /// requests is full.
    pub async fn after_requests(&self, order: DriverOrder) {
        let _ = self.requests.send(order).await;
        self.wake();
    }

    /// Sends a lookup. Waits, without blocking the thread, while the queue of lookups is full. Cancel safe: if the future is dropped
    /// while it waits, nothing is sent.
    pub async fn look_up(&self, order: DriverOrder) {
        let _ = self.lookups.send(order).await;
        self.wake();
    }

    fn wake(&self) {
        // If the driver has ended, nobody has to wake up.
        let _ = self.waker.wake();
    }
}

impl Drop for DriverOrders {
    fn drop(&mut self) {
        // Drop the sender before the wake-up, so that the driver finds the queue disconnected if this was the last sender.
        self.urgent = None;
        self.wake();
    }
}

impl DriverInbox {
    /// Handles all urgent orders.
    ///
    /// # Errors
    /// `NoMoreOrders`.
    pub fn handle_urgent(&mut self, mut handle: impl FnMut(DriverOrder)) -> Result<(), NoMoreOrders> {
        loop {
            match self.urgent.try_recv() {
                Ok(order) => handle(order),
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(NoMoreOrders),
            }
        }
    }

    /// Handles requests of people, at least one, and stops at the time `until`. Handles urgent orders that were sent before a request
    /// first. True if some requests are left.
    pub fn handle_requests(&mut self, until: Instant, handle: impl FnMut(DriverOrder)) -> bool {
        handle_some((&self.urgent, &mut self.requests), until, handle)
    }

    /// Handles lookups, at least one, and stops at the time `until`. Handles urgent orders that were sent before a lookup first. True if
    /// some lookups are left.
    pub fn handle_lookups(&mut self, until: Instant, handle: impl FnMut(DriverOrder)) -> bool {
        handle_some((&self.urgent, &mut self.lookups), until, handle)
    }
}

fn handle_some(
    (urgent, orders): (&std_mpsc::Receiver<DriverOrder>, &mut mpsc::Receiver<DriverOrder>),
    until: Instant,
    mut handle: impl FnMut(DriverOrder),
) -> bool {
    while let Ok(order) = orders.try_recv() {
        // Urgent orders can arrive after this pass has handled them. A person can enter a room as soon as it is open, so the order that
        // opened the room must not wait for the next pass.
        urgent.try_iter().for_each(&mut handle);
        handle(order);
        if Instant::now() >= until {
            return !orders.is_empty();
        }
    }
    false
}

#[cfg(test)]
mod tests;
