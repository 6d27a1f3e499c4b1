//! All peers, each behind a panic barrier: a peer that panics is removed, and the others go on.

use super::{command::ConnectionId, figures::PeersByWay, peer::Peer};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

/// The peers by connection, and a queue of the times at which they must be woken.
#[derive(Default)]
pub struct Peers {
    peers: HashMap<ConnectionId, PeerEntry>,
    /// When to wake which peer. An entry is outdated if its peer is gone or has another alarm now; [`PeerEntry::alarm`] is
    /// the valid time.
    alarms: BinaryHeap<Reverse<(Instant, ConnectionId)>>,
}

struct PeerEntry {
    peer: Peer,
    /// When to wake the peer, never later than [`Peer::wake_at`]. `None` after a wake-up, until the next alarm is set.
    alarm: Option<Instant>,
}

/// Why there is no peer.
#[derive(Debug, PartialEq, Eq)]
pub enum Absent {
    /// This connection has no peer.
    Unknown,
    /// The peer panicked and was removed.
    Panicked,
}

impl Peers {
    /// Adds the peer of a connection, and drops the one it had before.
    pub fn insert(&mut self, connection: ConnectionId, peer: Peer) {
        let alarm = Some(peer.wake_at);
        self.alarms.push(Reverse((peer.wake_at, connection)));
        self.peers.insert(connection, PeerEntry { peer, alarm });
    }

    pub fn remove(&mut self, connection: ConnectionId) {
        self.peers.remove(&connection);
    }

    /// Gives the peer of `from` to the connection `to`.
    pub fn move_connection(&mut self, from: ConnectionId, to: ConnectionId) {
        if let Some(entry) = self.peers.remove(&from) {
            self.insert(to, entry.peer);
        }
    }

    /// Runs `action` on a peer, and sets the alarm that the peer wants afterwards.
    ///
    /// # Errors
    /// `Unknown`; `Panicked` if `action` panicked. That peer is removed, because its state may be inconsistent.
    pub fn with<T>(&mut self, connection: ConnectionId, action: impl FnOnce(&mut Peer) -> T) -> Result<T, Absent> {
        let entry = self.peers.get_mut(&connection).ok_or(Absent::Unknown)?;
        match contain(|| action(&mut entry.peer)) {
            Some(result) => {
                let wake_at = entry.peer.wake_at;
                if entry.alarm.is_none_or(|alarm| wake_at < alarm) {
                    entry.alarm = Some(wake_at);
                    self.alarms.push(Reverse((wake_at, connection)));
                }
                Ok(result)
            }
            None => {
                self.peers.remove(&connection);
                Err(Absent::Panicked)
            }
        }
    }

    /// Counts the peers by the way of their sound. `is_relay` says whether an address is that of a TURN server.
    pub fn count_by_way(&self, is_relay: impl Fn(IpAddr) -> bool) -> PeersByWay {
        let mut counts = PeersByWay::default();
        for entry in self.peers.values() {
            *counts.of(entry.peer.way(), &is_relay) += 1;
        }
        counts
    }

    /// The next peer that must be woken by `now`.
    pub fn next_due(&mut self, now: Instant) -> Option<ConnectionId> {
        while let Some(Reverse((at, connection))) = self.alarms.peek().copied() {
            if at > now {
                return None;
            }
            self.alarms.pop();
            if let Some(entry) = self.peers.get_mut(&connection).filter(|entry| entry.alarm == Some(at)) {
                entry.alarm = None;
                return Some(connection);
            }
        }
        None
    }

    /// When the next peer must be woken. The time can be too early, because of an outdated entry.
    pub fn next_wake(&self) -> Option<Instant> {
        self.alarms.peek().map(|Reverse((at, _))| *at)
    }
}

/// Runs `action`; `None` if it panicked. Use this only if everything that a panic may leave half-done is thrown away.
pub fn contain<T>(action: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(action)).ok()
}

#[cfg(test)]
mod tests;
