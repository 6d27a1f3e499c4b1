//! The sockets of one page: a newer socket takes the place of an older one, and a lost socket keeps its place for a moment.

use super::{Connection, RoomRegistry};
use crate::server::voice::{
    command::{Command, ConnectionId, Effect, RoomVisitor},
    room::GONE_AFTER_MS,
};

impl RoomRegistry {
    /// Gives everything that belongs to the socket `from` to `to`, a new socket of the same page.
    pub(super) fn move_connection(
        &mut self,
        from: ConnectionId,
        to: ConnectionId,
        visitor: RoomVisitor,
        now_ms: u64,
    ) -> Vec<Effect> {
        let Some(moved) = self.connections.remove(from) else {
            return vec![];
        };
        self.connections.note_move((from, moved.lost_at_ms.is_some()), to);
        let is_plugged = self.plugged.remove(&from);
        if is_plugged {
            self.plugged.insert(to);
        }
        let room = self.rooms.get_mut(&moved.room);
        let told = room.map(|room| room.move_connection(from, to, &visitor, now_ms));
        let opened = Connection {
            counts_for: if is_plugged { moved.counts_for } else { visitor.address },
            visitor,
            lost_at_ms: None,
            ..moved
        };
        self.connections.insert(to, opened);
        // The voice connection moves before anything else happens to it.
        let mut effects = vec![Effect::Move { from, to }];
        effects.extend(told.unwrap_or_default());
        effects
    }

    /// What a page has sent on a socket just before another one took its place is meant for its place. Requests to open the microphone are
    /// not: the page may have closed it on the new socket since then, and it repeats the request if not.
    pub(super) fn redirect(&self, command: Command) -> Command {
        match command {
            Command::Mute { connection, on: true } => Command::Mute {
                connection: self.connections.current(connection),
                on: true,
            },
            Command::StageRequest { connection, request } => Command::StageRequest {
                connection: self.connections.current(connection),
                request,
            },
            command => command,
        }
    }

    /// The page has said goodbye on this socket, even if another one has its place already.
    pub(super) fn leave(&mut self, connection: ConnectionId, now_ms: u64) -> Vec<Effect> {
        let place = self.connections.forget_move(connection).unwrap_or(connection);
        self.remove_connection(place, true, now_ms)
    }

    /// Handles the loss of a socket. If its page may come back, the connection keeps its voice connection for a moment.
    pub(super) fn lose_connection(&mut self, connection: ConnectionId, now_ms: u64) -> Vec<Effect> {
        self.connections.forget_move(connection);
        let is_plugged = self.plugged.contains(&connection);
        let Some(lost) = self.connections.get_mut(connection) else {
            return self.checks.end(connection);
        };
        if lost.visitor.page.is_none() || !is_plugged {
            return self.remove_connection(connection, false, now_ms);
        }
        if lost.lost_at_ms.is_none() {
            lost.lost_at_ms = Some(now_ms);
            if let Some(room) = self.rooms.get_mut(&lost.room) {
                room.set_waiting(connection, &lost.visitor.person.id, now_ms);
            }
        }
        vec![]
    }

    /// Removes the connections whose page has not come back in time.
    pub(super) fn remove_lost(&mut self, now_ms: u64) -> Vec<Effect> {
        let is_gone = |of: &Connection| of.lost_at_ms.is_some_and(|at_ms| now_ms >= at_ms + GONE_AFTER_MS);
        let gone = self.connections.iter().filter(|(_, of)| is_gone(of));
        let mut gone: Vec<ConnectionId> = gone.map(|(connection, _)| *connection).collect();
        gone.sort_unstable();
        gone.into_iter()
            .flat_map(|connection| self.remove_connection(connection, false, now_ms))
            .collect()
    }
}
