//! The handle of one socket to a room, or of a connection check. It sends the person's requests, and receives the signals for the person.

use super::{
    orders::{DriverOrder, DriverOrders, QueueFull},
    socket_signals::{SocketSender, SocketSignals, queue},
};
use crate::{
    model::{id::UserId, stage::StageRequest},
    server::voice::command::{Command, ConnectionId},
};

/// One socket to a room, or of a connection check. Signals for it arrive in `signals`, as JSON. Dropping the handle counts as a lost connection;
/// to leave on purpose, call [`RoomHandle::leave`].
///
/// A request fails with `QueueFull` if too many requests of all people wait for the voice thread. Then nothing has happened, and
/// the person must be told.
pub struct RoomHandle {
    pub signals: SocketSignals,
    connection: ConnectionId,
    orders: DriverOrders,
    left: bool,
}

impl RoomHandle {
    /// The handle of `connection`, and the sender for its signals.
    pub(super) fn new(connection: ConnectionId, orders: DriverOrders) -> (Self, SocketSender) {
        let (tell, signals) = queue();
        let handle = Self {
            signals,
            connection,
            orders,
            left: false,
        };
        (handle, tell)
    }

    /// Asks to become a participant, with an SDP offer. The answer arrives as a signal, `joined` or `refused`.
    ///
    /// # Errors
    /// `QueueFull`.
    pub fn join(&self, sdp: String) -> Result<(), QueueFull> {
        self.orders.try_request(DriverOrder::Join {
            connection: self.connection,
            sdp,
        })
    }

    /// Asks to restart ICE for the voice connection, with an SDP offer. The answer arrives as a signal, `restarted` or `unplugged`.
    ///
    /// # Errors
    /// `QueueFull`.
    pub fn restart_ice(&self, sdp: String) -> Result<(), QueueFull> {
        self.orders.try_request(DriverOrder::RestartIce {
            connection: self.connection,
            sdp,
        })
    }

    /// Asks for the facts about the voice connection of a person, once in a second; `None` ends that. They arrive as signals,
    /// `voice_facts`, or `refused`.
    ///
    /// # Errors
    /// `QueueFull`.
    pub fn watch_facts(&self, of: Option<UserId>) -> Result<(), QueueFull> {
        self.orders.try_request(DriverOrder::WatchFacts {
            connection: self.connection,
            of,
        })
    }

    /// Closes or opens the microphone.
    ///
    /// # Errors
    /// `QueueFull`.
    pub fn mute(&self, on: bool) -> Result<(), QueueFull> {
        self.run(Command::Mute {
            connection: self.connection,
            on,
        })
    }

    /// Sends the person's own voice back for some seconds.
    ///
    /// # Errors
    /// `QueueFull`.
    pub fn hear_yourself(&self) -> Result<(), QueueFull> {
        self.run(Command::HearYourself {
            connection: self.connection,
        })
    }

    /// Asks the room for something. A refusal arrives as a signal.
    ///
    /// # Errors
    /// `QueueFull`.
    pub fn request(&self, request: StageRequest) -> Result<(), QueueFull> {
        self.run(Command::StageRequest {
            connection: self.connection,
            request,
        })
    }

    /// Leaves on purpose: if this is the person's last connection, they are off the roster at once.
    pub fn leave(mut self) {
        self.left = true;
        self.orders.send_end(Command::Leave {
            connection: self.connection,
        });
    }

    fn run(&self, command: Command) -> Result<(), QueueFull> {
        self.orders.try_request(DriverOrder::Run(command))
    }
}

impl Drop for RoomHandle {
    fn drop(&mut self) {
        if !self.left {
            self.orders.send_end(Command::Lose {
                connection: self.connection,
            });
        }
    }
}
