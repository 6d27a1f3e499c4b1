//! The hall, pure: every live room and who sits in it. Commands and `now` in, effects out.

use super::command::{Command, ConnectionId, Effect};
use crate::model::{
    id::{RoomId, SessionId, UserId},
    room::{Participant, Person, RoomCard, RoomKind, RoomPage, Sign},
    signal::{Ending, ServerSignal},
};
use std::collections::{BTreeMap, HashMap};

/// An empty room fades after this long.
pub const FADE_AFTER_MS: u64 = 60_000;
/// A person whose line was lost without a goodbye shows as away after this long,
pub const AWAY_AFTER_MS: u64 = 2_000;
/// and is off the roster after this long: within 5 s, with a second to spare.
pub const GONE_AFTER_MS: u64 = 4_000;

/// Every live room. Times are milliseconds of any clock that only goes forward.
#[derive(Debug, Default)]
pub struct Hall {
    rooms: HashMap<RoomId, Room>,
    connections: HashMap<ConnectionId, Connection>,
    /// Counts openings and arrivals, for order.
    turn: u64,
}

#[derive(Debug)]
struct Connection {
    room: RoomId,
    user: UserId,
    session: SessionId,
}

#[derive(Debug)]
struct Room {
    sign: Sign,
    opened: u64,
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

/// Whether everyone activated sees this room on the list.
pub fn is_listed_for_all(card: &RoomCard) -> bool {
    card.sign.kind == RoomKind::Open
}

impl Hall {
    /// Does what is asked. Unknown rooms and connections change nothing.
    pub fn apply(&mut self, command: Command, now_ms: u64) -> Vec<Effect> {
        match command {
            Command::Open { sign } => self.open(sign, now_ms),
            Command::Enter {
                connection,
                room,
                person,
                session,
            } => self.enter(connection, room, person, session),
            Command::Leave { connection } => self.disconnect(connection, true, now_ms),
            Command::Lose { connection } => self.disconnect(connection, false, now_ms),
            Command::Rename { person } => self.rename(&person),
            Command::CutSession { session } => self.cut_session(&session, now_ms),
        }
    }

    /// Lets time do its work: away, gone, faded.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Effect> {
        let mut effects = vec![];
        for room in self.rooms.values_mut() {
            effects.extend(room.settle(now_ms));
        }
        let is_faded = |room: &Room| room.empty_since_ms.is_some_and(|since| now_ms >= since + FADE_AFTER_MS);
        for (id, _) in self.rooms.extract_if(|_, room| is_faded(room)) {
            effects.push(Effect::Faded { room: id });
        }
        effects
    }

    /// When the next [`Hall::tick`] has something to do, milliseconds; `None` while nothing waits.
    pub fn next_tick_ms(&self) -> Option<u64> {
        self.rooms.values().filter_map(Room::next_tick_ms).min()
    }

    pub fn has_room(&self, room: &RoomId) -> bool {
        self.rooms.contains_key(room)
    }

    /// A room's sign and roster.
    pub fn page(&self, room: &RoomId) -> Option<RoomPage> {
        self.rooms.get(room).map(Room::page)
    }

    /// The rooms with people in them, the newest first.
    pub fn cards(&self) -> Vec<RoomCard> {
        let mut lit: Vec<&Room> = self.rooms.values().filter(|room| !room.seats.is_empty()).collect();
        lit.sort_by_key(|room| std::cmp::Reverse(room.opened));
        lit.into_iter().map(Room::card).collect()
    }

    fn open(&mut self, sign: Sign, now_ms: u64) -> Vec<Effect> {
        self.turn += 1;
        let room = Room {
            opened: self.turn,
            seats: BTreeMap::new(),
            empty_since_ms: Some(now_ms),
            sign: sign.clone(),
        };
        self.rooms.entry(sign.id).or_insert(room);
        vec![]
    }

    fn enter(&mut self, connection: ConnectionId, id: RoomId, person: Person, session: SessionId) -> Vec<Effect> {
        let Some(room) = self.rooms.get_mut(&id) else {
            return vec![];
        };
        self.turn += 1;
        self.connections.insert(
            connection,
            Connection {
                room: id,
                user: person.id.clone(),
                session,
            },
        );
        let mut effects = room.seat(connection, &person, self.turn);
        effects.push(Effect::Tell {
            connection,
            signal: ServerSignal::Joined {
                you: person.id,
                room: room.page(),
            },
        });
        effects
    }

    fn disconnect(&mut self, connection: ConnectionId, goodbye: bool, now_ms: u64) -> Vec<Effect> {
        let Some(gone) = self.connections.remove(&connection) else {
            return vec![];
        };
        let mut effects = vec![Effect::Forget { connection }];
        if let Some(room) = self.rooms.get_mut(&gone.room) {
            effects.extend(room.unseat(connection, &gone.user, goodbye, now_ms));
        }
        effects
    }

    fn rename(&mut self, person: &Person) -> Vec<Effect> {
        self.rooms.values_mut().flat_map(|room| room.rename(person)).collect()
    }

    fn cut_session(&mut self, session: &SessionId, now_ms: u64) -> Vec<Effect> {
        let of_session =
            |(id, connection): (&ConnectionId, &Connection)| (connection.session == *session).then_some(*id);
        let cut: Vec<ConnectionId> = self.connections.iter().filter_map(of_session).collect();
        let end = |connection| Effect::Tell {
            connection,
            signal: ServerSignal::Ended { why: Ending::SignedOut },
        };
        cut.into_iter()
            .flat_map(|connection| std::iter::once(end(connection)).chain(self.disconnect(connection, true, now_ms)))
            .collect()
    }
}

impl Room {
    fn seat(&mut self, connection: ConnectionId, person: &Person, turn: u64) -> Vec<Effect> {
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

    fn unseat(&mut self, connection: ConnectionId, user: &UserId, goodbye: bool, now_ms: u64) -> Vec<Effect> {
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

    fn settle(&mut self, now_ms: u64) -> Vec<Effect> {
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

    fn next_tick_ms(&self) -> Option<u64> {
        let seat = |seat: &Taken| {
            let after_ms = if seat.away { GONE_AFTER_MS } else { AWAY_AFTER_MS };
            seat.lost_since_ms.map(|since| since + after_ms)
        };
        let fade = self.empty_since_ms.map(|since| since + FADE_AFTER_MS);
        self.seats.values().filter_map(seat).chain(fade).min()
    }

    fn rename(&mut self, person: &Person) -> Vec<Effect> {
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

    fn page(&self) -> RoomPage {
        RoomPage {
            sign: self.sign.clone(),
            roster: self.in_order().into_iter().map(|seat| self.participant(seat)).collect(),
        }
    }

    fn card(&self) -> RoomCard {
        RoomCard {
            sign: self.sign.clone(),
            people: self.in_order().into_iter().map(|seat| seat.person.clone()).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
