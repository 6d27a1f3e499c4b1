//! The registry: every live room and every socket to one. Commands and `now` go in, effects come out.

mod connections;
mod deleted_accounts;
mod facts;
mod figures;
mod joins;
mod limits;
mod page_sockets;
mod removals;
mod time;

use super::{
    checks::Checks,
    command::{Command, ConnectionId, Delivery, Effect, Persist, Restored, RoomVisitor, SoundPacket},
    host_pace::HostPace,
    roles::ActiveBar,
    room::Room,
    wall_clock::WallClock,
};
use crate::model::{
    id::{RoomId, UserId},
    moderation_log::Barred,
    room::{Person, RoomCard, RoomInfo, RoomKind, RoomPage},
    signal::Ending,
    stage::Role,
};
use connections::{Connection, Connections};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The limits on the participants of a room and on the voice connections of one person and of one IP address, and whether
/// hosts are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoiceCaps {
    pub people_per_room: u32,
    pub peers_per_user: u32,
    pub peers_per_address: u32,
    /// Whether the changes that hosts make are limited, as `host_pace.rs` says.
    pub hosts_are_paced: bool,
}

/// The largest number of permanent rooms that one person may own.
pub const PERMANENT_ROOMS_MAX: u32 = 10;

/// The listed rooms in the order of [`RoomRegistry::cards`]; shared by every reader.
pub type Cards = Arc<[Arc<RoomCard>]>;

/// Every live room. All times are milliseconds of a monotonic clock.
#[derive(Debug)]
pub struct RoomRegistry {
    caps: VoiceCaps,
    wall_clock: WallClock,
    rooms: HashMap<RoomId, Room>,
    connections: Connections,
    /// The connections (sockets) for which a voice connection was made.
    plugged: HashSet<ConnectionId>,
    checks: Checks,
    /// How many rooms were opened so far. The count gives each room its place in the order of opening.
    openings: u64,
    pace: HostPace,
}

/// Whether this room is active and every activated user sees it on the list.
pub fn is_listed_for_all(card: &RoomCard) -> bool {
    card.info.kind == RoomKind::Open && !card.faces.is_empty()
}

impl RoomRegistry {
    pub fn new(caps: VoiceCaps, wall_clock: WallClock) -> Self {
        Self {
            caps,
            wall_clock,
            rooms: HashMap::new(),
            connections: Connections::default(),
            plugged: HashSet::new(),
            checks: Checks::default(),
            openings: 0,
            pace: HostPace::default(),
        }
    }

    /// Carries a command out. A command for an unknown room or connection changes nothing.
    pub fn apply(&mut self, command: Command, now_ms: u64) -> Vec<Effect> {
        let effects = self.execute(command, now_ms);
        let mut done: Vec<Effect> = effects
            .into_iter()
            .flat_map(|effect| self.end_connection(effect, now_ms))
            .collect();
        done.extend(
            self.rooms
                .iter_mut()
                .filter(|(_, room)| room.has_unsaved())
                .flat_map(unsaved),
        );
        done
    }

    fn execute(&mut self, command: Command, now_ms: u64) -> Vec<Effect> {
        match self.redirect(command) {
            Command::Open { info, restored } => self.open(info, restored, now_ms),
            Command::Watch {
                connection,
                room,
                visitor,
            } => self.watch(connection, room, visitor, now_ms),
            Command::OpenCheck { connection, visitor } => {
                self.checks.open(connection, visitor, now_ms);
                vec![]
            }
            Command::Join { connection } => self.join(connection, now_ms),
            Command::Mute { connection, on } => {
                self.with_room(connection, |room, of| room.mute(connection, of.user(), on, now_ms))
            }
            Command::HearYourself { connection } => {
                self.with_room(connection, |room, _| room.hear_yourself(connection, now_ms))
            }
            Command::StageRequest { connection, request } => self.request(connection, request, now_ms),
            Command::Unplug { connection } => {
                self.plugged.remove(&connection);
                let mut effects = self.checks.unplug(connection);
                effects.extend(self.with_room(connection, |room, of| room.unplug(connection, of.user())));
                effects
            }
            Command::Leave { connection } => self.leave(connection, now_ms),
            Command::Lose { connection } => self.lose_connection(connection, now_ms),
            Command::Rename { person } => self.rename(&person),
            Command::DisconnectSession { session } => {
                let mut effects = self.checks.disconnect(|_, of| *of == session, &Ending::SignedOut);
                effects.extend(self.disconnect(|of| of.visitor.session == session, Ending::SignedOut, now_ms));
                effects
            }
            Command::DisconnectUser { user, why } => {
                let mut effects = self.checks.disconnect(|of, _| *of == user, &why);
                effects.extend(self.disconnect(|of| *of.user() == user, why, now_ms));
                effects
            }
            Command::PassOn { room, gone, heir } => self.pass_on(room, &gone, heir, now_ms),
            Command::Forget { user } => self.forget(&user),
            Command::End { room } => self.end(room, None),
        }
    }

