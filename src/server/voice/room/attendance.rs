//! The people at a room: who watches, who is inside, who is away or gone, and when the empty room expires.

use crate::{
    model::{
        id::UserId,
        room::Person,
        signal::{Refusal, ServerSignal},
    },
    server::voice::{
        command::{ConnectionId, Effect, RoomVisitor},
        participant::Participant,
    },
};
use std::collections::BTreeMap;

/// A room that nobody is in and nobody watches expires after this.
pub const EXPIRE_AFTER_MS: u64 = 60_000;
/// A person whose last connection was lost without a goodbye shows as away after this.
pub const AWAY_AFTER_MS: u64 = 2_000;
/// A person whose last connection was lost without a goodbye is taken off the roster after this. We promise at most 5 s, so
/// one second is in reserve.
pub const GONE_AFTER_MS: u64 = 4_000;

/// Everybody with a socket to a room. Times are milliseconds of the registry's clock.
#[derive(Debug)]
pub struct Attendance {
    /// Every socket of this room, whether its person is inside or only watches.
    watchers: BTreeMap<ConnectionId, UserId>,
    participants: BTreeMap<UserId, Participant>,
    /// The CSRC of the newest participant; the next one gets the next number.
    last_voice: u32,
    /// Since when the room has been empty (no participant and no socket); `None` while it is not empty.
    empty_since_ms: Option<u64>,
    /// When the first person came in after a break of [`EXPIRE_AFTER_MS`] or longer; `None` if nobody ever came in.
    first_came_ms: Option<u64>,
    /// When the last participant left; `None` if no participant ever left.
    last_left_ms: Option<u64>,
}

/// What happens to a participant who has had no connection for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Others see them as away.
    Away,
    /// They are taken off the roster; `since_ms` is when the last connection was lost.
    Gone { since_ms: u64 },
}

impl Attendance {
    /// An empty room.
    pub fn new(now_ms: u64) -> Self {
        Self {
            watchers: BTreeMap::new(),
            participants: BTreeMap::new(),
            last_voice: 0,
            empty_since_ms: Some(now_ms),
            first_came_ms: None,
            last_left_ms: None,
        }
    }

    /// Whether somebody is inside.
    pub fn is_active(&self) -> bool {
        !self.participants.is_empty()
    }

    /// Since when people have been inside; `None` if nobody is inside. A break shorter than [`EXPIRE_AFTER_MS`] does not count, so a
    /// person who is alone can load the page again.
    pub fn active_since_ms(&self) -> Option<u64> {
        self.first_came_ms.filter(|_| self.is_active())
    }

    /// Whether nobody has been here for [`EXPIRE_AFTER_MS`].
    pub fn has_expired(&self, now_ms: u64) -> bool {
        self.empty_since_ms
            .is_some_and(|since| now_ms >= since + EXPIRE_AFTER_MS)
    }

    /// Whether people are inside and `user` is not one of them.
    pub fn is_missing(&self, user: &UserId) -> bool {
        self.is_active() && !self.participants.contains_key(user)
    }

    /// Whether `user` may come in, if the room takes at most `most` participants.
    ///
    /// # Errors
    /// `RoomFull`.
    pub fn admits(&self, user: &UserId, most: u32) -> Result<(), Refusal> {
        match self.participants.len() < most as usize || self.participants.contains_key(user) {
            true => Ok(()),
            false => Err(Refusal::RoomFull { most }),
        }
    }

    /// Adds a socket of somebody who watches.
    pub fn watch(&mut self, connection: ConnectionId, user: UserId) {
        self.empty_since_ms = None;
        self.watchers.insert(connection, user);
    }

    /// Adds a connection to a participant; returns the CSRC of their voice, or `None` if they are not inside.
    pub fn reconnect(&mut self, connection: ConnectionId, user: &UserId) -> Option<u32> {
        let participant = self.participants.get_mut(user)?;
        participant.take(connection);
        Some(participant.voice)
    }

    /// Adds a participant; returns the CSRC of their voice.
    pub fn enter(&mut self, connection: ConnectionId, visitor: &RoomVisitor, now_ms: u64) -> u32 {
        let was_empty_for_long = self
            .last_left_ms
            .is_none_or(|left_ms| now_ms >= left_ms + EXPIRE_AFTER_MS);
        if self.first_came_ms.is_none() || (!self.is_active() && was_empty_for_long) {
            self.first_came_ms = Some(now_ms);
        }
        self.last_voice += 1;
        let participant = Participant::new(visitor, self.last_voice, connection);
        self.participants.insert(visitor.person.id.clone(), participant);
        self.last_voice
    }

