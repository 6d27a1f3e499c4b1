//! A participant: one person in a room, however many tabs and devices they use.

use super::command::{ConnectionId, RoomVisitor};
use crate::model::room::Person;

#[derive(Debug)]
pub struct Participant {
    pub person: Person,
    /// The CSRC of this person's voice. Each newcomer gets the next number, so the numbers also give the order of
    /// arrival.
    pub voice: u32,
    connections: Vec<ConnectionId>,
    /// Joined connections whose socket was lost, and whose page may come back with another socket.
    waiting: Vec<ConnectionId>,
    /// When the last connection was lost; `None` while there is a connection.
    lost_since_ms: Option<u64>,
    away: bool,
}

impl Participant {
    pub fn new(visitor: &RoomVisitor, voice: u32, connection: ConnectionId) -> Self {
        Self {
            person: visitor.person.clone(),
            voice,
            connections: vec![connection],
            waiting: vec![],
            lost_since_ms: None,
            away: false,
        }
    }

    /// Adds a connection of the same person. A connection that is there already is not added twice.
    pub fn take(&mut self, connection: ConnectionId) {
        self.connections.retain(|other| *other != connection);
        self.connections.push(connection);
        (self.lost_since_ms, self.away) = (None, false);
    }

    /// Like [`Participant::release`], but remembers the connection: [`Participant::move_connection`] may follow.
    pub fn set_waiting(&mut self, connection: ConnectionId, now_ms: u64) {
        if self.has(connection) {
            self.release(connection, now_ms);
            self.waiting.push(connection);
        }
    }

    /// Puts `to` in the place of `from`, which has joined, even if its socket was lost. Does nothing if `from` has not joined.
    pub fn move_connection(&mut self, from: ConnectionId, to: ConnectionId) {
        if self.has(from) || self.waiting.contains(&from) {
            self.connections.retain(|other| *other != from);
            self.waiting.retain(|other| *other != from);
            self.take(to);
        }
    }

    /// Removes a connection; true if it was the last one, and none waits.
    pub fn release(&mut self, connection: ConnectionId, now_ms: u64) -> bool {
        let was_connected = !self.connections.is_empty();
        let had_any = was_connected || !self.waiting.is_empty();
        self.waiting.retain(|other| *other != connection);
        self.connections.retain(|other| *other != connection);
        if was_connected && self.connections.is_empty() {
            self.lost_since_ms = Some(now_ms);
        }
        had_any && self.connections.is_empty() && self.waiting.is_empty()
    }

    pub fn has(&self, connection: ConnectionId) -> bool {
        self.connections.contains(&connection)
    }

    /// When the last connection was lost; `None` while there is a connection.
    pub fn lost_since_ms(&self) -> Option<u64> {
        self.lost_since_ms
    }

    /// Whether others see this person as away.
    pub fn is_away(&self) -> bool {
        self.away
    }

    pub fn mark_away(&mut self) {
        self.away = true;
    }
}
