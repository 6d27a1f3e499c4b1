//! Changes of host: the room or the host's part is handed over, a stand-in takes over, or the owner comes back.

use super::{Room, moderation::Asking};
use crate::{
    model::{
        host_kind::{AbsentOwner, HostKind},
        id::UserId,
        room::Person,
        signal::ServerSignal,
        stage::Role,
    },
    server::voice::{
        command::{Effect, Persist},
        participant::Participant,
        roles::Rank,
    },
};
use std::cmp::Reverse;

impl Room {
    /// Notes whether the host and the owner are inside. If they have just left, `since_ms` is when.
    pub(super) fn track_host_absence(&mut self, since_ms: u64) {
        let is_away = self.attendance.is_missing(self.moderation.permissions().host());
        self.succession.track_absence(is_away, since_ms);
        let is_owner_inside = self.attendance.participant(&self.succession.owner().id).is_some();
        self.succession.track_owner(is_owner_inside, since_ms);
    }

    /// Makes `host`, who hosts the room now, its owner too.
    pub(super) fn set_owner(&mut self, host: Person, now_ms: u64) -> Vec<Effect> {
        self.info.host = host.clone();
        self.info.owned_by = host.id.clone();
        self.info.absent_owner = None;
        let persist = self.persist(Persist::Host(host.id.clone()));
        self.succession.set_owner(host);
        self.track_host_absence(now_ms);
        vec![persist]
    }

    /// An owner hands the room over. Any other host only hands on that they host: the owner still owns the room, and hosts
    /// again when they come back.
    pub(super) fn hand_over(&mut self, asking: &Asking, about: Person) -> Vec<Effect> {
        if asking.kind == HostKind::Owner {
            self.moderation.hand_over(asking, about.clone());
            return self.set_owner(about, asking.now_ms);
        }
        self.moderation.pass_host_on(asking, about.clone());
        self.host_instead_of_owner(about, asking.now_ms);
        vec![]
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

    fn find_successor(&self) -> Option<Person> {
        self.list_successors().into_iter().next()
    }

    /// Everybody who could host next, the best first: a co-host, otherwise a speaker, otherwise a listener. Among several, the person who
    /// has been here longest.
    pub(super) fn list_successors(&self) -> Vec<Person> {
        let permissions = self.moderation.permissions();
        let mut here: Vec<&Participant> = self
            .attendance
            .participants()
            .filter(|one| one.lost_since_ms().is_none())
            .collect();
        here.sort_by_key(|one| {
            let user = &one.person.id;
            // People whose microphone is locked come last, because hosting would let them talk.
            let is_free = permissions.mic_lock(user).is_none();
            Reverse((is_free, permissions.role(user), Reverse(one.voice)))
        });
        here.into_iter().map(|one| one.person.clone()).collect()
    }

    fn let_stand_in(&mut self, next: Person, now_ms: u64) {
        let gone = self.info.host.clone();
        let stood_in = (!self.succession.is_owner(&gone.id)).then_some(gone);
        self.moderation.replace_host(next.clone(), stood_in, now_ms);
        self.host_instead_of_owner(next, now_ms);
    }

    /// `host`, who is not the owner, hosts from now on.
    fn host_instead_of_owner(&mut self, host: Person, now_ms: u64) {
        let owner = AbsentOwner {
            name: self.succession.owner().name.clone(),
            // Only owners make co-hosts, so every co-host is somebody whom an owner has chosen.
            appointed: self.moderation.permissions().rank(&host.id) == Rank::CoHost,
            for_long: self.succession.is_owner_long_away(now_ms),
        };
        self.info.host = host;
        self.info.absent_owner = Some(owner);
        self.succession.reset();
        self.track_host_absence(now_ms);
        self.succession.store_absence(self.moderation.wall_clock());
    }

    /// Tells the sockets of the room when the owner has been away for so long that every host may end the room, or when this is no
    /// longer so, because the wall clock was wrong.
    pub(super) fn track_long_absence(&mut self, now_ms: u64) -> Vec<Effect> {
        let is_long = self.succession.is_owner_long_away(now_ms);
        match &mut self.info.absent_owner {
            Some(owner) if is_long != owner.for_long => owner.for_long = is_long,
            _ => return vec![],
        }
        let info = Box::new(self.info.clone());
        self.tell_list(ServerSignal::RoomInfo { info })
    }

    /// Makes the owner host as soon as they come in. The person who hosted instead has the role from before again.
    pub(super) fn restore_owner_as_host(&mut self, user: &UserId, now_ms: u64) -> Vec<Effect> {
        if !self.succession.is_owner(user) || self.role(user) == Role::Host {
            return vec![];
        }
        let before = self.snapshot();
        let owner = self.succession.owner().clone();
        let stood_in = std::mem::replace(&mut self.info.host, owner.clone());
        self.info.absent_owner = None;
        self.moderation.restore_host(owner, stood_in, now_ms);
        self.track_host_absence(now_ms);
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
        self.info.absent_owner = None;
        let info = Box::new(self.info.clone());
        let mut effects = self.tell_list(ServerSignal::RoomInfo { info });
        effects.push(Effect::RightsChanged { user: gone });
        effects
    }
}
