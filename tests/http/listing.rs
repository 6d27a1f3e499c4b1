//! The socket of the list of rooms, and the list that results from its signals.

use crate::test_socket::TestSocket;
use snug::model::{room::RoomCard, signal::ListSignal};
use std::{sync::Arc, time::Duration};

pub struct Listing {
    socket: TestSocket<ListSignal>,
    rooms: Vec<Arc<RoomCard>>,
    /// The total size of all received signals as JSON.
    pub bytes: usize,
}

/// The list of rooms after a signal.
#[derive(Debug)]
pub struct Seen {
    pub rooms: Vec<Arc<RoomCard>>,
}

impl Listing {
    pub fn new(socket: TestSocket<ListSignal>) -> Self {
        Self {
            socket,
            rooms: vec![],
            bytes: 0,
        }
    }

    /// See [`TestSocket::recv_close_code`].
    pub async fn recv_close_code(&mut self) -> Option<u16> {
        self.socket.recv_close_code().await
    }

    /// The list after the next signal.
    pub async fn hear(&mut self) -> Seen {
        let signal = self.socket.hear().await;
        self.bytes += serde_json::to_vec(&signal).expect("plain data").len();
        signal.apply(&mut self.rooms);
        Seen {
            rooms: self.rooms.clone(),
        }
    }

    /// Receives until `wanted` returns a value for the list, and returns that value.
    pub async fn recv_until<T>(&mut self, mut wanted: impl FnMut(Seen) -> Option<T>) -> T {
        loop {
            let seen = self.hear().await;
            if let Some(found) = wanted(seen) {
                return found;
            }
        }
    }

    /// Receives until the server closes the socket.
    pub async fn recv_all(mut self) {
        self.socket.recv_all().await;
    }

    /// Whether no signal arrives within `time`.
    pub async fn is_quiet_for(&mut self, time: Duration) -> bool {
        self.socket.is_quiet_for(time).await
    }
}
