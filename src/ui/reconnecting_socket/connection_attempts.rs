//! Counts the attempts of a socket to connect. The count decides how long the page waits before the next attempt, and whether it first
//! refreshes the access token. The code is pure.

use super::socket_state::SocketState;
use crate::ui::reconnect_pauses::{QUICK_ATTEMPTS, pause_ms, restart_pause_ms};

/// The close code "Service Restart" of IANA's registry of WebSocket close codes. A server that stops sends this code to all pages.
const SERVICE_RESTART: u16 = 1012;
/// After more failures in a row than this, the page doubts the access token.
const TRUSTED_FAILURES: u32 = 2;

/// The attempts since the socket was last open.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConnectionAttempts {
    /// How many connections in a row were lost or not made.
    failures: u32,
    /// Whether the last attempt to connect has failed or is still going on.
    is_refused: bool,
    /// Whether the server has said that it restarts.
    is_restarting: bool,
}

impl ConnectionAttempts {
    /// Begins an attempt. Returns whether to call an endpoint first, which refreshes the access token if necessary. The browser does not say
    /// why an attempt was refused, but the token may have expired. While the server is down, such a call would only wait for it.
    pub fn begin(&mut self) -> bool {
        let was_refused = std::mem::replace(&mut self.is_refused, true);
        let trusted = if self.is_restarting {
            QUICK_ATTEMPTS
        } else {
            TRUSTED_FAILURES
        };
        was_refused && self.failures > trusted
    }

    /// Notes that the socket is open.
    pub fn on_open(&mut self) {
        *self = Self::default();
    }

    /// Notes that the connection was closed with this code. Returns the state of the socket.
    pub fn on_closed(&mut self, code: u16) -> SocketState {
        self.failures += 1;
        self.is_restarting |= code == SERVICE_RESTART;
        SocketState::Lost {
            attempt: self.failures,
            restarting: self.is_restarting,
        }
    }

    /// How long to wait before the next attempt, in milliseconds. `chance` (0 to 999) spreads the attempts of many pages.
    pub fn pause_ms(self, chance: u32) -> u32 {
        match self.is_restarting {
            true => restart_pause_ms(self.failures, chance),
            false => pause_ms(self.failures, chance),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the attempts that first refresh the token, of 20 attempts that fail with this code.
    fn refreshing(code: u16) -> Vec<u32> {
        let mut attempts = ConnectionAttempts::default();
        let mut fails = || {
            let refreshes = attempts.begin();
            attempts.on_closed(code);
            refreshes
        };
        (1..=20).filter(|_| fails()).collect()
    }

    #[test]
    fn the_token_is_refreshed_after_some_failures_and_later_while_the_server_restarts() {
        assert_eq!(refreshing(1006), (4..=20).collect::<Vec<_>>());
        assert_eq!(
            refreshing(SERVICE_RESTART),
            (QUICK_ATTEMPTS + 2..=20).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_restart_is_remembered_until_the_socket_is_open_again() {
        let mut attempts = ConnectionAttempts::default();
        attempts.on_closed(SERVICE_RESTART);
        let lost = |attempt, restarting| SocketState::Lost { attempt, restarting };
        assert_eq!(attempts.on_closed(1006), lost(2, true));
        assert_eq!(attempts.pause_ms(0), restart_pause_ms(2, 0));
        attempts.on_open();
        assert_eq!(attempts.on_closed(1006), lost(1, false));
        assert_eq!(attempts.pause_ms(0), pause_ms(1, 0));
    }
}
