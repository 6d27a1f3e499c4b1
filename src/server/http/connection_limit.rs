//! Limits the number of open connections, for each address and in all.
//!
//! If the limit is reached, we close the connection that has been idle longest instead of refusing the new one. Otherwise
//! slow clients could keep everybody else out by sending little. An honest browser whose idle connection is closed just
//! opens another.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tokio::sync::Notify;

/// The open connections and their limits. Clones share them.
#[derive(Clone)]
pub struct ConnectionLimiter {
    caps: ConnectionCaps,
    connections: Arc<Mutex<OpenConnections>>,
}

/// How many connections may be open.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionCaps {
    pub each_address: u32,
    pub in_all: usize,
}

#[derive(Default)]
struct OpenConnections {
    by_address: HashMap<IpAddr, Vec<Arc<OpenConnection>>>,
    taken: usize,
}

struct OpenConnection {
    activity: Mutex<Activity>,
    evicted: Notify,
}

struct Activity {
    /// Requests that are being answered. A WebSocket counts while it is open.
    open: u32,
    /// Whether any request has arrived.
    ever: bool,
    /// Meaningful only while `open` is 0.
    idle_since: Instant,
}

/// The permit of one open connection. Dropping it frees the place.
pub struct ConnectionPermit {
    limiter: ConnectionLimiter,
    address: IpAddr,
    connection: Arc<OpenConnection>,
}

/// The permits of a request's connection: one, or two if there is a trusted proxy (the proxy's and the client's). After an
/// upgrade, the WebSocket keeps them while it is open.
#[derive(Clone, Default)]
pub struct ConnectionPermits(pub Vec<Arc<ConnectionPermit>>);

impl ConnectionLimiter {
    pub fn new(caps: ConnectionCaps) -> Self {
        Self {
            caps,
            connections: Arc::default(),
        }
    }

    /// A permit for a connection from `address`; `None` if the limit is reached and no connection is idle.
    pub fn admit(&self, address: IpAddr, now: Instant) -> Option<ConnectionPermit> {
        let mut connections = lock(&self.connections);
        let of_address = connections.by_address.get(&address).map_or(0, Vec::len);
        if of_address >= self.caps.each_address as usize && !connections.evict_one(Some(address)) {
            return None;
        }
        if connections.taken >= self.caps.in_all && !connections.evict_one(None) {
            return None;
        }
        Some(self.issue_permit(&mut connections, address, now))
    }

    /// A permit for a connection from a trusted proxy. It carries the requests of many clients, so only the limit on all
    /// connections applies. The clients behind it are counted by `client_ip`.
    pub fn admit_proxy(&self, address: IpAddr, now: Instant) -> Option<ConnectionPermit> {
        let mut connections = lock(&self.connections);
        let free = connections.taken < self.caps.in_all || connections.evict_one(None);
        free.then(|| self.issue_permit(&mut connections, address, now))
    }

    /// Closes the connection that has been idle longest. Called if the system cannot accept more connections.
    pub fn evict_idlest(&self) {
        lock(&self.connections).evict_one(None);
    }

    fn issue_permit(&self, connections: &mut OpenConnections, address: IpAddr, now: Instant) -> ConnectionPermit {
        let connection = Arc::new(OpenConnection {
            activity: Mutex::new(Activity {
                open: 0,
                ever: false,
                idle_since: now,
            }),
            evicted: Notify::new(),
        });
        connections
            .by_address
            .entry(address)
            .or_default()
            .push(connection.clone());
        connections.taken += 1;
        ConnectionPermit {
            limiter: self.clone(),
            address,
            connection,
        }
    }
}

impl OpenConnections {
    /// Closes the connection that has been idle longest, of one address or of all. False if none is idle.
    fn evict_one(&mut self, address: Option<IpAddr>) -> bool {
        let of_address = |(one, _): &(&IpAddr, _)| address.is_none_or(|address| address == **one);
        let asked = self.by_address.iter().filter(of_address);
        let idle = asked
            .flat_map(|(address, connections)| connections.iter().map(|connection| (*address, connection)))
            .filter_map(|(address, connection)| Some((connection.idle_since()?, address, connection)));
        let longest = idle.min_by_key(|(since, ..)| *since);
        let Some((address, connection)) = longest.map(|(_, address, connection)| (address, connection.clone())) else {
            return false;
        };
        connection.evicted.notify_one();
        self.clear(address, &connection);
        true
    }

    fn clear(&mut self, address: IpAddr, connection: &Arc<OpenConnection>) {
        let Some(connections) = self.by_address.get_mut(&address) else {
            return;
        };
        let before = connections.len();
        connections.retain(|other| !Arc::ptr_eq(other, connection));
        self.taken -= before - connections.len();
        if connections.is_empty() {
            self.by_address.remove(&address);
        }
    }
}

