//! The changes of rooms that wait to be written to the database, oldest first.
//!
//! Of everything that is stored, only the newest state waits: a second change of the same record replaces the first. A
//! room therefore has at most one change for each person, its rules, its host and the absence of its owner, and the entries of its log that are
//! stored at all. So the memory stays bounded, however long the database does not answer and whatever hosts do meanwhile.

use super::command::Persist;
use crate::model::{
    id::{RoomId, UserId},
    moderation_log::LOG_MAX,
};
use std::collections::{BTreeMap, HashMap};

/// The changes that wait.
#[derive(Debug, Default)]
pub struct PendingChanges {
    /// The changes by their place in the order of arrival.
    waiting: BTreeMap<u64, (Subject, Persist)>,
    places: HashMap<Subject, u64>,
    next_place: u64,
}

/// What a change is about. Of two changes with the same subject, the later one replaces the earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Subject {
    room: RoomId,
    part: Part,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Record(UserId),
    Host,
    Rules,
    OwnerLeft,
    LogEntry(u32),
    Ended,
}

impl PendingChanges {
    /// Adds a change. If an earlier change with the same subject waits, the new one takes its place in the order.
    pub fn add(&mut self, room: RoomId, what: Persist) {
        match &what {
            // When a room has ended, nothing else about it has any effect.
            Persist::Ended { .. } => self.drop_room(&room),
            // Only the newest entries of a log are stored.
            Persist::LogEntry(entry) => {
                if let Some(too_old) = entry.number.checked_sub(LOG_MAX as u32) {
                    self.remove(&Subject {
                        room: room.clone(),
                        part: Part::LogEntry(too_old),
                    });
                }
            }
            Persist::Record { .. } | Persist::Host(_) | Persist::Rules(_) | Persist::OwnerLeft { .. } => {}
        }
        let subject = Subject {
            room,
            part: part(&what),
        };
        let place = *self.places.entry(subject.clone()).or_insert(self.next_place);
        self.next_place += 1;
        self.waiting.insert(place, (subject, what));
    }

    /// Takes the oldest change.
    pub fn take(&mut self) -> Option<(RoomId, Persist)> {
        let (_, (subject, what)) = self.waiting.pop_first()?;
        self.places.remove(&subject);
        Some((subject.room, what))
    }

    /// Whether the end of this room waits.
    pub fn has_end_of(&self, room: &RoomId) -> bool {
        self.places.contains_key(&Subject {
            room: room.clone(),
            part: Part::Ended,
        })
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn remove(&mut self, subject: &Subject) {
        if let Some(place) = self.places.remove(subject) {
            self.waiting.remove(&place);
        }
    }

    fn drop_room(&mut self, room: &RoomId) {
        self.waiting.retain(|_, (subject, _)| subject.room != *room);
        self.places.retain(|subject, _| subject.room != *room);
    }
}

fn part(what: &Persist) -> Part {
    match what {
        Persist::Record { user, .. } => Part::Record(user.clone()),
        Persist::Host(_) => Part::Host,
        Persist::Rules(_) => Part::Rules,
        Persist::OwnerLeft { .. } => Part::OwnerLeft,
        Persist::LogEntry(entry) => Part::LogEntry(entry.number),
        Persist::Ended { .. } => Part::Ended,
    }
}

#[cfg(test)]
mod tests;
