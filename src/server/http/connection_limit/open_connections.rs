//! The table of the open connections. It counts them for each source, and finds the connection that has been idle longest.

use crate::server::address_group::AddressGroup;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tokio::sync::Notify;

/// The holder whose limit a connection counts towards. The trusted proxies have no limit of their own, so they share one
/// entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientSource {
    Address(AddressGroup),
    Proxy,
}

/// The open connections and WebSockets by their source, and how many there are in all.
#[derive(Default)]
pub struct OpenConnections {
    pub by_source: HashMap<ClientSource, OfSource>,
    pub taken: usize,
    pub sockets: usize,
}

/// The open connections and WebSockets of one source.
#[derive(Default)]
pub struct OfSource {
    open: Vec<Arc<OpenConnection>>,
    sockets: usize,
}

/// One open connection.
pub struct OpenConnection {
    activity: Mutex<Activity>,
    evicted: Notify,
}

struct Activity {
    /// How many requests are being answered on the connection. A WebSocket counts as one while it is open.
    open: u32,
    /// Meaningful only while `open` is 0.
    idle_since: Instant,
}

impl OpenConnections {
    /// How many connections of a source are open.
    pub fn of(&self, source: ClientSource) -> usize {
        self.by_source.get(&source).map_or(0, |of_source| of_source.open.len())
    }

    /// How many WebSockets of a source are open.
    pub fn sockets_of(&self, source: ClientSource) -> usize {
        self.by_source.get(&source).map_or(0, |of_source| of_source.sockets)
    }

    /// Adds a connection that has been idle since `now`.
    pub fn add(&mut self, source: ClientSource, now: Instant) -> Arc<OpenConnection> {
        let connection = Arc::new(OpenConnection {
            activity: Mutex::new(Activity {
                open: 0,
                idle_since: now,
            }),
            evicted: Notify::new(),
        });
        let of_source = self.by_source.entry(source).or_default();
        of_source.open.push(connection.clone());
        self.taken += 1;
        connection
    }

    /// Counts one more WebSocket of a source.
    pub fn add_socket(&mut self, source: ClientSource) {
        self.by_source.entry(source).or_default().sockets += 1;
        self.sockets += 1;
    }

    /// Closes the connection that has been idle longest. False if none is idle.
    pub fn evict_one(&mut self) -> bool {
        let idlest = self.by_source.iter().filter_map(|(source, of_source)| {
            let (since, connection) = of_source.idlest()?;
            Some((since, *source, connection))
        });
        let idlest = idlest.min_by_key(|(since, ..)| *since);
        idlest.is_some_and(|(_, source, connection)| self.evict(source, &connection))
    }

    /// Like [`OpenConnections::evict_one`], but only among the connections of one source.
    pub fn evict_one_of(&mut self, source: ClientSource) -> bool {
        let idlest = self.by_source.get(&source).and_then(OfSource::idlest);
        idlest.is_some_and(|(_, connection)| self.evict(source, &connection))
    }

    fn evict(&mut self, source: ClientSource, connection: &Arc<OpenConnection>) -> bool {
        connection.evicted.notify_one();
        self.clear(source, connection);
        true
    }

    /// Frees the place of a connection. Does nothing if the connection was evicted, because then its place is free already.
    pub fn clear(&mut self, source: ClientSource, connection: &Arc<OpenConnection>) {
        let Some(of_source) = self.by_source.get_mut(&source) else {
            return;
        };
        let before = of_source.open.len();
        of_source.open.retain(|other| !Arc::ptr_eq(other, connection));
        self.taken -= before - of_source.open.len();
        self.forget_if_unused(source);
    }

    /// Frees the place of a WebSocket.
    pub fn clear_socket(&mut self, source: ClientSource) {
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
    /// Notes that a request has arrived. `is_counted` says whether the connection is busy until [`OpenConnection::leave`].
    pub fn begin(&self, is_counted: bool, now: Instant) {
        let mut activity = lock(&self.activity);
        activity.idle_since = now;
        activity.open += u32::from(is_counted);
    }

    /// Notes that something happened on the connection, so that its idle time begins again.
    pub fn touch(&self, now: Instant) {
        lock(&self.activity).idle_since = now;
    }

    /// Counts one more request or WebSocket.
    pub fn enter(&self) {
        lock(&self.activity).open += 1;
    }

    /// Counts one request or WebSocket less.
    pub fn leave(&self) {
        lock(&self.activity).open -= 1;
    }

    /// Completes when this connection must make room for another.
    pub async fn evicted(&self) {
        self.evicted.notified().await;
    }

    /// When the last request ended. `None` while a request is in progress.
    pub fn idle_since(&self) -> Option<Instant> {
        let activity = lock(&self.activity);
        (activity.open == 0).then_some(activity.idle_since)
    }
}

/// Locks, even if another thread has panicked while it had the lock.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
