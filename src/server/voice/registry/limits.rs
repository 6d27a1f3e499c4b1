//! Who may get one more voice connection.

use super::{RoomRegistry, VoiceCaps};
use crate::{
    model::{id::UserId, signal::Refusal},
    server::voice::command::ConnectionId,
};
use std::net::IpAddr;

impl RoomRegistry {
    /// Whether this connection may get a voice connection. If it has one already, that one is replaced and does not
    /// count.
    ///
    /// # Errors
    /// `RoomFull`, `ManyOfYours`, `ManyFromAddress`; `NotJoined` for an unknown connection.
    pub fn may_join(&self, connection: ConnectionId) -> Result<(), Refusal> {
        if let Some(check) = self.checks.visitor(connection) {
            return self.has_room_for_peer(connection, &check.user, check.address);
        }
        let asking = self.connections.get(connection).ok_or(Refusal::NotJoined)?;
        let room = self.rooms.get(&asking.room).ok_or(Refusal::NotJoined)?;
        self.has_room_for_peer(connection, asking.user(), asking.visitor.address)?;
        room.admits(asking.user(), self.caps.people_per_room)
    }

    /// Whether this person and this address may have one more voice connection, in a room or in a check. A connection of the person whose
    /// socket is lost does not keep the person out: after the join, it ends if there are too many.
    fn has_room_for_peer(&self, connection: ConnectionId, user: &UserId, address: IpAddr) -> Result<(), Refusal> {
        let others = || {
            let in_rooms = self.plugged.iter().filter_map(|one| {
                let of = self.connections.get(*one)?;
                Some((*one, of.user(), of.counts_for, of.lost_at_ms.is_some()))
            });
            let checks = self.checks.list_plugged();
            let all = in_rooms.chain(checks.map(|(one, of)| (one, &of.user, of.address, false)));
            all.filter(|(one, ..)| *one != connection)
        };
        let of_user = others()
            .filter(|(_, other, _, is_lost)| *other == user && !is_lost)
            .count();
        let of_address = others().filter(|(_, _, other, _)| *other == address).count();
        let VoiceCaps {
            peers_per_user,
            peers_per_address,
            ..
        } = self.caps;
        if of_user >= peers_per_user as usize {
            return Err(Refusal::ManyOfYours { most: peers_per_user });
        }
        if of_address >= peers_per_address as usize {
            return Err(Refusal::ManyFromAddress {
                most: peers_per_address,
            });
        }
        Ok(())
    }
}
