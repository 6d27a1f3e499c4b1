//! The hall, pure: every live room, who looks in and who sits inside. Commands and `now` in, effects out.

use super::{
    command::{Command, ConnectionId, Delivery, Effect, Sound, Visitor},
    room::Room,
};
use crate::model::{
    id::{RoomId, SessionId, UserId},
    room::{Person, RoomCard, RoomKind, RoomPage, Sign},
    signal::{Ending, Refusal, ServerSignal},
};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
};

/// How much of a Snug one room, person or address may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    pub people_per_room: u32,
    pub peers_per_user: u32,
    pub peers_per_address: u32,
}

/// Every live room. Times are milliseconds of any clock that only goes forward.
#[derive(Debug)]
pub struct Hall {
    caps: Caps,
    rooms: HashMap<RoomId, Room>,
    connections: HashMap<ConnectionId, Connection>,
    /// Those of them with a voice connection.
    plugged: HashSet<ConnectionId>,
    /// Counts openings, for order.
    turn: u64,
}

#[derive(Debug)]
struct Connection {
    room: RoomId,
    user: UserId,
    person: Person,
    session: SessionId,
    address: IpAddr,
}

/// Whether everyone activated sees this room on the list.
pub fn is_listed_for_all(card: &RoomCard) -> bool {
    card.sign.kind == RoomKind::Open
}

impl Hall {
    pub fn new(caps: Caps) -> Self {
        Self {
            caps,
            rooms: HashMap::new(),
            connections: HashMap::new(),
            plugged: HashSet::new(),
            turn: 0,
        }
    }

    /// Does what is asked. Unknown rooms and connections change nothing.
    pub fn apply(&mut self, command: Command, now_ms: u64) -> Vec<Effect> {
        match command {
            Command::Open { sign } => self.open(sign, now_ms),
            Command::Watch {
                connection,
                room,
                visitor,
            } => self.watch(connection, room, visitor),
            Command::Join { connection } => {
                if self.connections.contains_key(&connection) {
                    self.plugged.insert(connection);
                }
                self.in_room(connection, |room, of| room.seat(connection, &of.person, now_ms))
            }
            Command::Mute { connection, on } => {
                self.in_room(connection, |room, of| room.mute(connection, &of.user, on))
            }
            Command::HearYourself { connection } => {
                self.in_room(connection, |room, _| room.hear_yourself(connection, now_ms))
            }
            Command::Unplug { connection } => {
                self.plugged.remove(&connection);
                self.in_room(connection, |room, of| room.unplug(connection, &of.user))
            }
            Command::Leave { connection } => self.depart(connection, true, now_ms),
            Command::Lose { connection } => self.depart(connection, false, now_ms),
            Command::Rename { person } => self.rename(&person),
            Command::CutSession { session } => self.cut(|of| of.session == session, Ending::SignedOut, now_ms),
            Command::CutUser { user } => self.cut(|of| of.user == user, Ending::Disabled, now_ms),
            Command::End { room } => self.end(room),
        }
    }

    /// Whether this connection may have a voice connection, made anew if it has one.
    ///
    /// # Errors
    /// `RoomFull`, `ManyOfYours`, `ManyFromAddress`; `NotJoined` for a connection that is not there.
    pub fn may_join(&self, connection: ConnectionId) -> Result<(), Refusal> {
        let asking = self.connections.get(&connection).ok_or(Refusal::NotJoined)?;
        let room = self.rooms.get(&asking.room).ok_or(Refusal::NotJoined)?;
        let others = || {
            self.plugged
                .iter()
                .filter(|one| **one != connection)
                .filter_map(|one| self.connections.get(one))
        };
        let of_user = others().filter(|other| other.user == asking.user).count();
        let of_address = others().filter(|other| other.address == asking.address).count();
        let Caps {
            people_per_room,
            peers_per_user,
            peers_per_address,
        } = self.caps;
        if of_user >= peers_per_user as usize {
            return Err(Refusal::ManyOfYours { most: peers_per_user });
        }
        if of_address >= peers_per_address as usize {
            return Err(Refusal::ManyFromAddress {
                most: peers_per_address,
            });
        }
        room.admits(&asking.user, people_per_room)
    }

