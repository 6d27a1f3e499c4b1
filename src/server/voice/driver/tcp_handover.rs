//! TCP connections that another part of the server has accepted on the port of the site, and that turned out to be voices.

use mio::Waker;
use std::{
    net::TcpStream,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

/// How many connections may wait until the voice thread takes them. If there are more, the rest is closed: browsers try again.
const WAITING_MAX: usize = 64;

/// Hands connections over to the voice thread. Cheap to clone.
#[derive(Clone)]
pub struct TcpHandover {
    queue: SyncSender<TcpStream>,
    waker: Arc<Waker>,
}

impl TcpHandover {
    /// The sending end, which wakes the thread by `waker`, and the receiving end.
    pub fn new(waker: Arc<Waker>) -> (Self, Receiver<TcpStream>) {
        let (queue, waiting) = sync_channel(WAITING_MAX);
        (Self { queue, waker }, waiting)
    }

    /// Hands a connection over, of which nothing has been read. Does not wait.
    pub fn give(&self, stream: TcpStream) {
        // A connection that finds no room is closed by dropping it.
        if self.queue.try_send(stream).is_ok() {
            // If the driver has ended, nobody has to wake up.
            let _ = self.waker.wake();
        }
    }
}
