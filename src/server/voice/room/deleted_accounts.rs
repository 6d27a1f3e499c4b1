//! Somebody's account is deleted: the room gets another owner, and forgets the person.

use super::Room;
use crate::{
    model::{id::UserId, room::Person},
    server::voice::command::{Effect, RoomToPassOn},
};

impl Room {
    pub fn owner(&self) -> &Person {
        self.succession.owner()
    }

    pub fn is_permanent(&self) -> bool {
        self.info.rules.permanent
    }

    /// Whether `user` opened the room, whoever owns it now.
    pub fn is_opened_by(&self, user: &UserId) -> bool {
        self.info.opened_by == *user
    }

    /// The people inside who could own the room instead of `gone`, the best first, as for a host who is away. A guest can't own a room.
    pub fn list_heirs(&self, gone: &UserId) -> Vec<Person> {
        let mut heirs = self.list_successors();
        heirs.retain(|one| one.id != *gone && !one.guest);
        heirs
    }

    /// What becomes of the room when the account of `user` is deleted. `heir` is its owner afterwards.
    pub fn to_pass_on(&self, user: &UserId, heir: Option<Person>) -> RoomToPassOn {
        RoomToPassOn {
            room: self.info.id.clone(),
            topic: self.info.topic.clone(),
            is_owned: self.is_owner(user),
            heir,
        }
    }

    /// Makes `heir` the owner and the host, because the account of the owner was deleted.
    pub fn pass_on(&mut self, heir: Person, now_ms: u64) -> Vec<Effect> {
        let before = self.snapshot();
        let owner = self.owner().clone();
        self.moderation.inherit(owner, heir.clone(), now_ms);
        let effects = self.set_owner(heir, now_ms);
        self.enforce_permissions(before, effects)
    }

    /// Forgets `gone`, whose account was deleted and who is no longer inside: what was decided about them, their name in the log, and that
    /// they opened the room. In a social room, the people whom the owner follows may enter from now on.
    pub fn forget(&mut self, gone: &UserId) -> Vec<Effect> {
        let before = self.snapshot();
        self.moderation.forget(gone);
        if self.info.opened_by == *gone {
            self.info.opened_by = self.info.owned_by.clone();
        }
        self.enforce_permissions(before, vec![])
    }
}
