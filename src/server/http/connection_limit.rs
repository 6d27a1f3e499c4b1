//! Limits the number of open connections, for each address and in all.
//!
//! If the limit is reached, we close the connection that has been idle longest instead of refusing the new connection. Otherwise
//! slow clients could keep everybody else out by sending little. An honest browser whose idle connection is closed just
//! opens another.
//!
//! A WebSocket stays open for hours and is never closed to make room. So WebSockets may take only three quarters of the
//! places. The last quarter is kept for requests.

mod open_connections;

use crate::server::address_group::AddressGroup;
use open_connections::{ClientSource, OpenConnection, OpenConnections, lock};
use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// The open connections and their limits. All clones share the same connections.
#[derive(Clone)]
pub struct ConnectionLimiter {
    caps: ConnectionCaps,
    connections: Arc<Mutex<OpenConnections>>,
}

/// How many connections may be open.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionCaps {
    /// The connections of one IPv4 address, or of one /64 of IPv6.
    pub each_address: usize,
    pub in_all: usize,
}

impl ConnectionCaps {
    /// The limits on connections with HTTP/2: an eighth of those on all connections, because one of them can keep more memory than eight
    /// others. At least 4, so that a very low setting leaves some. A browser opens one for all its pages.
    pub fn for_http2(self) -> Self {
        let eighth = |places: usize| (places / 8).max(4);
        Self {
            each_address: eighth(self.each_address),
            in_all: eighth(self.in_all),
        }
    }

    /// The limits on requests over HTTP/2. One address may have half as many at the same time as it may have connections.
    pub fn for_http2_requests(self) -> Self {
        Self {
            each_address: self.each_address.div_ceil(2),
            ..self
        }
    }
}

/// Which limit a WebSocket would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketsFull {
    OfAddress,
    InAll,
}

/// The permit of one open connection. Dropping it frees the place.
pub struct ConnectionPermit {
    limiter: ConnectionLimiter,
    source: ClientSource,
    connection: Arc<OpenConnection>,
}

/// The permits of a request's connection: one, or two if there is a trusted proxy (the proxy's and the client's).
#[derive(Clone, Default)]
pub struct ConnectionPermits(pub Vec<Arc<ConnectionPermit>>);

/// The place of an open WebSocket. It also keeps the permit of its connection, so the connection's place stays taken
/// until the socket is closed.
pub struct SocketPlace(Arc<ConnectionPermit>);

/// The number of `places` that WebSockets may take: three quarters, and one at least.
fn most_sockets(places: usize) -> usize {
    (places - places.div_ceil(4)).max(1)
}

impl ConnectionLimiter {
    pub fn new(caps: ConnectionCaps) -> Self {
        Self {
            caps,
            connections: Arc::default(),
        }
    }

    /// A permit for a connection from `address`; `None` if the limit is reached and no connection is idle.
    pub fn admit(&self, address: IpAddr, now: Instant) -> Option<ConnectionPermit> {
        let source = ClientSource::Address(AddressGroup::of(address));
        let mut connections = lock(&self.connections);
        if connections.of(source) >= self.caps.each_address && !connections.evict_one_of(source) {
            return None;
        }
        self.admit_in_all(&mut connections, source, now)
    }

    /// A permit for one request from `address` that shares its connection with others (a proxy's, or one of HTTP/2), and the request itself;
    /// `None` as in [`Self::admit`]. Nothing can evict the request between the two.
    pub fn admit_request(
        &self,
        address: IpAddr,
        has_body: bool,
        now: Instant,
    ) -> Option<(ConnectionPermit, RequestInProgress)> {
        let source = ClientSource::Address(AddressGroup::of(address));
        let mut connections = lock(&self.connections);
        if connections.of(source) >= self.caps.each_address && !connections.evict_one_of(source) {
            return None;
        }
        let permit = self.admit_in_all(&mut connections, source, now)?;
        let in_progress = permit.begin_request(has_body, now);
        Some((permit, in_progress))
    }