impl OpenConnection {
    fn idle_since(&self) -> Option<Instant> {
        let activity = lock(&self.activity);
        (activity.open == 0).then_some(activity.idle_since)
    }
}

impl ConnectionPermit {
    /// Call this when the head of a request has arrived. A request with a body still counts as idle, starting now, because
    /// a client may send the body slowly on purpose.
    pub fn begin_request(&self, has_body: bool, now: Instant) -> RequestInProgress {
        let mut activity = lock(&self.connection.activity);
        activity.ever = true;
        activity.idle_since = now;
        activity.open += u32::from(!has_body);
        RequestInProgress {
            connection: self.connection.clone(),
            counted: !has_body,
        }
    }

    /// Whether any request has arrived.
    pub fn has_had_request(&self) -> bool {
        lock(&self.connection.activity).ever
    }

    /// Completes when this connection must make room for another.
    pub async fn evicted(&self) {
        self.connection.evicted.notified().await;
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        lock(&self.limiter.connections).clear(self.address, &self.connection);
    }
}

/// A request that is being answered.
pub struct RequestInProgress {
    connection: Arc<OpenConnection>,
    counted: bool,
}

impl RequestInProgress {
    /// Call this when the answer is ready. `for_good` is true for a WebSocket, which counts as busy until its permit is
    /// dropped.
    pub fn end(mut self, for_good: bool, now: Instant) {
        let mut activity = lock(&self.connection.activity);
        activity.idle_since = now;
        activity.open += u32::from(for_good);
        activity.open -= u32::from(self.counted);
        self.counted = false;
    }
}

impl Drop for RequestInProgress {
    /// A request that was given up no longer counts as busy.
    fn drop(&mut self) {
        lock(&self.connection.activity).open -= u32::from(self.counted);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const ADA: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const BEN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn limiter(each_address: u32, in_all: usize) -> ConnectionLimiter {
        ConnectionLimiter::new(ConnectionCaps { each_address, in_all })
    }

    fn is_evicted(permit: &ConnectionPermit) -> bool {
        futures::FutureExt::now_or_never(permit.evicted()).is_some()
    }

    #[test]
    fn an_address_is_limited_and_gets_dropped_permits_back() {
        let (limiter, now) = (limiter(2, 100), Instant::now());
        let busy = |address| {
            let permit = limiter.admit(address, now)?;
            let in_progress = permit.begin_request(false, now);
            Some((permit, in_progress))
        };
        let (first, _second) = (busy(ADA), busy(ADA));
        assert!(first.is_some() && busy(ADA).is_none());
        assert!(busy(BEN).is_some());
        drop(first);
        assert!(busy(ADA).is_some());
    }

    #[test]
    fn the_connection_idle_longest_makes_room() {
        let (limiter, now) = (limiter(3, 100), Instant::now());
        let at = |seconds| now + Duration::from_secs(seconds);
        let (old, older, busy) = (
            limiter.admit(ADA, at(2)),
            limiter.admit(ADA, at(1)),
            limiter.admit(ADA, now),
        );
        let (old, older, busy) = (
            old.expect("admitted"),
            older.expect("admitted"),
            busy.expect("admitted"),
        );
        let _work = busy.begin_request(false, at(0));
        let ben = limiter.admit(BEN, now).expect("admitted");
        let new = limiter.admit(ADA, at(3)).expect("admitted in place of an idle one");
        assert!(is_evicted(&older));
        assert!(![&old, &busy, &ben, &new].into_iter().any(is_evicted));
    }

    #[test]
    fn a_slow_body_counts_as_idle_and_a_socket_as_busy() {
        let (limiter, now) = (limiter(2, 100), Instant::now());
        let (slow, socket) = (
            limiter.admit(ADA, now).expect("admitted"),
            limiter.admit(ADA, now).expect("admitted"),
        );
        let _body = slow.begin_request(true, now);
        socket.begin_request(false, now).end(true, now);
        let next = limiter.admit(ADA, now).expect("admitted in place of the slow one");
        assert!(is_evicted(&slow) && !is_evicted(&socket));
        next.begin_request(false, now).end(true, now);
        assert!(limiter.admit(ADA, now).is_none());
    }

    #[test]
    fn all_connections_together_are_limited_too() {
        let (limiter, now) = (limiter(100, 2), Instant::now());
        let (ada, ben) = (
            limiter.admit(ADA, now).expect("admitted"),
            limiter.admit(BEN, now).expect("admitted"),
        );
        let _work = ben.begin_request(false, now);
        let proxy = limiter.admit_proxy(BEN, now).expect("admitted in place of Ada's");
        assert!(is_evicted(&ada));
        let _more = proxy.begin_request(false, now);
        assert!(limiter.admit(ADA, now).is_none() && limiter.admit_proxy(ADA, now).is_none());
    }
}
