//! The list's socket, and the list as its signals make it.

use crate::test_socket::TestSocket;
use snug::model::{room::RoomCard, signal::ListSignal};
use std::{sync::Arc, time::Duration};

pub struct Listing {
    line: TestSocket<ListSignal>,
    rooms: Vec<Arc<RoomCard>>,
    /// How much was heard, as JSON.
    pub bytes: usize,
}

/// The list as it is now.
#[derive(Debug)]
pub struct Seen {
    pub rooms: Vec<Arc<RoomCard>>,
}

impl Listing {
    pub fn new(line: TestSocket<ListSignal>) -> Self {
        Self {
            line,
            rooms: vec![],
            bytes: 0,
        }
    }

    /// The list after the next signal.
    pub async fn hear(&mut self) -> Seen {
        let signal = self.line.hear().await;
        self.bytes += serde_json::to_vec(&signal).expect("plain data").len();
        signal.apply(&mut self.rooms);
        Seen {
            rooms: self.rooms.clone(),
        }
    }

    /// The first list of which `wanted` makes something.
    pub async fn recv_until<T>(&mut self, mut wanted: impl FnMut(Seen) -> Option<T>) -> T {
        loop {
            let seen = self.hear().await;
            if let Some(found) = wanted(seen) {
                return found;
            }
        }
    }

    /// Listens until the server ends the line.
    pub async fn recv_all(mut self) {
        self.line.recv_all().await;
    }

    /// Whether nothing is said for so long.
    pub async fn is_quiet_for(&mut self, time: Duration) -> bool {
        self.line.is_quiet_for(time).await
    }
}
