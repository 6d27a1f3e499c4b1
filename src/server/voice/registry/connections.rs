//! The sockets to rooms, and which one each page has.

use crate::{
    model::id::{PageId, RoomId, SessionId, UserId},
    server::voice::command::{ConnectionId, RoomVisitor},
};
use std::{
    collections::{HashMap, hash_map},
    net::IpAddr,
};

#[derive(Debug)]
pub struct Connection {
    pub room: RoomId,
    pub visitor: RoomVisitor,
    /// The address for which the voice connection counts: where the page was when it joined. A page that has moved to another address
    /// goes on counting for the one that admitted it.
    pub counts_for: IpAddr,
    /// When the socket was lost, if the page may come back with another one.
    pub lost_at_ms: Option<u64>,
}

impl Connection {
    pub fn new(room: RoomId, visitor: RoomVisitor) -> Self {
        Self {
            room,
            counts_for: visitor.address,
            visitor,
            lost_at_ms: None,
        }
    }

    pub fn user(&self) -> &UserId {
        &self.visitor.person.id
    }
}

/// A page in a room: the room, the session and the load of the page.
type PageKey = (RoomId, SessionId, PageId);

fn page_key(room: &RoomId, visitor: &RoomVisitor) -> Option<PageKey> {
    Some((room.clone(), visitor.session.clone(), visitor.page.clone()?))
}

/// Every socket to a room. The newest socket of a page takes the place of the one before.
#[derive(Debug, Default)]
pub struct Connections {
    open: HashMap<ConnectionId, Connection>,
    of_pages: HashMap<PageKey, ConnectionId>,
    /// For each socket that has lost its place and has not ended yet, the socket that has the place now.
    moved: HashMap<ConnectionId, ConnectionId>,
}

impl Connections {
    pub fn get(&self, connection: ConnectionId) -> Option<&Connection> {
        self.open.get(&connection)
    }

    pub fn get_mut(&mut self, connection: ConnectionId) -> Option<&mut Connection> {
        self.open.get_mut(&connection)
    }

    pub fn iter(&self) -> hash_map::Iter<'_, ConnectionId, Connection> {
        self.open.iter()
    }

    pub fn values_mut(&mut self) -> hash_map::ValuesMut<'_, ConnectionId, Connection> {
        self.open.values_mut()
    }

    pub fn insert(&mut self, connection: ConnectionId, of: Connection) {
        if let Some(key) = page_key(&of.room, &of.visitor) {
            self.of_pages.insert(key, connection);
        }
        self.open.insert(connection, of);
    }

    pub fn remove(&mut self, connection: ConnectionId) -> Option<Connection> {
        let removed = self.open.remove(&connection)?;
        if let Some(key) = page_key(&removed.room, &removed.visitor)
            && self.of_pages.get(&key) == Some(&connection)
        {
            self.of_pages.remove(&key);
        }
        Some(removed)
    }

    /// Removes the sockets to a room, and returns them in order.
    pub fn remove_room(&mut self, room: &RoomId) -> Vec<ConnectionId> {
        let of_room = self.open.iter().filter(|(_, of)| of.room == *room);
        let mut of_room: Vec<ConnectionId> = of_room.map(|(connection, _)| *connection).collect();
        of_room.sort_unstable();
        for connection in &of_room {
            self.remove(*connection);
        }
        of_room
    }

    /// The socket to `room` that the same page has opened before. The page must have the same session, so nobody can take over the page
    /// of somebody else, even if they know its id.
    pub fn find_socket_of_page(&self, room: &RoomId, visitor: &RoomVisitor) -> Option<ConnectionId> {
        let connection = *self.of_pages.get(&page_key(room, visitor)?)?;
        let is_same = self.get(connection)?.user() == &visitor.person.id;
        is_same.then_some(connection)
    }

    /// Notes that the socket `to` has taken the place of `from`. If `from` has ended already, nothing comes from it any more.
    pub fn note_move(&mut self, (from, has_ended): (ConnectionId, bool), to: ConnectionId) {
        for place in self.moved.values_mut().filter(|place| **place == from) {
            *place = to;
        }
        if !has_ended {
            self.moved.insert(from, to);
        }
    }

    /// The socket that has the place of `connection` now: another one, if the page has opened one.
    pub fn current(&self, connection: ConnectionId) -> ConnectionId {
        self.moved.get(&connection).copied().unwrap_or(connection)
    }

    /// Forgets that a socket has lost its place, because it has ended. The socket that had its place, if there is one.
    pub fn forget_move(&mut self, connection: ConnectionId) -> Option<ConnectionId> {
        self.moved.remove(&connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_leads_to_the_newest_place_until_it_ends() {
        let mut connections = Connections::default();
        let [a, b, c, d] = [1, 2, 3, 4].map(ConnectionId);
        connections.note_move((a, false), b);
        connections.note_move((b, true), c);
        connections.note_move((c, false), d);
        assert_eq!([a, b, c, d].map(|one| connections.current(one)), [d, b, d, d]);
        assert_eq!(connections.forget_move(a), Some(d));
        assert_eq!(connections.forget_move(c), Some(d));
        assert_eq!(connections.forget_move(d), None);
        assert!(connections.moved.is_empty());
    }
}
