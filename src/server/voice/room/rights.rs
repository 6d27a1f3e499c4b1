//! Who may talk and who decides in a room, pure: what holds somebody, what a change of rights brings about, and what time
//! does to rights.

use super::{Room, tell};
use crate::{
    model::{
        id::UserId,
        moderation::{Barred, Deed, Desk},
        room::Participant,
        signal::{Refusal, ServerSignal},
        stage::{HOST_AWAY_SECONDS, Hold, Role},
    },
    server::voice::{
        command::{ConnectionId, Effect, Keep},
        roles::Rank,
        seat::Seat,
    },
};
use std::{cmp::Reverse, collections::BTreeMap};

/// Hosts see so many entries of the log; the rest is kept.
const DESK_ENTRIES: usize = 50;

impl Room {
    /// Unix time in seconds.
    pub(super) fn now_s(&self, now_ms: u64) -> i64 {
        self.epoch_s + (now_ms / 1_000) as i64
    }

    pub fn role(&self, user: &UserId) -> Role {
        self.roles.role(user)
    }

    /// How a host has put `user` out, where the time is not over.
    pub fn find_bar(&self, user: &UserId, now_ms: u64) -> Option<Barred> {
        self.roles.bar(user, self.now_s(now_ms)).cloned()
    }

    pub(super) fn is_new_account(&self, known_since_s: i64, now_ms: u64) -> bool {
        self.young_for_s(known_since_s, now_ms) > 0
    }

    /// How many seconds more an account is younger than the room asks for.
    fn young_for_s(&self, known_since_s: i64, now_ms: u64) -> i64 {
        known_since_s + i64::from(self.sign.rules.hold_minutes) * 60 - self.now_s(now_ms)
    }

    pub(super) fn hold(&self, seat: &Seat) -> Option<Hold> {
        let user = &seat.person.id;
        let standing = self.roles.standing(user);
        match self.roles.role(user) {
            Role::Host => None,
            _ if standing.held => Some(Hold::ByHost),
            Role::CoHost => None,
            _ => (seat.is_new && !standing.vouched).then_some(Hold::New),
        }
    }

    /// Why `user`, who is inside, may not talk; `None` where they may.
    pub(super) fn why_silent(&self, user: &UserId, now_ms: u64) -> Option<Refusal> {
        let seat = self.seats.get(user)?;
        match (self.roles.role(user).talks(), self.hold(seat)) {
            (_, Some(Hold::ByHost)) => Some(Refusal::HeldByHost),
            (false, _) => Some(Refusal::Listening),
            (true, Some(Hold::New)) => Some(Refusal::HeldNew {
                for_s: self.young_for_s(seat.known_since_s, now_ms).max(1) as u32,
            }),
            (true, None) => None,
        }
    }

    fn may_talk(&self, user: &UserId) -> bool {
        let holds = self.seats.get(user).is_some_and(|seat| self.hold(seat).is_some());
        self.roles.role(user).talks() && !holds
    }

    /// Does something that changes rights: whoever may not talk any more is silent from here on, and whoever must know is told.
    ///
    /// # Errors
    /// As `act`, which then has changed nothing.
    pub(super) fn changing(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<Vec<Effect>, Refusal>,
    ) -> Result<Vec<Effect>, Refusal> {
        let (before, sign, barred) = (self.participants(), self.sign.clone(), self.roles.list_barred_ids());
        let hosts = self.list_host_connections();
        let mut effects = act(self)?;
        self.drop_invitations_of_nobody();
        let hushed = self.silence_who_may_not_talk();
        // Who is being put out is not shown again.
        let is_news = |one: &Participant| {
            before.get(&one.person.id) != Some(one) && self.roles.standing(&one.person.id).bar.is_none()
        };
        let changed: Vec<Participant> = self.participants().into_values().filter(is_news).collect();
        if !changed.is_empty() {
            let (joined, left) = (vec![], vec![]);
            effects.push(self.tell_all(ServerSignal::Roster { joined, left, changed }));
        }
        if self.sign != sign {
            if self.sign.host.id != sign.host.id {
                effects.push(self.keep(Keep::Rights(sign.host.id)));
            }
            let sign = Box::new(self.sign.clone());
            effects.extend(self.tell_list(ServerSignal::Sign { sign }));
        }
        let bars_changed = self.roles.list_barred_ids() != barred;
        if bars_changed {
            self.card.take();
            effects.push(Effect::RoomsChanged);
        }
        effects.extend(hushed.then(|| self.tell_speaking()).into_iter().flatten());
        if bars_changed || self.journal.has_fresh() || self.list_host_connections() != hosts {
            effects.extend(self.tell_desks(&hosts));
        }
        Ok(effects)
    }

