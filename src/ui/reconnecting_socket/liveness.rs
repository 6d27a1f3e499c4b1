//! Whether a socket still works. A proxy that has forgotten a connection, or a device that has slept, leaves a socket that looks open. So
//! the page sends pings of its own, and counts what arrives. The code is pure.

/// How often the page sends a ping.
pub const PING_EVERY_MS: u32 = 3_000;
/// If nothing arrives for this long after a ping, the socket is dead. With the pause between two pings, the page knows it within 7 s.
pub const PONG_WITHIN_MS: u32 = 4_000;
/// The same, when there is a reason to doubt: the network has changed, or the page was hidden.
pub const QUICK_PONG_WITHIN_MS: u32 = 2_000;
/// How a pong of the server begins.
const PONG_BEGINS: &str = r#"{"type":"pong""#;

/// What has arrived on the sockets to one address.
#[derive(Debug, Clone, Copy, Default)]
pub struct Liveness {
    messages: u32,
    /// Whether the server has ever answered a ping. A server that is older than this page does not.
    answers_pings: bool,
}

/// What had arrived when a ping was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentPing {
    messages: u32,
}

impl Liveness {
    /// Notes a message. Returns whether it is a pong, which nobody else needs to see.
    pub fn note(&mut self, text: &str) -> bool {
        self.messages = self.messages.wrapping_add(1);
        let is_pong = text.starts_with(PONG_BEGINS);
        self.answers_pings |= is_pong;
        is_pong
    }

    /// Notes that a ping is sent now.
    pub fn send_ping(self) -> SentPing {
        SentPing {
            messages: self.messages,
        }
    }

    /// Whether the socket is dead, when the time for the answer to this ping is over. Any message is an answer.
    pub fn is_dead_after(self, ping: SentPing) -> bool {
        self.answers_pings && self.messages == ping.messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::signal::ServerSignal;

    #[test]
    fn a_socket_is_dead_if_nothing_arrives_after_a_ping() {
        let mut liveness = Liveness::default();
        let pong = serde_json::to_string(&ServerSignal::Pong { n: 1 }).expect("JSON");
        let ping = liveness.send_ping();
        assert!(!liveness.is_dead_after(ping), "the server may not know pings");
        assert!(liveness.note(&pong) && !liveness.is_dead_after(ping));
        let ping = liveness.send_ping();
        assert!(liveness.is_dead_after(ping));
        assert!(!liveness.note(r#"{"type":"roster"}"#) && !liveness.is_dead_after(ping));
    }
}
