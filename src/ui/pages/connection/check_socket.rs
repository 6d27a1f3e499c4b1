//! The socket of the check: sends a signal, and waits for the answer.

use crate::{
    api::client::{refresh_if_due, socket_address},
    browser::{
        reachability::within,
        socket::{Socket, SocketEvent},
        timer::now_ms,
    },
    model::{
        ice_server::IceServer,
        signal::{ClientSignal, Refusal, ServerSignal},
    },
};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
};

/// How long an answer may take, in milliseconds.
const ANSWER_WITHIN_MS: u32 = 6_000;

/// An open socket. Dropping it closes it.
pub struct CheckSocket {
    socket: Socket,
    events: UnboundedReceiver<SocketEvent>,
    /// The TURN servers that the check may use.
    pub ice_servers: Vec<IceServer>,
}

/// Why there is no answer to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// The socket was closed, or the server does not answer.
    Silence,
    Refused(Refusal),
}

impl CheckSocket {
    /// Opens the socket, and waits for its first message; `None` if there is none.
    pub async fn open() -> Option<Self> {
        refresh_if_due().await;
        let (sender, events) = unbounded();
        // An error means that the check is over.
        let tell = move |event| drop(sender.unbounded_send(event));
        let socket = Socket::open(&socket_address("/ws/check"), tell)?;
        let mut opened = Self {
            socket,
            events,
            ice_servers: vec![],
        };
        let first = |signal| match signal {
            ServerSignal::IceServers { ice_servers } => Some(ice_servers),
            _ => None,
        };
        opened.ice_servers = opened.receive(first).await?;
        Some(opened)
    }

    /// The round trip of a ping, in milliseconds; `None` if no answer comes.
    pub async fn ping(&mut self, n: u32) -> Option<f64> {
        let sent_ms = now_ms();
        self.say(&ClientSignal::Ping { n });
        let is_pong = |signal| (signal == ServerSignal::Pong { n }).then_some(());
        self.receive(is_pong).await?;
        Some(now_ms() - sent_ms)
    }

    /// Sends an offer, and returns the server's answer. Both are SDP.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn offer(&mut self, sdp: String) -> Result<String, NoAnswer> {
        self.say(&ClientSignal::Join { sdp });
        let answered = |signal| match signal {
            ServerSignal::Joined { sdp } => Some(Ok(sdp)),
            ServerSignal::Refused { why } => Some(Err(NoAnswer::Refused(why))),
            _ => None,
        };
        self.receive(answered).await.unwrap_or(Err(NoAnswer::Silence))
    }

    fn say(&self, signal: &ClientSignal) {
        self.socket.send(&serde_json::to_string(signal).unwrap_or_default());
    }

    /// Waits until `wanted` returns a value for a message. `None` if the socket is closed or the answer takes too long.
    async fn receive<T>(&mut self, mut wanted: impl FnMut(ServerSignal) -> Option<T>) -> Option<T> {
        let found = async {
            loop {
                match self.events.next().await? {
                    SocketEvent::Open => {}
                    SocketEvent::Closed { .. } => return None,
                    SocketEvent::Text(text) => {
                        let signal: Option<ServerSignal> = serde_json::from_str(&text).ok();
                        if let Some(found) = signal.and_then(&mut wanted) {
                            return Some(found);
                        }
                    }
                }
            }
        };
        within(ANSWER_WITHIN_MS, found).await.flatten()
    }
}
