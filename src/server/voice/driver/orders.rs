//! The orders that handles send to the driver, and the queue in which they reach its thread.

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
use std::sync::{
    Arc,
    mpsc::{Receiver, Sender, channel},
};
use tokio::sync::{mpsc, oneshot};

/// A request to the driver.
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
    /// Makes the voice thread panic, for tests.
    Panic,
    /// Answers when all earlier orders are carried out.
    Flush {
        answer: oneshot::Sender<()>,
    },
}

/// The sending end of the queue of orders. Cheap to clone; the driver ends when the last clone is dropped.
#[derive(Clone)]
pub struct DriverOrders {
    /// `None` only while this value is being dropped.
    inbox: Option<Sender<DriverOrder>>,
    waker: Arc<mio::Waker>,
}

impl DriverOrders {
    /// Both ends of a new queue; `waker` wakes the driver when an order is there.
    pub fn new(waker: Arc<mio::Waker>) -> (Self, Receiver<DriverOrder>) {
        let (inbox, orders) = channel();
        let inbox = Some(inbox);
        (Self { inbox, waker }, orders)
    }

    pub fn leave(&self, order: DriverOrder) {
        // If the driver has ended, both errors can be ignored: the order is dropped, and its sender gets an error instead of an answer.
        if let Some(inbox) = &self.inbox {
            let _ = inbox.send(order);
        }
        let _ = self.waker.wake();
    }
}

impl Drop for DriverOrders {
    fn drop(&mut self) {
        // Drop the sender before the wake-up, so that the driver finds the queue disconnected if this was the last one.
        self.inbox = None;
        let _ = self.waker.wake();
    }
}
