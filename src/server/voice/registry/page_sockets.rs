//! The sockets of one page: a newer socket takes the place of an older one, and a lost socket keeps its place for a moment.

use super::{Connection, RoomRegistry};
use crate::{
    model::id::RoomId,
    server::voice::{
        command::{ConnectionId, Effect, RoomVisitor},
        room::GONE_AFTER_MS,
    },
};

impl RoomRegistry {
    /// The socket to `room` that the same page has opened before. The page must have the same session, so nobody can take over the page
    /// of somebody else, even if they know its id.
    pub(super) fn find_socket_of_page(&self, room: &RoomId, visitor: &RoomVisitor) -> Option<ConnectionId> {
        let page = visitor.page.as_ref()?;
        let is_same = |of: &Connection| {
            of.room == *room
                && of.visitor.page.as_ref() == Some(page)
                && of.visitor.session == visitor.session
                && of.visitor.person.id == visitor.person.id
        };
        let same = self.connections.iter().filter(|(_, of)| is_same(of));
        same.map(|(connection, _)| *connection).max()
    }

    /// Gives everything that belongs to the socket `from` to `to`, a new socket of the same page.
    pub(super) fn move_connection(
        &mut self,
        from: ConnectionId,
        to: ConnectionId,
        visitor: RoomVisitor,
        now_ms: u64,
    ) -> Vec<Effect> {
        let Some(moved) = self.connections.remove(&from) else {
            return vec![];
        };
        if self.plugged.remove(&from) {
            self.plugged.insert(to);
        }
        let room = self.rooms.get_mut(&moved.room);
        let told = room.map(|room| room.move_connection(from, to, &visitor, now_ms));
        let opened = Connection {
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

    /// Handles the loss of a socket. If its page may come back, the connection keeps its voice connection for a moment.
    pub(super) fn lose_connection(&mut self, connection: ConnectionId, now_ms: u64) -> Vec<Effect> {
        let is_plugged = self.plugged.contains(&connection);
        let Some(lost) = self.connections.get_mut(&connection) else {
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
