//! Changes of host: the room is handed over, a stand-in takes over, or the owner comes back.

use super::Room;
use crate::{
    model::{id::UserId, room::Person, signal::ServerSignal, stage::Role},
    server::voice::command::{Effect, Persist},
};
use std::cmp::Reverse;

impl Room {
    /// Notes whether the host is inside. If they have just left, `since_ms` is when.
    pub(super) fn track_host_absence(&mut self, since_ms: u64) {
        let is_away = self.attendance.is_missing(self.moderation.permissions().host());
        self.succession.track_absence(is_away, since_ms);
    }

    /// Makes `host`, who hosts the room now, its owner too.
    pub(super) fn set_owner(&mut self, host: Person, now_ms: u64) -> Vec<Effect> {
        self.info.host = host.clone();
        self.info.owned_by = host.id.clone();
        let persist = self.persist(Persist::Host(host.id.clone()));
        self.succession.set_owner(host);
        self.track_host_absence(now_ms);
        vec![persist]
    }

    /// Makes somebody else host if the host has been away for too long. Without a host nobody could invite to the
    /// stage, and the room would be stuck.
    pub(super) fn replace_host_if_away(&mut self, now_ms: u64) -> Vec<Effect> {
        if !self.succession.is_due(now_ms) {
            return vec![];
        }
        let before = self.snapshot();
        if let Some(next) = self.find_successor() {
            self.let_stand_in(next, now_ms);
        }
        self.enforce_permissions(before, vec![])
    }

    /// The next host: a co-host if one is here, otherwise a speaker, otherwise a listener. Among several, the person
    /// who has been here longest.
    fn find_successor(&self) -> Option<Person> {
        let permissions = self.moderation.permissions();
        let here = self
            .attendance
            .participants()
            .filter(|one| one.lost_since_ms().is_none());
        let next = here.max_by_key(|one| {
            let user = &one.person.id;
            // People whose microphone is locked come last, because hosting would let them talk.
            let is_free = permissions.mic_lock(user).is_none();
            (is_free, permissions.role(user), Reverse(one.voice))
        });
        next.map(|one| one.person.clone())
    }

    fn let_stand_in(&mut self, next: Person, now_ms: u64) {
        let gone = std::mem::replace(&mut self.info.host, next.clone());
        let rank = self.moderation.permissions().rank(&next.id);
        let rank_of_gone = self.succession.stand_in(next.id.clone(), rank, &gone.id);
        self.stage.clear(&next.id);
        self.moderation.replace_host(next, gone, rank_of_gone, now_ms);
    }

    /// Makes the owner of a permanent room host as soon as they come in. The stand-in gets their old rank back.
    pub(super) fn restore_owner_as_host(&mut self, user: &UserId, now_ms: u64) -> Vec<Effect> {
        if !self.is_owned_by(user) || self.role(user) == Role::Host {
            return vec![];
        }
        let before = self.snapshot();
        let owner = self.succession.owner().clone();
        let stood_in = std::mem::replace(&mut self.info.host, owner.clone());
        let rank = self.succession.take_back(&stood_in.id);
        self.moderation.replace_host(owner, stood_in, Some(rank), now_ms);
        self.enforce_permissions(before, vec![])
    }

    /// Makes the owner host again when nobody is inside any more.
    pub(super) fn become_idle(&mut self) -> Vec<Effect> {
        self.succession.reset();
        self.stage.forget_rates();
        let gone = self.moderation.permissions().host().clone();
        if self.succession.is_owner(&gone) {
            return vec![];
        }
        let owner = self.succession.owner().clone();
        self.moderation.set_host(owner.id.clone());
        self.info.host = owner;
        let info = Box::new(self.info.clone());
        let mut effects = self.tell_list(ServerSignal::RoomInfo { info });
        effects.push(Effect::RightsChanged { user: gone });
        effects
    }
}