    /// Whether the connections of `address` have reached the limit of one address.
    pub fn is_full_for(&self, address: IpAddr) -> bool {
        let source = ClientSource::Address(AddressGroup::of(address));
        lock(&self.connections).of(source) >= self.caps.each_address
    }

    /// A permit for a connection from a trusted proxy. Such a connection carries the requests of many clients, so only the
    /// limit on all connections applies. The clients behind it are counted by `client_ip`.
    pub fn admit_proxy(&self, now: Instant) -> Option<ConnectionPermit> {
        self.admit_in_all(&mut lock(&self.connections), ClientSource::Proxy, now)
    }

    /// Closes the connection that has been idle longest. Called if the system cannot accept more connections.
    pub fn evict_idlest(&self) {
        lock(&self.connections).evict_one();
    }

    fn admit_in_all(
        &self,
        connections: &mut OpenConnections,
        source: ClientSource,
        now: Instant,
    ) -> Option<ConnectionPermit> {
        if connections.taken >= self.caps.in_all && !connections.evict_one() {
            return None;
        }
        Some(ConnectionPermit {
            limiter: self.clone(),
            source,
            connection: connections.add(source, now),
        })
    }
}

impl ConnectionPermits {
    /// Takes a place for a WebSocket on this connection, under each limit that applies to the connection.
    ///
    /// # Errors
    /// If the WebSockets have already taken all the places that a limit leaves to them; the error tells which limit.
    pub fn claim_socket(&self) -> Result<Vec<SocketPlace>, SocketsFull> {
        self.0.iter().map(ConnectionPermit::claim_socket).collect()
    }
}

impl ConnectionPermit {
    /// Call this when the head of a request has arrived. A request with a body still counts as idle, starting now, because
    /// a client may send the body slowly on purpose.
    pub fn begin_request(&self, has_body: bool, now: Instant) -> RequestInProgress {
        self.connection.begin(!has_body, now);
        RequestInProgress {
            connection: self.connection.clone(),
            counted: !has_body,
        }
    }

    /// Completes when this connection must make room for another.
    pub async fn evicted(&self) {
        self.connection.evicted().await;
    }

    /// How long the connection has been idle. `None` while a request is in progress.
    pub fn idle_for(&self, now: Instant) -> Option<Duration> {
        let since = self.connection.idle_since()?;
        Some(now.saturating_duration_since(since))
    }

    fn claim_socket(self: &Arc<Self>) -> Result<SocketPlace, SocketsFull> {
        let caps = self.limiter.caps;
        let mut connections = lock(&self.limiter.connections);
        if connections.sockets >= most_sockets(caps.in_all) {
            return Err(SocketsFull::InAll);
        }
        if self.source != ClientSource::Proxy && connections.sockets_of(self.source) >= most_sockets(caps.each_address)
        {
            return Err(SocketsFull::OfAddress);
        }
        // If this connection was evicted a moment ago, its source may have no entry any more. A new entry does no harm:
        // it disappears when the request ends, which is soon.
        connections.add_socket(self.source);
        self.connection.enter();
        Ok(SocketPlace(self.clone()))
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        lock(&self.limiter.connections).clear(self.source, &self.connection);
    }
}

impl Drop for SocketPlace {
    fn drop(&mut self) {
        let permit = &self.0;
        lock(&permit.limiter.connections).clear_socket(permit.source);
        permit.connection.leave();
    }
}

/// A request that is being answered.
pub struct RequestInProgress {
    connection: Arc<OpenConnection>,
    counted: bool,
}

impl RequestInProgress {
    /// Call this when the answer is ready.
    pub fn end(self, now: Instant) {
        self.connection.touch(now);
    }
}

impl Drop for RequestInProgress {
    /// The request no longer counts as being answered, even if it was given up.
    fn drop(&mut self) {
        if self.counted {
            self.connection.leave();
        }
    }
}

#[cfg(test)]
mod tests;
