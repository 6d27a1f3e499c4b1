//! One live room, pure: its sign, its seats, and what time does to them.

use super::command::{ConnectionId, Effect};
use crate::model::{
    id::UserId,
    room::{Participant, Person, RoomCard, RoomPage, Sign},
    signal::ServerSignal,
};
use std::collections::BTreeMap;

/// An empty room fades after this long.
pub const FADE_AFTER_MS: u64 = 60_000;
/// A person whose line was lost without a goodbye shows as away after this long,
pub const AWAY_AFTER_MS: u64 = 2_000;
/// and is off the roster after this long: within 5 s, with a second to spare.
pub const GONE_AFTER_MS: u64 = 4_000;

/// A live room. Times are milliseconds, as the hall has them.
#[derive(Debug)]
pub struct Room {
    sign: Sign,
    pub opened: u64,
    seats: BTreeMap<UserId, Taken>,
    /// Since when nobody is inside.
    empty_since_ms: Option<u64>,
}

/// A person's seat, whatever the number of their tabs.
#[derive(Debug)]
struct Taken {
    person: Person,
    arrived: u64,
    connections: Vec<ConnectionId>,
    /// Since when no connection is left.
    lost_since_ms: Option<u64>,
    away: bool,
}

impl Room {
    /// An empty room; `opened` is its place in the order of openings.
    pub fn new(sign: Sign, opened: u64, now_ms: u64) -> Self {
        Self {
            sign,
            opened,
            seats: BTreeMap::new(),
            empty_since_ms: Some(now_ms),
        }
    }

    /// Whether somebody is inside.
    pub fn is_lit(&self) -> bool {
        !self.seats.is_empty()
    }

    /// Whether it has been empty for so long that it is no more.
    pub fn has_faded(&self, now_ms: u64) -> bool {
        self.empty_since_ms.is_some_and(|since| now_ms >= since + FADE_AFTER_MS)
    }

    /// Gives a person a seat, or their seat another connection.
    pub fn seat(&mut self, connection: ConnectionId, person: &Person, turn: u64) -> Vec<Effect> {
        self.empty_since_ms = None;
        if let Some(seat) = self.seats.get_mut(&person.id) {
            seat.connections.push(connection);
            seat.lost_since_ms = None;
            let was_away = std::mem::take(&mut seat.away);
            return if was_away {
                self.tell_changed(&person.id)
            } else {
                vec![]
            };
        }
        // The newcomer is told by `joined`; the others by `roster`, before the newcomer is among them.
        let joined = Participant {
            person: person.clone(),
            host: self.sign.host.id == person.id,
            away: false,
        };
        let effects = self.tell_all(&ServerSignal::Roster {
            joined: vec![joined],
            left: vec![],
            changed: vec![],
        });
        let seat = Taken {
            person: person.clone(),
            arrived: turn,
            connections: vec![connection],
            lost_since_ms: None,
            away: false,
        };
        self.seats.insert(person.id.clone(), seat);
        effects.into_iter().chain([Effect::RoomsChanged]).collect()
    }

    /// Takes a connection from a seat: at once and for good after a goodbye, else the seat waits a while.
    pub fn unseat(&mut self, connection: ConnectionId, user: &UserId, goodbye: bool, now_ms: u64) -> Vec<Effect> {
        let Some(seat) = self.seats.get_mut(user) else {
            return vec![];
        };
        seat.connections.retain(|other| *other != connection);
        if !seat.connections.is_empty() {
            return vec![];
        }
        if goodbye {
            return self.remove(user, now_ms);
        }
        seat.lost_since_ms = Some(now_ms);
        vec![]
    }

    fn remove(&mut self, user: &UserId, now_ms: u64) -> Vec<Effect> {
        self.seats.remove(user);
        if self.seats.is_empty() {
            self.empty_since_ms = Some(now_ms);
        }
        let mut effects = self.tell_all(&ServerSignal::Roster {
            joined: vec![],
            left: vec![user.clone()],
            changed: vec![],
        });
        effects.push(Effect::RoomsChanged);
        effects
    }

    /// Lets time do its work: away, gone.
    pub fn settle(&mut self, now_ms: u64) -> Vec<Effect> {
        let late = |seat: &Taken, after_ms| seat.lost_since_ms.is_some_and(|since| now_ms >= since + after_ms);
        let of = |seats: &BTreeMap<UserId, Taken>, after_ms| -> Vec<UserId> {
            seats
                .iter()
                .filter(|(_, seat)| late(seat, after_ms))
                .map(|(user, _)| user.clone())
                .collect()
        };
        let mut effects: Vec<Effect> = of(&self.seats, GONE_AFTER_MS)
            .iter()
            .flat_map(|user| self.remove(user, now_ms))
            .collect();
        for user in of(&self.seats, AWAY_AFTER_MS) {
            if let Some(seat) = self.seats.get_mut(&user).filter(|seat| !seat.away) {
                seat.away = true;
                effects.extend(self.tell_changed(&user));
            }
        }
        effects
    }

    /// When [`Room::settle`] or fading has something to do next.
    pub fn next_tick_ms(&self) -> Option<u64> {
        let seat = |seat: &Taken| {
            let after_ms = if seat.away { GONE_AFTER_MS } else { AWAY_AFTER_MS };
            seat.lost_since_ms.map(|since| since + after_ms)
        };
        let fade = self.empty_since_ms.map(|since| since + FADE_AFTER_MS);
        self.seats.values().filter_map(seat).chain(fade).min()
    }

    /// Shows the new name and face, on the roster and as the host.
    pub fn rename(&mut self, person: &Person) -> Vec<Effect> {
        let is_host = self.sign.host.id == person.id;
        if is_host {
            self.sign.host = person.clone();
        }
        let Some(seat) = self.seats.get_mut(&person.id) else {
            return if is_host { vec![Effect::RoomsChanged] } else { vec![] };
        };
        seat.person = person.clone();
        let mut effects = self.tell_changed(&person.id);
        effects.push(Effect::RoomsChanged);
        effects
    }

    fn tell_changed(&self, user: &UserId) -> Vec<Effect> {
        let changed: Vec<Participant> = self
            .seats
            .get(user)
            .map(|seat| self.participant(seat))
            .into_iter()
            .collect();
        self.tell_all(&ServerSignal::Roster {
            joined: vec![],
            left: vec![],
            changed,
        })
    }

    fn tell_all(&self, signal: &ServerSignal) -> Vec<Effect> {
        let connections = self.seats.values().flat_map(|seat| &seat.connections);
        connections
            .map(|connection| Effect::Tell {
                connection: *connection,
                signal: signal.clone(),
            })
            .collect()
    }

    fn participant(&self, seat: &Taken) -> Participant {
        Participant {
            person: seat.person.clone(),
            host: seat.person.id == self.sign.host.id,
            away: seat.away,
        }
    }

    fn in_order(&self) -> Vec<&Taken> {
        let mut seats: Vec<&Taken> = self.seats.values().collect();
        seats.sort_by_key(|seat| seat.arrived);
        seats
    }

    /// The sign and everybody inside, in the order they came.
    pub fn page(&self) -> RoomPage {
        RoomPage {
            sign: self.sign.clone(),
            roster: self.in_order().into_iter().map(|seat| self.participant(seat)).collect(),
        }
    }

    /// The same for the list.
    pub fn card(&self) -> RoomCard {
        RoomCard {
            sign: self.sign.clone(),
            people: self.in_order().into_iter().map(|seat| seat.person.clone()).collect(),
        }
    }
}