    /// Forwards a packet of sound: adds one delivery for each listener to `out`.
    pub fn pass(
        &mut self,
        from: ConnectionId,
        sound: &SoundPacket,
        now_ms: u64,
        out: &mut Vec<Delivery>,
    ) -> Vec<Effect> {
        let Some(connection) = self.connections.get(from) else {
            self.checks.pass(from, sound, now_ms, out);
            return vec![];
        };
        match self.rooms.get_mut(&connection.room) {
            Some(room) => room.pass(from, sound, now_ms, out),
            None => vec![],
        }
    }

    /// Whether any room is live, or a check is going on. If not, [`RoomRegistry::tick`] has nothing to do.
    pub fn needs_ticks(&self) -> bool {
        !self.rooms.is_empty() || !self.checks.is_empty()
    }

    pub fn has_room(&self, room: &RoomId) -> bool {
        self.rooms.contains_key(room)
    }

    /// The role of `user` in a room, and their removal or ban, if there is one. `None` if the room is not live.
    pub fn find_role_and_ban(&self, room: &RoomId, user: &UserId, now_ms: u64) -> Option<(Role, Option<Barred>)> {
        let room = self.rooms.get(room)?;
        Some((room.role(user), room.find_bar(user, now_ms)))
    }

    /// The removal or ban of `user` in a room, unless it is over, with the host who decided it. `None` also if the room is not live.
    pub fn find_active_bar(&self, room: &RoomId, user: &UserId, now_ms: u64) -> Option<ActiveBar> {
        self.rooms.get(room)?.find_active_bar(user, now_ms)
    }

    /// The host who has let `user` back into a room not long ago, after a removal or a ban. `None` also if the room is not live.
    pub fn find_who_let_in(&self, room: &RoomId, user: &UserId, now_ms: u64) -> Option<Person> {
        self.rooms.get(room)?.find_who_let_in(user, now_ms)
    }

    /// A room's info and roster.
    pub fn page(&self, room: &RoomId) -> Option<RoomPage> {
        self.rooms.get(room).map(Room::page)
    }

    /// The active rooms, newest first, then the idle permanent rooms, newest first.
    pub fn cards(&self) -> Vec<Arc<RoomCard>> {
        let mut listed: Vec<&Room> = self.rooms.values().filter(|room| room.is_listed()).collect();
        listed.sort_by_key(|room| std::cmp::Reverse((room.is_active(), room.opened)));
        listed.into_iter().map(Room::card).collect()
    }

    fn open(&mut self, info: RoomInfo, restored: Restored, now_ms: u64) -> Vec<Effect> {
        self.openings += 1;
        let (id, is_permanent) = (info.id.clone(), info.rules.permanent);
        let room = Room::new(info, restored, self.openings, self.wall_clock, now_ms);
        self.rooms.entry(id).or_insert(room);
        is_permanent.then_some(Effect::RoomsChanged).into_iter().collect()
    }

    fn watch(&mut self, connection: ConnectionId, id: RoomId, visitor: RoomVisitor, now_ms: u64) -> Vec<Effect> {
        if let Some(from) = self.connections.find_socket_of_page(&id, &visitor) {
            return self.move_connection(from, connection, visitor, now_ms);
        }
        let Some(room) = self.rooms.get_mut(&id) else {
            return vec![];
        };
        let welcome = room.watch(connection, &visitor, now_ms);
        self.connections.insert(connection, Connection::new(id, visitor));
        vec![welcome]
    }

    fn with_room(
        &mut self,
        connection: ConnectionId,
        action: impl FnOnce(&mut Room, &Connection) -> Vec<Effect>,
    ) -> Vec<Effect> {
        let Some(of) = self.connections.get(connection) else {
            return vec![];
        };
        self.rooms
            .get_mut(&of.room)
            .map(|room| action(room, of))
            .unwrap_or_default()
    }

    fn remove_connection(&mut self, connection: ConnectionId, goodbye: bool, now_ms: u64) -> Vec<Effect> {
        self.plugged.remove(&connection);
        let Some(gone) = self.connections.remove(connection) else {
            return self.checks.end(connection);
        };
        let mut effects = vec![Effect::Forget { connection }];
        if let Some(room) = self.rooms.get_mut(&gone.room) {
            effects.extend(room.remove_connection(connection, gone.user(), goodbye, now_ms));
        }
        effects
    }

    fn rename(&mut self, person: &Person) -> Vec<Effect> {
        for connection in self.connections.values_mut().filter(|one| *one.user() == person.id) {
            connection.visitor.person = person.clone();
        }
        self.rooms.values_mut().flat_map(|room| room.rename(person)).collect()
    }
}

/// Stores that the person `by` ended the room, or that the room expired.
fn ended(room: RoomId, by: Option<UserId>) -> Effect {
    Effect::Persist {
        room,
        what: Persist::Ended { by },
    }
}

/// The changes of a room that are not stored yet.
fn unsaved((id, room): (&RoomId, &mut Room)) -> Vec<Effect> {
    let persist = |what| Effect::Persist { room: id.clone(), what };
    room.take_unsaved().into_iter().map(persist).collect()
}

#[cfg(test)]
mod tests;
