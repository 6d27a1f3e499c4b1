//! The TCP connections of browsers whose network blocks UDP (RFC 6544: the browser opens them, we only listen).
//!
//! They run on the voice thread like the UDP sockets: nothing blocks, and no other thread has to wake up for a packet. A connection
//! must begin with a STUN request that a peer verifies, so nobody else gets an answer, and it ends with its peer.

use super::{
    tcp_connection::{ReadEnd, TcpConnection},
    tcp_listener::{Listener, adopted, prepare},
};
use crate::server::voice::{
    egress::Datagram,
    tcp_limits::{NoRoom, TcpCaps, TcpConnectionCounts},
    way::Way,
};
use mio::{Interest, Registry, Token, event::Event, net::TcpStream};
use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, Instant},
};

/// The tokens below are those of the UDP sockets. The listeners have the first ones here, and connections those after them.
pub const FIRST_TCP_TOKEN: Token = Token(16);
const FIRST_CONNECTION: usize = 32;
const LISTENERS_MAX: usize = FIRST_CONNECTION - FIRST_TCP_TOKEN.0;

/// The first frame must arrive within this time. A browser sends it at once.
const FIRST_FRAME_WITHIN: Duration = Duration::from_secs(2);
/// A connection on which nothing arrives for this long is closed. A browser that uses it asks about every 5 s whether we still
/// consent to receive (RFC 7675 section 5.1).
const IDLE_MAX: Duration = Duration::from_secs(30);
/// How often to look for connections that must be closed.
const EXPIRY_EVERY: Duration = Duration::from_millis(250);
/// How many connections are accepted in one pass, at most.
const ACCEPTED_AT_ONCE: usize = 64;
/// After an error of `accept`, such as too many open files, how long to wait before the next try.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);
/// How many bytes are read at once, before it is the turn of the next connection.
const READ_BYTES: usize = 4_096;

pub struct TcpSockets {
    registry: Registry,
    listeners: Vec<Listener>,
    /// `None` if all connections are handed over by the site.
    port: Option<u16>,
    counts: TcpConnectionCounts,
    connections: HashMap<Token, TcpConnection>,
    /// The connections on which a peer has verified a request, by the browser's address: our own address, and the connection. The newest
    /// one is at the end. A browser may use one port for connections to several of our addresses.
    proven: HashMap<SocketAddr, Vec<(SocketAddr, Token)>>,
    /// The connections that may have no verified request yet, oldest first.
    unproven: VecDeque<Token>,
    /// Connections that may have something to read. They take turns.
    readable: VecDeque<Token>,
    next_token: usize,
    accept_at: Instant,
    next_expiry: Instant,
    buffer: Vec<u8>,
}

impl TcpSockets {
    /// Listens on `port` of IPv4 and, if `has_ipv6`, of IPv6.
    ///
    /// # Errors
    /// If the port is taken.
    pub fn bind(port: u16, has_ipv6: bool, registry: &Registry, caps: TcpCaps) -> io::Result<Self> {
        let mut listeners = vec![Listener::bind((Ipv4Addr::UNSPECIFIED, port).into())?];
        if has_ipv6 {
            listeners.push(Listener::bind((Ipv6Addr::UNSPECIFIED, port).into())?);
        }
        Self::on(listeners, registry, caps)
    }

    /// Uses sockets that listen already. Browsers are told the port of the first one.
    ///
    /// # Errors
    /// If one is not usable.
    pub fn on_given(given: Vec<std::net::TcpListener>, registry: &Registry, caps: TcpCaps) -> io::Result<Self> {
        let listeners: io::Result<Vec<Listener>> = given.into_iter().take(LISTENERS_MAX).map(Listener::on).collect();
        Self::on(listeners?, registry, caps)
    }

    fn on(mut listeners: Vec<Listener>, registry: &Registry, caps: TcpCaps) -> io::Result<Self> {
        let first = listeners.first().map(|listener| listener.socket.local_addr());
        let port = first.transpose()?.map(|address| address.port());
        for (number, listener) in listeners.iter_mut().enumerate() {
            registry.register(
                &mut listener.socket,
                Token(FIRST_TCP_TOKEN.0 + number),
                Interest::READABLE,
            )?;
        }
        Ok(Self {
            port,
            listeners,
            ..Self::without_listeners(registry, caps)?
        })
    }