    /// An invitation lasts as long as whoever made it hosts.
    fn drop_invitations_of_nobody(&mut self) {
        let roles = &self.roles;
        for seat in self.seats.values_mut() {
            seat.invited_by = seat.invited_by.take().filter(|by| roles.role(&by.id).hosts());
        }
    }

    fn participants(&self) -> BTreeMap<UserId, Participant> {
        let of = |(user, seat): (&UserId, &Seat)| (user.clone(), self.participant(seat));
        self.seats.iter().map(of).collect()
    }

    /// Closes every open microphone whose person may not talk; true if a voice went off by it.
    fn silence_who_may_not_talk(&mut self) -> bool {
        let open = self
            .seats
            .iter()
            .filter_map(|(user, seat)| Some((user.clone(), seat.talking()?)));
        let silent: Vec<_> = open.filter(|(user, _)| !self.may_talk(user)).collect();
        let mut hushed = false;
        for (user, connection) in silent {
            if let Some(seat) = self.seats.get_mut(&user) {
                seat.set_talking(connection, false);
            }
            hushed |= self.forwarder.let_talk(connection, false);
        }
        hushed
    }

    fn list_host_connections(&self) -> Vec<ConnectionId> {
        let hosts_here = |(connection, user): &(&ConnectionId, &UserId)| {
            self.roles.role(user).hosts() && self.seats.get(*user).is_some_and(|seat| seat.has(**connection))
        };
        self.watchers
            .iter()
            .filter(hosts_here)
            .map(|(connection, _)| *connection)
            .collect()
    }

    fn tell_desks(&self, hosts_before: &[ConnectionId]) -> Vec<Effect> {
        let hosts = self.list_host_connections();
        let gone = hosts_before.iter().copied().filter(|one| !hosts.contains(one));
        let mut effects: Vec<Effect> = gone
            .map(|one| tell(one, ServerSignal::Desk { desk: Desk::default() }))
            .collect();
        effects.push(Effect::Tell {
            to: hosts,
            signal: ServerSignal::Desk { desk: self.desk() },
        });
        effects
    }

    /// What a host needs to know who has just sat down.
    pub(super) fn tell_desk(&self, connection: ConnectionId) -> Option<Effect> {
        let hosts = self.list_host_connections().contains(&connection);
        hosts.then(|| tell(connection, ServerSignal::Desk { desk: self.desk() }))
    }

    fn desk(&self) -> Desk {
        let mut log = self.journal.list(&self.roles);
        log.truncate(DESK_ENTRIES);
        Desk {
            log,
            barred: self.roles.list_barred(),
        }
    }

    /// Takes note of whether the host is inside; `since_ms` is when they may have gone.
    pub(super) fn note_host(&mut self, since_ms: u64) {
        let is_away = !self.seats.is_empty() && !self.seats.contains_key(self.roles.host());
        self.host_gone_since_ms = is_away.then(|| self.host_gone_since_ms.unwrap_or(since_ms));
    }

    /// Who leaves the room leaves the stage.
    pub(super) fn step_off(&mut self, user: &UserId) {
        if self.roles.standing(user).rank == Rank::Speaker {
            self.roles.change(user, |standing| standing.rank = Rank::Listener);
        }
    }

    /// Nobody is inside any more: the host is whoever keeps the room.
    pub(super) fn go_dark(&mut self) -> Vec<Effect> {
        self.host_gone_since_ms = None;
        self.paces.clear();
        self.acting = None;
        if *self.roles.host() == self.keeper.id {
            return vec![];
        }
        let gone = self.roles.host().clone();
        self.roles.set_host(self.keeper.id.clone());
        self.sign.host = self.keeper.clone();
        let sign = Box::new(self.sign.clone());
        let mut effects = self.tell_list(ServerSignal::Sign { sign });
        effects.push(self.keep(Keep::Rights(gone)));
        effects
    }

