//! One TCP connection of a browser: it reads frames, and sends what its queue holds.

use crate::server::voice::{
    demux::{is_binding_request, is_webrtc},
    tcp_framing::FrameReader,
    tcp_send_queue::SendQueue,
    way::Way,
};
use mio::net::TcpStream;
use std::{
    io::{self, Read, Write},
    net::SocketAddr,
    time::Instant,
};

/// A connection that was accepted.
pub struct TcpConnection {
    pub stream: TcpStream,
    pub remote: SocketAddr,
    /// Our own address of this connection.
    pub local: SocketAddr,
    frames: FrameReader,
    pub queue: SendQueue,
    /// Whether a peer has verified a request on it.
    pub is_proven: bool,
    /// Whether it is in the queue of those that can be read.
    pub is_queued: bool,
    /// When the last bytes arrived; before the first ones, when the connection was accepted.
    pub heard_at: Instant,
}

/// What became of a connection after a read.
#[derive(Debug, PartialEq, Eq)]
pub enum ReadEnd {
    /// There may be more to read.
    More,
    /// All is read.
    Drained,
    /// The connection is over, or must not go on.
    Over,
}

impl TcpConnection {
    /// `local` is our own address of this connection.
    pub fn new(stream: TcpStream, remote: SocketAddr, local: SocketAddr, now: Instant) -> Self {
        Self {
            stream,
            remote,
            local: SocketAddr::new(local.ip().to_canonical(), local.port()),
            frames: FrameReader::default(),
            queue: SendQueue::default(),
            is_proven: false,
            is_queued: false,
            heard_at: now,
        }
    }

    /// Reads once, and passes the complete frames to `take` with their source, destination and way. The connection is over if its first
    /// frame is not a STUN request, or if `take` does not accept it, or if a later frame is nothing that WebRTC sends.
    pub fn read(
        &mut self,
        buffer: &mut [u8],
        now: Instant,
        take: &mut impl FnMut((SocketAddr, SocketAddr, Way), &[u8]) -> bool,
    ) -> ReadEnd {
        let count = match self.stream.read(buffer) {
            Ok(0) => return ReadEnd::Over,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return ReadEnd::Drained,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return ReadEnd::More,
            Err(_) => return ReadEnd::Over,
        };
        let ends = (self.remote, self.local, Way::Tcp);
        let is_proven = &mut self.is_proven;
        let goes_on = self.frames.push(&buffer[..count], |frame| {
            if *is_proven {
                take(ends, frame);
                return is_webrtc(frame);
            }
            *is_proven = is_binding_request(frame) && take(ends, frame);
            *is_proven
        });
        if self.is_proven {
            // Before that, a slow sender must not be able to put off the deadline.
            self.heard_at = now;
        }
        if goes_on { ReadEnd::More } else { ReadEnd::Over }
    }

    /// Sends what waits, as far as the operating system accepts it.
    ///
    /// # Errors
    /// If the connection is over.
    pub fn flush(&mut self) -> io::Result<()> {
        let Self { stream, queue, .. } = self;
        queue.flush(|bytes| stream.write(bytes))
    }
}
