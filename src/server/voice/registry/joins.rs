//! What a join means for the person's other voice connections, whose sockets are lost.

use super::{Connection, RoomRegistry};
use crate::{
    model::id::UserId,
    server::voice::command::{ConnectionId, Effect},
};

impl RoomRegistry {
    /// Makes the person of a socket a participant, or gives a connection check its voice connection.
    pub(super) fn join(&mut self, connection: ConnectionId, now_ms: u64) -> Vec<Effect> {
        self.checks.join(connection, now_ms);
        let mut effects = self.close_lost_microphones(connection, now_ms);
        if let Some(of) = self.connections.get_mut(connection) {
            of.counts_for = of.visitor.address;
            self.plugged.insert(connection);
        }
        effects.extend(self.with_room(connection, |room, of| room.join(connection, &of.visitor, now_ms)));
        effects.extend(self.remove_lost_above_cap(connection, now_ms));
        effects
    }

    /// A browser that was restarted after a crash joins with another page. The microphone of the page before is closed then: it would show
    /// as open, and nobody speaks there.
    fn close_lost_microphones(&mut self, connection: ConnectionId, now_ms: u64) -> Vec<Effect> {
        let Some(joining) = self.connections.get(connection) else {
            return vec![];
        };
        let is_before = |of: &Connection| {
            of.room == joining.room && of.visitor.session == joining.visitor.session && of.user() == joining.user()
        };
        let before = self.list_lost(|other, of| other != connection && is_before(of));
        before
            .into_iter()
            .flat_map(|other| self.with_room(other, |room, of| room.mute(other, of.user(), true, now_ms)))
            .collect()
    }

    /// If the person has more voice connections now than one person may have, ends some of those whose socket is lost. They did not
    /// keep the person out, see [`RoomRegistry::may_join`].
    fn remove_lost_above_cap(&mut self, joined: ConnectionId, now_ms: u64) -> Vec<Effect> {
        let of_room = self.connections.get(joined).map(|of| of.user().clone());
        let Some(user) = of_room.or_else(|| self.checks.visitor(joined).map(|of| of.user.clone())) else {
            return vec![];
        };
        let above = self
            .count_peers(&user)
            .saturating_sub(self.caps.peers_per_user as usize);
        let lost = self.list_lost(|other, of| other != joined && *of.user() == user);
        lost.into_iter()
            .take(above)
            .flat_map(|other| self.remove_connection(other, false, now_ms))
            .collect()
    }

    /// How many voice connections a person has, in rooms and in checks.
    fn count_peers(&self, user: &UserId) -> usize {
        let is_theirs = |one: &&ConnectionId| self.connections.get(**one).is_some_and(|of| of.user() == user);
        let in_rooms = self.plugged.iter().filter(is_theirs).count();
        in_rooms + self.checks.list_plugged().filter(|(_, of)| of.user == *user).count()
    }

    /// The voice connections whose socket is lost and for which `is_meant` is true, in the order of their sockets.
    fn list_lost(&self, is_meant: impl Fn(ConnectionId, &Connection) -> bool) -> Vec<ConnectionId> {
        let plugged = self.plugged.iter().copied();
        let is_lost = |one: &ConnectionId| {
            let of = self.connections.get(*one);
            of.is_some_and(|of| of.lost_at_ms.is_some() && is_meant(*one, of))
        };
        let mut lost: Vec<ConnectionId> = plugged.filter(is_lost).collect();
        lost.sort_unstable();
        lost
    }
}
