//! A participant, pure: one person in a room, whatever the number of their pages and devices.

use super::command::ConnectionId;
use crate::model::{
    room::{ParticipantInfo, Person},
    stage::{MicLock, Role},
};

#[derive(Debug)]
pub struct Participant {
    pub person: Person,
    /// The CSRC of this person's voice. It grows with each who comes in, so it is the order of coming too.
    pub voice: u32,
    connections: Vec<ConnectionId>,
    /// The one connection whose microphone is open.
    talking: Option<ConnectionId>,
    /// Since when no connection is left.
    pub lost_since_ms: Option<u64>,
    pub away: bool,
    /// A raised hand: its place in the order of raising.
    pub hand: Option<u32>,
    /// Who asked them to the stage, where they have not answered yet.
    pub invited_by: Option<Person>,
    /// Unix seconds: since when the account is activated.
    pub known_since_s: i64,
    /// The account is younger than the room asks for.
    pub is_new: bool,
    pub guest: bool,
}

impl Participant {
    pub fn new(person: Person, (known_since_s, guest): (i64, bool), voice: u32, connection: ConnectionId) -> Self {
        Self {
            hand: None,
            invited_by: None,
            known_since_s,
            is_new: false,
            guest,
            person,
            voice,
            connections: vec![connection],
            talking: None,
            lost_since_ms: None,
            away: false,
        }
    }

    /// Another connection of the same person, or the same one again: muted in any case.
    pub fn take(&mut self, connection: ConnectionId) {
        self.release(connection);
        self.connections.push(connection);
        (self.lost_since_ms, self.away) = (None, false);
    }

    /// A connection is gone; true if it was the last one.
    pub fn release(&mut self, connection: ConnectionId) -> bool {
        let had_any = !self.connections.is_empty();
        self.connections.retain(|other| *other != connection);
        self.set_talking(connection, false);
        had_any && self.connections.is_empty()
    }

    /// Opens or closes the microphone of `connection`; the one that was open before.
    pub fn set_talking(&mut self, connection: ConnectionId, on: bool) -> Option<ConnectionId> {
        let before = self.talking;
        match on {
            true => self.talking = Some(connection),
            false => self.talking = before.filter(|talking| *talking != connection),
        }
        before
    }

    pub fn is_lost_for(&self, time_ms: u64, now_ms: u64) -> bool {
        self.lost_since_ms.is_some_and(|since| now_ms >= since + time_ms)
    }

    pub fn has(&self, connection: ConnectionId) -> bool {
        self.connections.contains(&connection)
    }

    /// The connection whose microphone is open.
    pub fn talking(&self) -> Option<ConnectionId> {
        self.talking
    }

    pub fn participant_info(&self, role: Role, mic_lock: Option<MicLock>) -> ParticipantInfo {
        ParticipantInfo {
            person: self.person.clone(),
            role,
            hand: self.hand,
            invited: self.invited_by.is_some(),
            mic_lock,
            away: self.away,
            muted: self.talking.is_none(),
            voice: self.voice,
        }
    }
}
