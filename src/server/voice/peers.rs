//! All peers, each behind a barrier: one that panics is gone, and the others never learn of it.

use super::{command::ConnectionId, peer::Peer};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

/// The peers, by connection, and when each wants to be woken.
#[derive(Default)]
pub struct Peers {
    peers: HashMap<ConnectionId, PeerEntry>,
    /// May name a peer that is gone, or whose alarm was set anew; [`PeerEntry::alarm`] says what holds.
    alarms: BinaryHeap<Reverse<(Instant, ConnectionId)>>,
}

struct PeerEntry {
    peer: Peer,
    /// Never later than the peer's own time.
    alarm: Option<Instant>,
}

/// The peer was not there, or is not any more: it panicked.
#[derive(Debug, PartialEq, Eq)]
pub enum Absent {
    Unknown,
    Panicked,
}

impl Peers {
    /// Takes a peer in, instead of the one that the connection had.
    pub fn insert(&mut self, connection: ConnectionId, peer: Peer) {
        let alarm = Some(peer.wake_at);
        self.alarms.push(Reverse((peer.wake_at, connection)));
        self.peers.insert(connection, PeerEntry { peer, alarm });
    }

    pub fn remove(&mut self, connection: ConnectionId) {
        self.peers.remove(&connection);
    }

    /// Lets `action` change a peer, and sets its alarm as it requests afterwards.
    ///
    /// # Errors
    /// `Panicked` where `action` did: the peer is taken out, for who knows what state it was left in.
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

    /// The next that is to be woken by `now`.
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

    /// When somebody is to be woken next; it may be earlier than need be.
    pub fn next_wake(&self) -> Option<Instant> {
        self.alarms.peek().map(|Reverse((at, _))| *at)
    }
}

/// What `action` gives, or `None` where it panicked. To be used where everything that `action` may leave half-done is thrown
/// away afterwards.
pub fn contain<T>(action: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(action)).ok()
}

#[cfg(test)]
mod tests;
