//! The socket of the list of rooms, and the page of the list that results from its signals.

use crate::test_socket::TestSocket;
use snug::model::{
    room::RoomCard,
    room_list::{RoomListCounts, RoomListPage},
    signal::ListSignal,
};
use std::{sync::Arc, time::Duration};

pub struct Listing {
    socket: TestSocket<ListSignal>,
    page: RoomListPage,
    /// The total size of all received signals as JSON.
    pub bytes: usize,
}

/// The page of the list after a signal.
#[derive(Debug)]
pub struct Seen {
    pub rooms: Vec<Arc<RoomCard>>,
    pub counts: RoomListCounts,
    /// How many cards the signal had.
    pub sent: usize,
}

impl Listing {
    pub fn new(socket: TestSocket<ListSignal>) -> Self {
        Self {
            socket,
            page: RoomListPage::default(),
            bytes: 0,
        }
    }

    /// See [`TestSocket::recv_close_code`].
    pub async fn recv_close_code(&mut self) -> Option<u16> {
        self.socket.recv_close_code().await
    }

    /// The page of the list after the next signal.
    pub async fn hear(&mut self) -> Seen {
        let signal = self.socket.hear().await;
        self.bytes += serde_json::to_vec(&signal).expect("plain data").len();
        let sent = signal.rooms.len();
        signal.apply(&mut self.page);
        Seen {
            rooms: self.page.rooms.clone(),
            counts: self.page.counts,
            sent,
        }
    }

    /// Receives until `wanted` returns a value for the page, and returns that value.
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