    /// Without a port of its own: all connections are handed over.
    ///
    /// # Errors
    /// If the operating system gives no more handles.
    pub fn without_listeners(registry: &Registry, caps: TcpCaps) -> io::Result<Self> {
        let now = Instant::now();
        Ok(Self {
            registry: registry.try_clone()?,
            port: None,
            listeners: vec![],
            counts: TcpConnectionCounts::new(caps),
            connections: HashMap::new(),
            proven: HashMap::new(),
            unproven: VecDeque::new(),
            readable: VecDeque::new(),
            next_token: FIRST_CONNECTION,
            accept_at: now,
            next_expiry: now,
            buffer: vec![0; READ_BYTES],
        })
    }

    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Takes a connection that another listener has accepted, as far as the limits allow. Nothing has been read from it.
    pub fn adopt(&mut self, stream: std::net::TcpStream, now: Instant) {
        // A connection that is over already needs no place.
        if let Ok((stream, remote)) = adopted(stream) {
            self.admit(stream, remote, now);
        }
    }

    /// Whether something can be read or accepted at once.
    pub fn has_work(&self) -> bool {
        !self.readable.is_empty() || self.has_waiting(Instant::now())
    }

    /// Notes what can be read, and sends what a connection accepts again.
    pub fn note(&mut self, event: &Event) {
        let token = event.token();
        if let Some(listener) = self.listeners.get_mut(token.0 - FIRST_TCP_TOKEN.0) {
            listener.has_waiting = true;
            return;
        }
        let Some(connection) = self.connections.get_mut(&token) else {
            return;
        };
        // A connection that was closed or has failed is readable too: reading tells which.
        if event.is_readable() && !std::mem::replace(&mut connection.is_queued, true) {
            self.readable.push_back(token);
        }
        if event.is_writable() && connection.flush().is_err() {
            self.close(token);
        }
    }

