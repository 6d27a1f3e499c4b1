//! The state of a socket that is opened again whenever it is lost.

/// The state of the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketState {
    Opening,
    Open,
    /// The connection is lost. The socket waits for the next attempt to connect, or is making that attempt.
    Lost {
        /// The number of that attempt, from 1.
        attempt: u32,
        /// Whether the server has said that it restarts.
        restarting: bool,
    },
    /// Closed for good.
    Over,
    /// The server has closed the socket to make room for a newer page of the same person. The socket is not opened again, because the
    /// pages would close each other in turn.
    MadeRoom,
}

impl SocketState {
    /// Whether the socket stays closed.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Over | Self::MadeRoom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_that_made_room_for_a_newer_page_is_not_opened_again() {
        let lost = SocketState::Lost {
            attempt: 100,
            restarting: false,
        };
        let states = [SocketState::MadeRoom, SocketState::Over, SocketState::Open, lost];
        assert_eq!(states.map(SocketState::is_final), [true, true, false, false]);
    }
}
