//! Who hosts a room, pure: away, succeeded, crowned, and back again where they keep it.

use super::Room;
use crate::{
    model::{
        id::UserId,
        moderation_log::Deed,
        room::Person,
        signal::{Refusal, ServerSignal},
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
    /// Takes note of whether the host is inside; `since_ms` is when they may have gone.
    pub(super) fn track_host_absence(&mut self, since_ms: u64) {
        let is_away = !self.participants.is_empty() && !self.participants.contains_key(self.roles.host());
        self.host_gone_since_ms = is_away.then(|| self.host_gone_since_ms.unwrap_or(since_ms));
    }

    /// The info names another host, who keeps the room from now on.
    pub(super) fn set_room_host(&mut self, host: Person, now_ms: u64) -> Vec<Effect> {
        self.info.host = host.clone();
        self.info.owned_by = host.id.clone();
        self.acting = None;
        let persist = self.persist(Persist::Host(host.id.clone()));
        self.owner = host;
        self.track_host_absence(now_ms);
        vec![persist]
    }

    /// The co-host who has been here longest becomes host, else a speaker, else a listener.
    pub(super) fn promote_successor(&mut self, now_ms: u64) -> Result<Vec<Effect>, Refusal> {
        let here = self
            .participants
            .values()
            .filter(|participant| participant.lost_since_ms.is_none());
        // Whom something holds comes last: hosting would let them talk.
        let fitness = |participant: &&Participant| {
            let is_free = self.mic_lock(participant).is_none();
            (
                is_free,
                self.roles.role(&participant.person.id),
                Reverse(participant.voice),
            )
        };
        let next = here.max_by_key(fitness);
        let Some(next) = next.map(|participant| participant.person.clone()) else {
            return Ok(vec![]);
        };
        let (from, gone) = (self.roles.role(&next.id), self.info.host.clone());
        let rank = self.roles.record(&next.id).rank;
        self.roles.hand_over(&next.id);
        let stood_in = self.acting.replace((next.id.clone(), rank));
        if let Some((_, rank)) = stood_in.filter(|(user, _)| *user == gone.id) {
            self.roles.change(&gone.id, |record| record.rank = rank);
        }
        self.info.host = next.clone();
        self.host_gone_since_ms = None;
        let now_s = self.now_s(now_ms);
        let stayed_on = Deed::Role {
            from: Role::Host,
            to: self.roles.role(&gone.id),
        };
        self.journal.add(now_s, None, Some(gone), stayed_on, None);
        self.journal.add(
            now_s,
            None,
            Some(next.clone()),
            Deed::Role { from, to: Role::Host },
            None,
        );
        self.clear_hand_and_invitation(&next.id);
        Ok(vec![])
    }

    /// Nobody is inside any more: the host is whoever keeps the room.
    pub(super) fn become_idle(&mut self) -> Vec<Effect> {
        self.host_gone_since_ms = None;
        self.paces.clear();
        self.acting = None;
        if *self.roles.host() == self.owner.id {
            return vec![];
        }
        let gone = self.roles.host().clone();
        self.roles.set_host(self.owner.id.clone());
        self.info.host = self.owner.clone();
        let info = Box::new(self.info.clone());
        let mut effects = self.tell_list(ServerSignal::RoomInfo { info });
        effects.push(self.persist(Persist::Rights(gone)));
        effects
    }

    /// The owner of a permanent room is its host as soon as they sit down, and who stood in for them is what they were.
    pub(super) fn restore_owner_as_host(&mut self, user: &UserId, now_ms: u64) -> Vec<Effect> {
        let is_their_own = self.info.rules.permanent && *user == self.owner.id && self.roles.role(user) != Role::Host;
        if !is_their_own {
            return vec![];
        }
        let give_back = |room: &mut Self| {
            let (stood_in, owner) = (room.roles.host().clone(), room.owner.clone());
            let from = room.roles.role(&owner.id);
            room.roles.hand_over(&owner.id);
            let rank = room
                .acting
                .take()
                .filter(|(acting, _)| *acting == stood_in)
                .map_or(Rank::Listener, |(_, rank)| rank);
            room.roles.change(&stood_in, |record| record.rank = rank);
            let (now_s, to) = (room.now_s(now_ms), room.roles.role(&stood_in));
            let stood_in = std::mem::replace(&mut room.info.host, owner.clone());
            let went = Deed::Role { from: Role::Host, to };
            room.journal.add(now_s, None, Some(stood_in), went, None);
            room.journal
                .add(now_s, None, Some(owner), Deed::Role { from, to: Role::Host }, None);
            room.host_gone_since_ms = None;
            Ok(vec![])
        };
        self.with_rights_change(give_back).unwrap_or_default()
    }

    /// Who hosts has neither a hand up nor an invitation open.
    pub(super) fn clear_hand_and_invitation(&mut self, user: &UserId) {
        if let Some(participant) = self.participants.get_mut(user) {
            (participant.hand, participant.invited_by) = (None, None);
        }
    }
}