    /// The keeper of a standing room is its host as soon as they sit down, and who stood in for them is what they were.
    pub(super) fn give_back_to(&mut self, user: &UserId, now_ms: u64) -> Vec<Effect> {
        let is_their_own = self.sign.rules.standing && *user == self.keeper.id && self.roles.role(user) != Role::Host;
        if !is_their_own {
            return vec![];
        }
        let give_back = |room: &mut Self| {
            let (stood_in, keeper) = (room.roles.host().clone(), room.keeper.clone());
            let from = room.roles.role(&keeper.id);
            room.roles.hand_over(&keeper.id);
            let rank = room
                .acting
                .take()
                .filter(|(acting, _)| *acting == stood_in)
                .map_or(Rank::Listener, |(_, rank)| rank);
            room.roles.change(&stood_in, |standing| standing.rank = rank);
            let (now_s, to) = (room.now_s(now_ms), room.roles.role(&stood_in));
            let stood_in = std::mem::replace(&mut room.sign.host, keeper.clone());
            let went = Deed::Role { from: Role::Host, to };
            room.journal.add(now_s, None, Some(stood_in), went, None);
            room.journal
                .add(now_s, None, Some(keeper), Deed::Role { from, to: Role::Host }, None);
            room.host_gone_since_ms = None;
            Ok(vec![])
        };
        self.changing(give_back).unwrap_or_default()
    }

    /// Another host where the host stays away, talk for accounts that are old enough, the way back for who was removed.
    pub(super) fn settle_rights(&mut self, now_ms: u64) -> Vec<Effect> {
        let mut effects = vec![];
        let patience_ms = u64::from(HOST_AWAY_SECONDS) * 1_000;
        if self
            .host_gone_since_ms
            .is_some_and(|since| now_ms >= since + patience_ms)
        {
            effects.extend(self.changing(|room| room.succeed(now_ms)).unwrap_or_default());
        }
        let grown: Vec<UserId> = self
            .seats
            .iter()
            .filter(|(_, seat)| seat.is_new && !self.is_new_account(seat.known_since_s, now_ms))
            .map(|(user, _)| user.clone())
            .collect();
        if !grown.is_empty() {
            effects.extend(self.changing(|room| room.let_talk_grown(&grown)).unwrap_or_default());
        }
        let now_s = self.now_s(now_ms);
        if self.roles.has_expired(now_s) {
            let lift = |room: &mut Self| {
                room.roles.lift_expired(now_s);
                Ok(vec![])
            };
            effects.extend(self.changing(lift).unwrap_or_default());
        }
        effects
    }

    fn let_talk_grown(&mut self, grown: &[UserId]) -> Result<Vec<Effect>, Refusal> {
        for user in grown {
            if let Some(seat) = self.seats.get_mut(user) {
                seat.is_new = false;
            }
        }
        Ok(vec![])
    }

    /// The co-host who has been here longest becomes host, else a speaker, else a listener.
    fn succeed(&mut self, now_ms: u64) -> Result<Vec<Effect>, Refusal> {
        let here = self.seats.values().filter(|seat| seat.lost_since_ms.is_none());
        // Whom something holds comes last: hosting would let them talk.
        let fitness = |seat: &&Seat| {
            let is_free = self.hold(seat).is_none();
            (is_free, self.roles.role(&seat.person.id), Reverse(seat.voice))
        };
        let next = here.max_by_key(fitness);
        let Some(next) = next.map(|seat| seat.person.clone()) else {
            return Ok(vec![]);
        };
        let (from, gone) = (self.roles.role(&next.id), self.sign.host.clone());
        let rank = self.roles.standing(&next.id).rank;
        self.roles.hand_over(&next.id);
        let stood_in = self.acting.replace((next.id.clone(), rank));
        if let Some((_, rank)) = stood_in.filter(|(user, _)| *user == gone.id) {
            self.roles.change(&gone.id, |standing| standing.rank = rank);
        }
        self.sign.host = next.clone();
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
        self.settle_at_the_top(&next.id);
        Ok(vec![])
    }

    /// Who hosts has neither a hand up nor an invitation open.
    pub(super) fn settle_at_the_top(&mut self, user: &UserId) {
        if let Some(seat) = self.seats.get_mut(user) {
            (seat.hand, seat.invited_by) = (None, None);
        }
    }

    /// Whether something must be kept.
    pub fn has_keeps(&self) -> bool {
        self.roles.has_touched() || self.journal.has_fresh()
    }

    /// What must be kept since this was asked last.
    pub fn take_keeps(&mut self) -> Vec<Keep> {
        let standings = self.roles.take_touched().into_iter();
        let standings = standings.map(|(user, standing)| Keep::Standing { user, standing });
        standings
            .chain(self.journal.take_fresh().into_iter().map(Keep::Entry))
            .collect()
    }
}
