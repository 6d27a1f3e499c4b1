//! The orders that handles send to the driver, and the three queues in which they reach its thread.
//!
//! Orders of the server itself, such as opening a room or disconnecting a person, are *urgent*: they are few, each of them must
//! arrive, and the driver handles them first. The driver also handles an urgent order before any request or lookup that was sent after
//! it. *Requests* of people and *lookups* wait in two queues of limited length. If the queue of requests is full, the sender is told at
//! once. If the queue of lookups is full, the HTTP request that needs the answer waits. So requests and lookups can't delay the urgent
//! orders or fill the memory.

use crate::{
    model::{
        id::{RoomId, UserId},
        moderation_log::Barred,
        room::RoomPage,
        stage::Role,
    },
    server::voice::command::{Command, ConnectionId, RoomVisitor},
};
use bytes::Bytes;
use std::{
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
        tell: mpsc::Sender<Bytes>,
        answer: oneshot::Sender<bool>,
    },
    Join {
        connection: ConnectionId,
        sdp: String,
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
mod tests {
    use super::*;
    use crate::model::id::SessionId;
    use std::time::Duration;

    fn queues() -> (DriverOrders, DriverInbox, mio::Poll) {
        let poll = mio::Poll::new().expect("a poll");
        let waker = mio::Waker::new(poll.registry(), mio::Token(0)).expect("a waker");
        let (orders, inbox) = DriverOrders::new(Arc::new(waker));
        (orders, inbox, poll)
    }

    fn mute(number: u64) -> DriverOrder {
        DriverOrder::Run(Command::Mute {
            connection: ConnectionId(number),
            on: true,
        })
    }

    fn lose(number: u64) -> Command {
        Command::Lose {
            connection: ConnectionId(number),
        }
    }

    /// The connections of the requests that wait, in order.
    fn requests(inbox: &mut DriverInbox) -> Vec<u64> {
        let mut seen = vec![];
        let until = Instant::now() + Duration::from_secs(5);
        inbox.handle_requests(until, |order| match order {
            DriverOrder::Run(Command::Mute { connection, .. } | Command::Lose { connection }) => {
                seen.push(connection.0)
            }
            _ => panic!("not sent"),
        });
        seen
    }

    #[test]
    fn a_full_queue_refuses_requests_and_still_takes_urgent_orders_and_ends() {
        let (orders, mut inbox, _poll) = queues();
        for number in 0..REQUESTS_MAX as u64 {
            assert_eq!(orders.try_request(mute(number)), Ok(()));
        }
        assert_eq!(orders.try_request(mute(0)), Err(QueueFull));
        let session = SessionId::parse("session-of-ada").expect("an id");
        orders.send_urgent(DriverOrder::Run(Command::DisconnectSession { session }));
        orders.send_end(lose(7));
        let mut urgent = vec![];
        assert_eq!(inbox.handle_urgent(|order| urgent.push(order)), Ok(()));
        assert!(matches!(
            urgent[..],
            [
                DriverOrder::Run(Command::DisconnectSession { .. }),
                DriverOrder::Run(Command::Lose { .. })
            ]
        ));
        assert_eq!(requests(&mut inbox).len(), REQUESTS_MAX);
        assert_eq!(orders.try_request(mute(0)), Ok(()));
    }

    #[test]
    fn the_end_of_a_socket_comes_after_its_own_requests() {
        let (orders, mut inbox, _poll) = queues();
        assert_eq!(orders.try_request(mute(1)), Ok(()));
        orders.send_end(lose(2));
        assert_eq!(requests(&mut inbox), [1, 2]);
    }

    #[test]
    fn a_pass_handles_one_request_and_stops_when_its_time_is_over() {
        let (orders, mut inbox, _poll) = queues();
        for number in 0..3 {
            assert_eq!(orders.try_request(mute(number)), Ok(()));
        }
        let mut handled = 0;
        let past = Instant::now();
        assert!(inbox.handle_requests(past, |_| handled += 1));
        assert_eq!(handled, 1);
        assert_eq!(requests(&mut inbox), [1, 2]);
    }

    #[test]
    fn an_urgent_order_that_arrives_during_a_pass_comes_before_the_orders_that_were_sent_after_it() {
        let (orders, mut inbox, _poll) = queues();
        assert_eq!(inbox.handle_urgent(|_| panic!("nothing was sent")), Ok(()));
        let until = Instant::now() + Duration::from_secs(5);
        let seen = std::cell::RefCell::new(vec![]);
        let note = |order| match order {
            DriverOrder::Run(Command::Mute { connection, .. }) => seen.borrow_mut().push(connection.0),
            _ => panic!("not sent"),
        };
        orders.send_urgent(mute(1));
        assert_eq!(orders.try_request(mute(2)), Ok(()));
        inbox.handle_requests(until, note);
        orders.send_urgent(mute(3));
        assert!(orders.lookups.try_send(mute(4)).is_ok());
        inbox.handle_lookups(until, note);
        assert_eq!(seen.take(), [1, 2, 3, 4]);
    }

    #[test]
    fn a_lookup_waits_while_the_queue_is_full_and_the_driver_learns_that_all_handles_are_gone() {
        let (orders, mut inbox, _poll) = queues();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            for number in 0..LOOKUPS_MAX as u64 {
                orders.look_up(mute(number)).await;
            }
            let waits = tokio::time::timeout(Duration::from_millis(20), orders.look_up(mute(0))).await;
            assert!(waits.is_err(), "the queue has a limit");
        });
        let mut handled = 0;
        inbox.handle_lookups(Instant::now() + Duration::from_secs(5), |_| handled += 1);
        assert_eq!(handled, LOOKUPS_MAX);
        drop(orders);
        assert_eq!(inbox.handle_urgent(|_| ()), Err(NoMoreOrders));
    }
}
