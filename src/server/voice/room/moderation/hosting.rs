//! Who hosts, in the permissions and in the log: an owner hands the room over, a host stays away, or the owner comes back.

use super::{Asking, Moderation};
use crate::model::{id::UserId, moderation_log::Deed, room::Person, stage::Role};

impl Moderation {
    /// The owner hands the room over to somebody.
    pub fn hand_over(&mut self, asking: &Asking, about: Person) {
        let from = self.permissions.role(&about.id);
        let change = self.permissions.hand_over(&about.id);
        self.note_undoable(asking, about, Deed::Role { from, to: Role::Host }, change);
    }

    /// A host who is not the owner makes somebody host in their place. Everybody's rank stays as it is. This can't be undone.
    pub fn pass_host_on(&mut self, asking: &Asking, about: Person) {
        let from = self.permissions.role(&about.id);
        self.permissions.set_host(about.id.clone());
        self.note(asking, Some(about), Deed::Role { from, to: Role::Host });
    }

    /// Makes `next` host in place of a host who is away, without anybody's request. `stood_in` is that host, unless they are
    /// the owner. Everybody's rank stays as it is, so the ranks also survive a restart.
    pub fn replace_host(&mut self, next: Person, stood_in: Option<Person>, now_ms: u64) {
        let from = self.permissions.role(&next.id);
        self.permissions.set_host(next.id.clone());
        if let Some(stood_in) = stood_in {
            self.note_end_of_hosting(stood_in, now_ms);
        }
        let took_over = Deed::Role { from, to: Role::Host };
        self.journal.add(self.now_s(now_ms), None, Some(next), took_over, None);
    }

    /// Makes the owner, who has come back, host in place of `stood_in`.
    pub fn restore_host(&mut self, owner: Person, stood_in: Person, now_ms: u64) {
        let from = self.permissions.role(&owner.id);
        self.permissions.set_host(owner.id.clone());
        self.note_end_of_hosting(stood_in, now_ms);
        let is_back = Deed::Role { from, to: Role::Host };
        let (by, about) = (Some(owner.clone()), Some(owner));
        self.journal.add(self.now_s(now_ms), by, about, is_back, None);
    }

    /// Makes `heir` host, because the account of the owner is being deleted. A mute of the heir ends: nobody mutes an owner. This can't be
    /// undone.
    pub fn inherit(&mut self, owner: Person, heir: Person, now_ms: u64) {
        let from = self.permissions.role(&heir.id);
        self.permissions.set_host(heir.id.clone());
        self.permissions.forget(&heir.id);
        let made_host = Deed::Role { from, to: Role::Host };
        self.journal
            .add(self.now_s(now_ms), Some(owner), Some(heir), made_host, None);
    }

    /// Forgets what was decided about `user`, whose account was deleted, and takes their name out of the log.
    pub fn forget(&mut self, user: &UserId) {
        self.permissions.forget(user);
        self.journal.forget(user);
    }

    fn note_end_of_hosting(&mut self, gone: Person, now_ms: u64) {
        let to = self.permissions.role(&gone.id);
        let stopped = Deed::Role { from: Role::Host, to };
        self.journal.add(self.now_s(now_ms), None, Some(gone), stopped, None);
    }

    /// Makes the owner host again when nobody is inside. This is not logged.
    pub fn set_host(&mut self, host: UserId) {
        self.permissions.set_host(host);
    }
}
