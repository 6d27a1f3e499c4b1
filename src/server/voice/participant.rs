//! A participant, pure: one person in a room, whatever the number of their pages and devices.

use super::command::{ConnectionId, RoomVisitor};
use crate::model::room::Person;

#[derive(Debug)]
pub struct Participant {
    pub person: Person,
    /// The CSRC of this person's voice. It grows with each who comes in, so it is the order of coming too.
    pub voice: u32,
    pub guest: bool,
    connections: Vec<ConnectionId>,
    /// Since when no connection is left.
    lost_since_ms: Option<u64>,
    away: bool,
}

impl Participant {
    pub fn new(visitor: &RoomVisitor, voice: u32, connection: ConnectionId) -> Self {
        Self {
            person: visitor.person.clone(),
            voice,
            guest: visitor.guest,
            connections: vec![connection],
            lost_since_ms: None,
            away: false,
        }
    }

    /// Another connection of the same person, or the same one again.
    pub fn take(&mut self, connection: ConnectionId) {
        self.connections.retain(|other| *other != connection);
        self.connections.push(connection);
        (self.lost_since_ms, self.away) = (None, false);
    }

    /// A connection is gone; true if it was the last one, so that the person is lost from now on.
    pub fn release(&mut self, connection: ConnectionId, now_ms: u64) -> bool {
        let had_any = !self.connections.is_empty();
        self.connections.retain(|other| *other != connection);
        let is_lost = had_any && self.connections.is_empty();
        if is_lost {
            self.lost_since_ms = Some(now_ms);
        }
        is_lost
    }

    pub fn has(&self, connection: ConnectionId) -> bool {
        self.connections.contains(&connection)
    }

    /// Since when no connection is left.
    pub fn lost_since_ms(&self) -> Option<u64> {
        self.lost_since_ms
    }

    /// Whether others see them as away.
    pub fn is_away(&self) -> bool {
        self.away
    }

    pub fn mark_away(&mut self) {
        self.away = true;
    }
}
