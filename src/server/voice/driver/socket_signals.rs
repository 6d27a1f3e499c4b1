//! The queue of signals from the driver to one socket, and whether the socket has lost its place to a newer socket of the same page.

use bytes::Bytes;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::mpsc;

/// How many signals may wait for a socket. If more pile up, its page has stopped reading and the connection counts as
/// lost.
const SIGNALS_MAX: usize = 512;

/// The driver's end of the queue. Signals are JSON.
pub struct SocketSender {
    signals: mpsc::Sender<Bytes>,
    is_moved: Arc<AtomicBool>,
}

/// The socket's end of the queue. The queue ends when the driver drops its end.
pub struct SocketSignals {
    signals: mpsc::Receiver<Bytes>,
    is_moved: Arc<AtomicBool>,
}

/// The queue has no room, or the socket has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTaken;

/// Both ends of a new queue.
pub fn queue() -> (SocketSender, SocketSignals) {
    let (sender, signals) = mpsc::channel(SIGNALS_MAX);
    let is_moved = Arc::<AtomicBool>::default();
    let sender = SocketSender {
        signals: sender,
        is_moved: is_moved.clone(),
    };
    (sender, SocketSignals { signals, is_moved })
}

impl SocketSender {
    /// Adds a signal to the queue.
    ///
    /// # Errors
    /// `NotTaken`.
    pub fn send(&self, json: Bytes) -> Result<(), NotTaken> {
        self.signals.try_send(json).map_err(|_| NotTaken)
    }

    /// Ends the queue, because a newer socket of the same page has taken the place of this one.
    pub fn end_as_moved(self) {
        self.is_moved.store(true, Ordering::Release);
    }
}

impl SocketSignals {
    /// The next signal; `None` when the driver has ended the queue. Cancel safe.
    pub async fn recv(&mut self) -> Option<Bytes> {
        self.signals.recv().await
    }

    /// Whether the queue has ended because a newer socket of the same page has taken the place of this one.
    pub fn is_moved(&self) -> bool {
        self.is_moved.load(Ordering::Acquire)
    }
}