    /// Removes a connection; true if it was a participant's last one.
    pub fn remove_connection(&mut self, connection: ConnectionId, user: &UserId, now_ms: u64) -> bool {
        self.watchers.remove(&connection);
        self.participants
            .get_mut(user)
            .is_some_and(|participant| participant.release(connection, now_ms))
    }

    /// The socket of a connection was lost, and its page may come back with another socket. Until then, the person counts as lost if
    /// they have no other connection.
    pub fn set_waiting(&mut self, connection: ConnectionId, user: &UserId, now_ms: u64) {
        if let Some(participant) = self.participants.get_mut(user) {
            participant.set_waiting(connection, now_ms);
        }
    }

    /// Puts the connection `to` in the place of `from`, both of `user`.
    pub fn move_connection(&mut self, from: ConnectionId, to: ConnectionId, user: &UserId) {
        self.watchers.remove(&from);
        self.watch(to, user.clone());
        if let Some(participant) = self.participants.get_mut(user) {
            participant.move_connection(from, to);
        }
    }

    /// Everybody who has had no connection for [`AWAY_AFTER_MS`] or longer.
    pub fn list_absences(&self, now_ms: u64) -> Vec<(UserId, Absence)> {
        let absence = |participant: &Participant| {
            let since_ms = participant.lost_since_ms()?;
            let is_gone = now_ms >= since_ms + GONE_AFTER_MS;
            match is_gone {
                true => Some(Absence::Gone { since_ms }),
                false => (now_ms >= since_ms + AWAY_AFTER_MS).then_some(Absence::Away),
            }
        };
        self.participants
            .iter()
            .filter_map(|(user, participant)| Some((user.clone(), absence(participant)?)))
            .collect()
    }

    pub fn mark_away(&mut self, user: &UserId) {
        if let Some(participant) = self.participants.get_mut(user) {
            participant.mark_away();
        }
    }

    /// Takes `user`, who left at `left_ms`, off the roster.
    pub fn remove(&mut self, user: &UserId, left_ms: u64) {
        if self.participants.remove(user).is_some() {
            // People who were lost at different times are removed in one pass, in the order of their ids.
            self.last_left_ms = self.last_left_ms.max(Some(left_ms));
        }
    }

    /// Notes whether the room has become empty (no participant and no socket) and, if so, when.
    pub fn track_emptiness(&mut self, now_ms: u64) {
        let is_empty = self.participants.is_empty() && self.watchers.is_empty();
        self.empty_since_ms = is_empty.then(|| self.empty_since_ms.unwrap_or(now_ms));
    }

    /// Updates the name and face of a participant; false if they are not inside.
    pub fn rename(&mut self, person: &Person) -> bool {
        let participant = self.participants.get_mut(&person.id);
        participant.map(|known| known.person = person.clone()).is_some()
    }

    pub fn participant(&self, user: &UserId) -> Option<&Participant> {
        self.participants.get(user)
    }

    /// The participant `user`, if they joined with this connection.
    pub fn participant_at(&self, connection: ConnectionId, user: &UserId) -> Option<&Participant> {
        self.participant(user).filter(|participant| participant.has(connection))
    }

    /// Everybody inside, ordered by id.
    pub fn participants(&self) -> impl Iterator<Item = &Participant> {
        self.participants.values()
    }

    /// Everybody inside, in the order of arrival.
    pub fn in_order(&self) -> Vec<&Participant> {
        let mut participants: Vec<&Participant> = self.participants().collect();
        participants.sort_by_key(|participant| participant.voice);
        participants
    }

