//! The handle of one socket at a room: what its person asks, and what they are told.

use super::orders::{DriverOrder, DriverOrders};
use crate::{
    model::stage::StageRequest,
    server::voice::command::{Command, ConnectionId},
};
use bytes::Bytes;
use tokio::sync::mpsc;

/// So many signals may wait for a socket. Somebody who lets more pile up is taken to be gone.
const SIGNALS_MAX: usize = 512;

/// One socket at a room: what it is told comes out of `signals`, as JSON; dropping it is losing the connection.
pub struct RoomHandle {
    pub signals: mpsc::Receiver<Bytes>,
    connection: ConnectionId,
    orders: DriverOrders,
    left: bool,
}

impl RoomHandle {
    /// The handle of `connection`, and where what it is told is put in.
    pub(super) fn new(connection: ConnectionId, orders: DriverOrders) -> (Self, mpsc::Sender<Bytes>) {
        let (tell, signals) = mpsc::channel(SIGNALS_MAX);
        let handle = Self {
            signals,
            connection,
            orders,
            left: false,
        };
        (handle, tell)
    }

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
