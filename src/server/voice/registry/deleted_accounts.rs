//! Accounts that are deleted: their rooms get another owner or end, and all other rooms forget them.

use super::RoomRegistry;
use crate::{
    model::{
        id::{RoomId, UserId},
        room::Person,
    },
    server::voice::{
        command::{Effect, RoomToPassOn},
        room::Room,
    },
};
use std::collections::HashMap;

impl RoomRegistry {
    /// The live rooms that `user` owns or has opened, the oldest first, each with its owner after the account of `user` is deleted.
    pub fn list_to_pass_on(&self, user: &UserId) -> Vec<RoomToPassOn> {
        let is_theirs = |room: &&Room| room.is_owner(user) || room.is_opened_by(user);
        let mut rooms: Vec<&Room> = self.rooms.values().filter(is_theirs).collect();
        rooms.sort_by_key(|room| room.opened);
        // How many permanent rooms each heir gets now, in addition to those that they own already.
        let mut given: HashMap<UserId, usize> = HashMap::new();
        let to_pass_on = |room: &Room| {
            let heir = match room.is_owner(user) {
                true => room.list_heirs(user).into_iter().find(|heir| {
                    let more = given.get(&heir.id).copied().unwrap_or_default();
                    !room.is_permanent() || self.may_own_another(&heir.id, more)
                }),
                false => Some(room.owner().clone()),
            };
            if let Some(heir) = heir.as_ref().filter(|_| room.is_owned_by(user)) {
                *given.entry(heir.id.clone()).or_default() += 1;
            }
            room.to_pass_on(user, heir)
        };
        rooms.into_iter().map(to_pass_on).collect()
    }

    pub(super) fn pass_on(&mut self, id: RoomId, gone: &UserId, heir: Option<Person>, now_ms: u64) -> Vec<Effect> {
        let Some(room) = self.rooms.get_mut(&id).filter(|room| room.is_owner(gone)) else {
            return vec![];
        };
        match heir {
            Some(heir) => room.pass_on(heir, now_ms),
            None => {
                let owner = room.owner().clone();
                self.end(id, Some(owner))
            }
        }
    }

    pub(super) fn forget(&mut self, user: &UserId) -> Vec<Effect> {
        self.rooms.values_mut().flat_map(|room| room.forget(user)).collect()
    }
}