    /// Passes a packet of sound on: what each listener is to get is added to `out`.
    pub fn pass(&mut self, from: ConnectionId, sound: &Sound, now_ms: u64, out: &mut Vec<Delivery>) -> Vec<Effect> {
        let Some(connection) = self.connections.get(&from) else {
            return vec![];
        };
        match self.rooms.get_mut(&connection.room) {
            Some(room) => room.pass(from, sound, now_ms, out),
            None => vec![],
        }
    }

    /// Lets time do its work: away, gone, silent, faded.
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

    /// Whether [`Hall::tick`] can ever have something to do.
    pub fn has_rooms(&self) -> bool {
        !self.rooms.is_empty()
    }

    pub fn has_room(&self, room: &RoomId) -> bool {
        self.rooms.contains_key(room)
    }

    /// A room's sign and roster.
    pub fn page(&self, room: &RoomId) -> Option<RoomPage> {
        self.rooms.get(room).map(Room::page)
    }

    /// The rooms with people in them, the newest first.
    pub fn cards(&self) -> Vec<Arc<RoomCard>> {
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

    fn watch(&mut self, connection: ConnectionId, id: RoomId, visitor: Visitor) -> Vec<Effect> {
        let Some(room) = self.rooms.get_mut(&id) else {
            return vec![];
        };
        let Visitor {
            person,
            session,
            address,
        } = visitor;
        let user = person.id.clone();
        let welcome = room.watch(connection, user.clone());
        self.connections.insert(
            connection,
            Connection {
                room: id,
                user,
                person,
                session,
                address,
            },
        );
        vec![welcome]
    }

    fn in_room(
        &mut self,
        connection: ConnectionId,
        act: impl FnOnce(&mut Room, &Connection) -> Vec<Effect>,
    ) -> Vec<Effect> {
        let Some(of) = self.connections.get(&connection) else {
            return vec![];
        };
        self.rooms
            .get_mut(&of.room)
            .map(|room| act(room, of))
            .unwrap_or_default()
    }

    fn depart(&mut self, connection: ConnectionId, goodbye: bool, now_ms: u64) -> Vec<Effect> {
        self.plugged.remove(&connection);
        let Some(gone) = self.connections.remove(&connection) else {
            return vec![];
        };
        let mut effects = vec![Effect::Forget { connection }];
        if let Some(room) = self.rooms.get_mut(&gone.room) {
            effects.extend(room.depart(connection, &gone.user, goodbye, now_ms));
        }
        effects
    }

    fn rename(&mut self, person: &Person) -> Vec<Effect> {
        for connection in self.connections.values_mut().filter(|one| one.user == person.id) {
            connection.person = person.clone();
        }
        self.rooms.values_mut().flat_map(|room| room.rename(person)).collect()
    }

    /// Ends the connections that are meant, and says why.
    fn cut(&mut self, is_meant: impl Fn(&Connection) -> bool, why: Ending, now_ms: u64) -> Vec<Effect> {
        let meant = |(id, of): (&ConnectionId, &Connection)| is_meant(of).then_some(*id);
        let cut: Vec<ConnectionId> = self.connections.iter().filter_map(meant).collect();
        let end = |connection| Effect::Tell {
            to: vec![connection],
            signal: ServerSignal::Ended { why },
        };
        cut.into_iter()
            .flat_map(|connection| std::iter::once(end(connection)).chain(self.depart(connection, true, now_ms)))
            .collect()
    }

    fn end(&mut self, id: RoomId) -> Vec<Effect> {
        if self.rooms.remove(&id).is_none() {
            return vec![];
        }
        let of_room = self.connections.extract_if(|_, of| of.room == id);
        let mut to: Vec<ConnectionId> = of_room.map(|(connection, _)| connection).collect();
        to.sort_unstable();
        self.plugged.retain(|connection| !to.contains(connection));
        let mut effects = vec![Effect::Tell {
            to: to.clone(),
            signal: ServerSignal::Ended { why: Ending::RoomEnded },
        }];
        effects.extend(to.into_iter().map(|connection| Effect::Forget { connection }));
        effects.extend([Effect::RoomsChanged, Effect::Faded { room: id }]);
        effects
    }
}

#[cfg(test)]
mod tests;
