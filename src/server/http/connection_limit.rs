//! Limits the number of open connections, for each address and in all.
//!
//! If the limit is reached, we close the connection that has been idle longest instead of refusing the new one. Otherwise
//! slow clients could keep everybody else out by sending little. An honest browser whose idle connection is closed just
//! opens another.
//!
//! A WebSocket stays open for hours and is never closed to make room. So WebSockets may take only three quarters of the
//! places. The last quarter is kept for requests.

use crate::server::address_group::AddressGroup;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tokio::sync::Notify;

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

/// Which limit a WebSocket would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketsFull {
    OfAddress,
    InAll,
}

/// The holder whose limit a connection counts towards. The trusted proxies have no limit of their own, so they share one
/// entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum ClientSource {
    Address(AddressGroup),
    Proxy,
}

#[derive(Default)]
struct OpenConnections {
    by_source: HashMap<ClientSource, OfSource>,
    taken: usize,
    sockets: usize,
}

#[derive(Default)]
struct OfSource {
    open: Vec<Arc<OpenConnection>>,
    sockets: usize,
}

struct OpenConnection {
    activity: Mutex<Activity>,
    evicted: Notify,
}

struct Activity {
    /// How many requests are being answered on the connection. A WebSocket counts as one while it is open.
    open: u32,
    /// Meaningful only while `open` is 0.
    idle_since: Instant,
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
        let of_source = connections.by_source.get(&source).map_or(0, |of| of.open.len());
        if of_source >= self.caps.each_address && !connections.evict_one_of(source) {
            return None;
        }
        self.admit_in_all(&mut connections, source, now)
    }

    /// Whether the connections of `address` have reached the limit of one address.
    pub fn is_full_for(&self, address: IpAddr) -> bool {
        let source = ClientSource::Address(AddressGroup::of(address));
        let connections = lock(&self.connections);
        let of_source = connections.by_source.get(&source);
        of_source.is_some_and(|of| of.open.len() >= self.caps.each_address)
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
        let connection = Arc::new(OpenConnection {
            activity: Mutex::new(Activity {
                open: 0,
                idle_since: now,
            }),
            evicted: Notify::new(),
        });
        let of_source = connections.by_source.entry(source).or_default();
        of_source.open.push(connection.clone());
        connections.taken += 1;
        Some(ConnectionPermit {
            limiter: self.clone(),
            source,
            connection,
        })
    }
}

impl OpenConnections {
    /// Of all connections, closes the one that has been idle longest. False if none is idle.
    fn evict_one(&mut self) -> bool {
        let idlest = self.by_source.iter().filter_map(|(source, of_source)| {
            let (since, connection) = of_source.idlest()?;
            Some((since, *source, connection))
        });
        let idlest = idlest.min_by_key(|(since, ..)| *since);
        idlest.is_some_and(|(_, source, connection)| self.evict(source, &connection))
    }

    /// Like [`OpenConnections::evict_one`], but only among the connections of one source.
    fn evict_one_of(&mut self, source: ClientSource) -> bool {
        let idlest = self.by_source.get(&source).and_then(OfSource::idlest);
        idlest.is_some_and(|(_, connection)| self.evict(source, &connection))
    }

    fn evict(&mut self, source: ClientSource, connection: &Arc<OpenConnection>) -> bool {
        connection.evicted.notify_one();
        self.clear(source, connection);
        true
    }

    fn clear(&mut self, source: ClientSource, connection: &Arc<OpenConnection>) {
        let Some(of_source) = self.by_source.get_mut(&source) else {
            return;
        };
        let before = of_source.open.len();
        of_source.open.retain(|other| !Arc::ptr_eq(other, connection));
        self.taken -= before - of_source.open.len();
        self.forget_if_unused(source);
    }

    fn clear_socket(&mut self, source: ClientSource) {
        let Some(of_source) = self.by_source.get_mut(&source) else {
            return;
        };
        of_source.sockets -= 1;
        self.sockets -= 1;
        self.forget_if_unused(source);
    }

    fn forget_if_unused(&mut self, source: ClientSource) {
        let is_unused = |of_source: &OfSource| of_source.open.is_empty() && of_source.sockets == 0;
        if self.by_source.get(&source).is_some_and(is_unused) {
            self.by_source.remove(&source);
        }
    }
}

impl OfSource {
    /// The connection that has been idle longest, and since when.
    fn idlest(&self) -> Option<(Instant, Arc<OpenConnection>)> {
        let idle = self.open.iter().filter_map(|one| Some((one.idle_since()?, one)));
        let (since, connection) = idle.min_by_key(|(since, _)| *since)?;
        Some((since, connection.clone()))
    }
}

impl OpenConnection {
    fn idle_since(&self) -> Option<Instant> {
        let activity = lock(&self.activity);
        (activity.open == 0).then_some(activity.idle_since)
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
        let mut activity = lock(&self.connection.activity);
        activity.idle_since = now;
        activity.open += u32::from(!has_body);
        RequestInProgress {
            connection: self.connection.clone(),
            counted: !has_body,
        }
    }

    /// Completes when this connection must make room for another.
    pub async fn evicted(&self) {
        self.connection.evicted.notified().await;
    }

    fn claim_socket(self: &Arc<Self>) -> Result<SocketPlace, SocketsFull> {
        let caps = self.limiter.caps;
        let mut connections = lock(&self.limiter.connections);
        if connections.sockets >= most_sockets(caps.in_all) {
            return Err(SocketsFull::InAll);
        }
        // If this connection was evicted a moment ago, its source may have no entry any more. A new entry does no harm:
        // it disappears when the request ends, which is soon.
        let of_source = connections.by_source.entry(self.source).or_default();
        if self.source != ClientSource::Proxy && of_source.sockets >= most_sockets(caps.each_address) {
            return Err(SocketsFull::OfAddress);
        }
        of_source.sockets += 1;
        connections.sockets += 1;
        lock(&self.connection.activity).open += 1;
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
        lock(&permit.connection.activity).open -= 1;
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
        lock(&self.connection.activity).idle_since = now;
    }
}

impl Drop for RequestInProgress {
    /// The request no longer counts as being answered, even if it was given up.
    fn drop(&mut self) {
        lock(&self.connection.activity).open -= u32::from(self.counted);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
