//! The hall, pure: every live room and who sits in it. Commands and `now` in, effects out.

use super::{
    command::{Command, ConnectionId, Effect},
    room::Room,
};
use crate::model::{
    id::{RoomId, SessionId, UserId},
    room::{Person, RoomCard, RoomKind, RoomPage, Sign},
    signal::{Ending, ServerSignal},
};
use std::collections::HashMap;

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
        for (id, _) in self.rooms.extract_if(|_, room| room.has_faded(now_ms)) {
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
        let mut lit: Vec<&Room> = self.rooms.values().filter(|room| room.is_lit()).collect();
        lit.sort_by_key(|room| std::cmp::Reverse(room.opened));
        lit.into_iter().map(Room::card).collect()
    }

    fn open(&mut self, sign: Sign, now_ms: u64) -> Vec<Effect> {
        self.turn += 1;
        let room = Room::new(sign.clone(), self.turn, now_ms);
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

#[cfg(test)]
mod tests;
