//! What the handles ask of the driver, and how that reaches its thread.

use crate::{
    model::{
        id::{RoomId, UserId},
        moderation_log::Barred,
        room::RoomPage,
        stage::Role,
    },
    server::voice::command::{Command, ConnectionId, Persist, RoomVisitor},
};
use bytes::Bytes;
use std::sync::{
    Arc,
    mpsc::{Receiver, Sender, channel},
};
use tokio::sync::{mpsc, oneshot};

/// What the handle asks of the driver.
pub enum DriverOrder {
    Run(Command),
    Watch {
        connection: ConnectionId,
        room: RoomId,
        visitor: RoomVisitor,
        /// Signals, as JSON.
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
    OnPersist(mpsc::UnboundedSender<(RoomId, Persist)>),
}

/// The queue in which handles leave their orders. Cheap to clone; the driver ends when the last clone is dropped.
#[derive(Clone)]
pub struct DriverOrders {
    /// Empty only while this is dropped.
    inbox: Option<Sender<DriverOrder>>,
    waker: Arc<mio::Waker>,
}

impl DriverOrders {
    /// The place to leave orders, and where the driver takes them; `waker` ends its wait.
    pub fn new(waker: Arc<mio::Waker>) -> (Self, Receiver<DriverOrder>) {
        let (inbox, orders) = channel();
        let inbox = Some(inbox);
        (Self { inbox, waker }, orders)
    }

    pub fn leave(&self, order: DriverOrder) {
        // Neither can fail while the driver lives, and after it nobody waits for anything.
        if let Some(inbox) = &self.inbox {
            let _ = inbox.send(order);
        }
        let _ = self.waker.wake();
    }
}

impl Drop for DriverOrders {
    fn drop(&mut self) {
        // First gone, then the wake: the driver must find that it was the last.
        self.inbox = None;
        let _ = self.waker.wake();
    }
}