    /// Accepts the connections that wait, as far as the limits allow.
    pub fn accept(&mut self, now: Instant) {
        if !self.has_waiting(now) {
            return;
        }
        for number in 0..self.listeners.len() {
            for _ in 0..ACCEPTED_AT_ONCE {
                match self.listeners[number].accept() {
                    Ok((stream, remote)) => self.admit(stream, remote, now),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        self.listeners[number].has_waiting = false;
                        break;
                    }
                    // This connection ended while it waited.
                    Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                    Err(error) => {
                        tracing::debug!(%error, "could not accept a voice connection over TCP");
                        self.accept_at = now + ACCEPT_AGAIN_AFTER;
                        break;
                    }
                }
            }
        }
    }

    /// Reads the frames that have arrived; `take` gets source, destination, way and contents of each, and returns whether a peer has
    /// accepted it. Stops after the read during which `until` passes. A connection whose first frame is not a STUN request that a peer
    /// accepts is closed.
    pub fn receive(
        &mut self,
        (now, until): (Instant, Instant),
        mut take: impl FnMut((SocketAddr, SocketAddr, Way), &[u8]) -> bool,
    ) {
        while let Some(token) = self.readable.pop_front() {
            let Some(connection) = self.connections.get_mut(&token) else {
                continue;
            };
            let was_proven = connection.is_proven;
            let end = connection.read(&mut self.buffer, now, &mut take);
            connection.is_queued = end == ReadEnd::More;
            let (ends, is_proven) = ((connection.remote, connection.local), connection.is_proven);
            match end {
                ReadEnd::More => self.readable.push_back(token),
                ReadEnd::Drained => {}
                ReadEnd::Over => self.close(token),
            }
            if is_proven && !was_proven && end != ReadEnd::Over {
                self.prove(ends, token);
            }
            if Instant::now() >= until {
                return;
            }
        }
    }

    /// Sends a datagram, or puts it into the queue of its connection. If the connection is gone, the datagram is lost.
    pub fn send(&mut self, datagram: &Datagram) {
        if let Some(token) = self.find_proven(datagram.to, datagram.from)
            && let Some(connection) = self.connections.get_mut(&token)
        {
            connection.queue.push(&datagram.contents);
            if connection.flush().is_err() {
                self.close(token);
            }
        }
    }

    /// When [`TcpSockets::close_expired`] is due; `None` if there are no connections.
    pub fn next_expiry(&self) -> Option<Instant> {
        (!self.connections.is_empty()).then_some(self.next_expiry)
    }

    /// If it is time, closes the connections without a verified request, those on which nothing arrives, and those that no peer uses
    /// any more.
    pub fn close_expired(&mut self, now: Instant, is_in_use: impl Fn(SocketAddr) -> bool) {
        if now < self.next_expiry {
            return;
        }
        self.next_expiry = now + EXPIRY_EVERY;
        let connections = &self.connections;
        let is_unproven = |token: &Token| connections.get(token).is_some_and(|one| !one.is_proven);
        self.unproven.retain(is_unproven);
        let expired = |one: &TcpConnection| match one.is_proven {
            true => now >= one.heard_at + IDLE_MAX || !is_in_use(one.remote),
            false => now >= one.heard_at + FIRST_FRAME_WITHIN,
        };
        let expired = connections.iter().filter(|(_, one)| expired(one));
        let expired: Vec<Token> = expired.map(|(token, _)| *token).collect();
        expired.into_iter().for_each(|token| self.close(token));
    }

    fn has_waiting(&self, now: Instant) -> bool {
        now >= self.accept_at && self.listeners.iter().any(|listener| listener.has_waiting)
    }

    /// Keeps a new connection if the limits allow it; otherwise closes it by dropping it. If the port is full, the oldest connection
    /// without a verified request makes room, so that strangers can't keep browsers out.
    fn admit(&mut self, mut stream: TcpStream, remote: SocketAddr, now: Instant) {
        let mut counted = self.counts.open(remote.ip());
        if counted == Err(NoRoom::AtAll) && self.close_oldest_unproven() {
            counted = self.counts.open(remote.ip());
        }
        if counted.is_err() {
            return;
        }
        let token = Token(self.next_token);
        let interests = Interest::READABLE | Interest::WRITABLE;
        let registered = self.registry.register(&mut stream, token, interests);
        let prepared = registered.and_then(|()| prepare(&stream));
        let Ok(local) = prepared.and_then(|()| stream.local_addr()) else {
            self.counts.close(remote.ip());
            return;
        };
        self.next_token += 1;
        self.connections
            .insert(token, TcpConnection::new(stream, remote, local, now));
        self.unproven.push_back(token);
    }

    fn close_oldest_unproven(&mut self) -> bool {
        while let Some(token) = self.unproven.pop_front() {
            if self.connections.get(&token).is_some_and(|one| !one.is_proven) {
                self.close(token);
                return true;
            }
        }
        false
    }

    /// The connection for datagrams to `remote`. If we are behind a NAT, `from` is not our own address of any connection; then it is the
    /// newest one.
    fn find_proven(&self, remote: SocketAddr, from: SocketAddr) -> Option<Token> {
        let of_remote = self.proven.get(&remote)?;
        let same = of_remote.iter().find(|(local, _)| *local == from);
        same.or_else(|| of_remote.last()).map(|(_, token)| *token)
    }

    /// From now on, datagrams between these addresses go over this connection. An older one between them is over for the browser.
    fn prove(&mut self, (remote, local): (SocketAddr, SocketAddr), token: Token) {
        let of_remote = self.proven.entry(remote).or_default();
        let before = of_remote.iter().find(|(other, _)| *other == local).copied();
        of_remote.push((local, token));
        if let Some((_, before)) = before {
            self.close(before);
        }
    }

    fn close(&mut self, token: Token) {
        let Some(mut connection) = self.connections.remove(&token) else {
            return;
        };
        if let Some(of_remote) = self.proven.get_mut(&connection.remote) {
            of_remote.retain(|(_, other)| *other != token);
            if of_remote.is_empty() {
                self.proven.remove(&connection.remote);
            }
        }
        self.counts.close(connection.remote.ip());
        // The socket is closed by dropping it, even if this fails.
        let _ = self.registry.deregister(&mut connection.stream);
    }
}

#[cfg(test)]
mod tests;