    /// Every connection to the room.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.watchers.keys().copied()
    }

    /// The connections of `user` to the room, joined or not.
    pub fn connections_of(&self, user: &UserId) -> impl Iterator<Item = ConnectionId> {
        let theirs = move |(connection, of): (&ConnectionId, &UserId)| (of == user).then_some(*connection);
        self.watchers.iter().filter_map(theirs)
    }

    /// The joined connections of the people for whom `is_meant` is true.
    pub fn connections_inside(&self, is_meant: impl Fn(&UserId) -> bool) -> Vec<ConnectionId> {
        self.watchers
            .iter()
            .filter(|(connection, user)| is_meant(user) && self.participant_at(**connection, user).is_some())
            .map(|(connection, _)| *connection)
            .collect()
    }

    /// Sends a signal to every connection to the room.
    pub fn tell_all(&self, signal: ServerSignal) -> Effect {
        Effect::Tell {
            to: self.connections().collect(),
            signal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::SessionId;

    fn visitor() -> RoomVisitor {
        RoomVisitor {
            person: Person::named(UserId::parse("user-adaaaaa").expect("an id"), "Ada"),
            session: SessionId::parse("session-ada").expect("an id"),
            address: [192, 0, 2, 1].into(),
            known_since_s: 0,
            ice_servers: vec![],
            page: None,
        }
    }

    #[test]
    fn a_lost_participant_is_away_and_then_gone_unless_they_come_back() {
        let (visitor, mut attendance) = (visitor(), Attendance::new(0));
        let user = &visitor.person.id;
        let (one, two) = (ConnectionId(1), ConnectionId(2));
        for connection in [one, two] {
            attendance.watch(connection, user.clone());
        }
        let voice = attendance.enter(one, &visitor, 0);
        assert_eq!(attendance.reconnect(two, user), Some(voice));
        assert!(
            !attendance.remove_connection(one, user, 10),
            "the second connection keeps them inside"
        );
        assert!(attendance.remove_connection(two, user, 10));
        let absence = |attendance: &Attendance, now_ms| attendance.list_absences(now_ms).pop().map(|(_, what)| what);
        assert_eq!(absence(&attendance, 10 + AWAY_AFTER_MS - 1), None);
        assert_eq!(absence(&attendance, 10 + AWAY_AFTER_MS), Some(Absence::Away));
        let gone = Absence::Gone { since_ms: 10 };
        assert_eq!(absence(&attendance, 10 + GONE_AFTER_MS), Some(gone));
        attendance.reconnect(one, user);
        assert_eq!(absence(&attendance, 10 + GONE_AFTER_MS), None);
    }

    #[test]
    fn a_room_is_active_since_the_first_person_came_in_and_a_short_break_does_not_count() {
        let (visitor, mut attendance) = (visitor(), Attendance::new(0));
        let user = &visitor.person.id;
        assert_eq!(attendance.active_since_ms(), None);
        attendance.enter(ConnectionId(1), &visitor, 5);
        assert_eq!(attendance.active_since_ms(), Some(5));
        attendance.remove(user, 1_000);
        assert_eq!(attendance.active_since_ms(), None, "nobody is inside");
        attendance.enter(ConnectionId(2), &visitor, 999 + EXPIRE_AFTER_MS);
        assert_eq!(attendance.active_since_ms(), Some(5));
        let other = RoomVisitor {
            person: Person::named(UserId::parse("user-ben-1").expect("an id"), "Ben"),
            ..visitor.clone()
        };
        attendance.enter(ConnectionId(4), &other, 90_000);
        attendance.remove(user, 100_000);
        attendance.remove(&other.person.id, 99_000);
        attendance.enter(ConnectionId(5), &visitor, 99_000 + EXPIRE_AFTER_MS);
        assert_eq!(attendance.active_since_ms(), Some(5), "Ada left last");
        attendance.remove(user, 170_000);
        attendance.enter(ConnectionId(3), &visitor, 170_000 + EXPIRE_AFTER_MS);
        assert_eq!(attendance.active_since_ms(), Some(170_000 + EXPIRE_AFTER_MS));
    }

    #[test]
    fn a_room_expires_when_nobody_has_watched_it_for_a_minute() {
        let (visitor, mut attendance) = (visitor(), Attendance::new(0));
        assert!(attendance.has_expired(EXPIRE_AFTER_MS) && !attendance.has_expired(EXPIRE_AFTER_MS - 1));
        attendance.watch(ConnectionId(1), visitor.person.id.clone());
        attendance.track_emptiness(5);
        assert!(!attendance.has_expired(EXPIRE_AFTER_MS * 2));
        attendance.remove_connection(ConnectionId(1), &visitor.person.id, 7);
        attendance.track_emptiness(7);
        attendance.track_emptiness(9);
        assert!(attendance.has_expired(7 + EXPIRE_AFTER_MS) && !attendance.has_expired(6 + EXPIRE_AFTER_MS));
    }
}
