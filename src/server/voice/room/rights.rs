//! Who may talk and who decides in a room, pure: what holds somebody, what a change of rights brings about, and what time
//! does to rights.

use super::{Room, tell};
use crate::{
    model::{
        id::UserId,
        moderation_log::{Barred, ModerationPanel},
        room::ParticipantInfo,
        signal::{Refusal, ServerSignal},
        stage::{HOST_AWAY_SECONDS, MicLock, Role},
    },
    server::voice::{
        command::{ConnectionId, Effect, Persist},
        participant::Participant,
        roles::Rank,
    },
};
use std::collections::BTreeMap;

/// Hosts see so many entries of the log; the rest is kept.
const PANEL_LOG_ENTRIES: usize = 50;

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
        self.new_for_s(known_since_s, now_ms) > 0
    }

    /// How many seconds more an account is younger than the room asks for: never more than it asks for, whatever the clocks say.
    fn new_for_s(&self, known_since_s: i64, now_ms: u64) -> i64 {
        let asked_s = i64::from(self.info.rules.new_account_minutes) * 60;
        (known_since_s + asked_s - self.now_s(now_ms)).clamp(0, asked_s)
    }

    pub(super) fn mic_lock(&self, participant: &Participant) -> Option<MicLock> {
        let user = &participant.person.id;
        let record = self.roles.record(user);
        match self.roles.role(user) {
            Role::Host => None,
            _ if record.muted_by_host => Some(MicLock::ByHost),
            Role::CoHost => None,
            _ => (participant.is_new && !record.vouched).then_some(MicLock::NewAccount),
        }
    }

    /// Why `user`, who is inside, may not talk; `None` where they may.
    pub(super) fn find_mute_reason(&self, user: &UserId, now_ms: u64) -> Option<Refusal> {
        let participant = self.participants.get(user)?;
        match (self.roles.role(user).talks(), self.mic_lock(participant)) {
            (_, Some(MicLock::ByHost)) => Some(Refusal::MutedByHost),
            (false, _) => Some(Refusal::Listening),
            (true, Some(MicLock::NewAccount)) => Some(Refusal::NewAccount {
                for_s: self.new_for_s(participant.known_since_s, now_ms).max(1) as u32,
            }),
            (true, None) => None,
        }
    }

    fn may_talk(&self, user: &UserId) -> bool {
        let is_locked = self
            .participants
            .get(user)
            .is_some_and(|participant| self.mic_lock(participant).is_some());
        self.roles.role(user).talks() && !is_locked
    }

    /// Does something that changes rights: whoever may not talk any more is silent from here on, and whoever must know is told.
    ///
    /// # Errors
    /// As `action`, which then has changed nothing.
    pub(super) fn with_rights_change(
        &mut self,
        action: impl FnOnce(&mut Self) -> Result<Vec<Effect>, Refusal>,
    ) -> Result<Vec<Effect>, Refusal> {
        let (before, info, barred) = (
            self.participant_infos(),
            self.info.clone(),
            self.roles.list_barred_ids(),
        );
        let hosts = self.list_host_connections();
        let mut effects = action(self)?;
        self.drop_invitations_of_nobody();
        let hushed = self.silence_who_may_not_talk();
        // Who is being put out is not shown again.
        let has_changed = |one: &ParticipantInfo| {
            before.get(&one.person.id) != Some(one) && self.roles.record(&one.person.id).bar.is_none()
        };
        let changed: Vec<ParticipantInfo> = self.participant_infos().into_values().filter(has_changed).collect();
        let talks_now =
            |one: &ParticipantInfo| before.get(&one.person.id).map(|was| was.role.talks()) != Some(one.role.talks());
        if changed.iter().any(talks_now) {
            // Whose faces the list shows.
            self.card.take();
            effects.push(Effect::RoomsChanged);
        }
        if !changed.is_empty() {
            let (joined, left) = (vec![], vec![]);
            effects.push(self.tell_all(ServerSignal::Roster { joined, left, changed }));
        }
        if self.info != info {
            if self.info.host.id != info.host.id {
                effects.push(self.persist(Persist::Rights(info.host.id)));
            }
            let info = Box::new(self.info.clone());
            effects.extend(self.tell_list(ServerSignal::RoomInfo { info }));
        }
        let bars_changed = self.roles.list_barred_ids() != barred;
        if bars_changed {
            self.card.take();
            effects.push(Effect::RoomsChanged);
        }
        effects.extend(hushed.then(|| self.tell_speaking()).into_iter().flatten());
        if bars_changed || self.journal.has_fresh() || self.list_host_connections() != hosts {
            effects.extend(self.tell_panels(&hosts));
        }
        Ok(effects)
    }

    /// An invitation lasts as long as whoever made it hosts.
    fn drop_invitations_of_nobody(&mut self) {
        let roles = &self.roles;
        for participant in self.participants.values_mut() {
            participant.invited_by = participant.invited_by.take().filter(|by| roles.role(&by.id).hosts());
        }
    }

    fn participant_infos(&self) -> BTreeMap<UserId, ParticipantInfo> {
        let of = |(user, participant): (&UserId, &Participant)| (user.clone(), self.participant_info(participant));
        self.participants.iter().map(of).collect()
    }

    /// Closes every open microphone whose person may not talk; true if a voice went off by it.
    fn silence_who_may_not_talk(&mut self) -> bool {
        let open = self
            .participants
            .iter()
            .filter_map(|(user, participant)| Some((user.clone(), participant.talking()?)));
        let silent: Vec<_> = open.filter(|(user, _)| !self.may_talk(user)).collect();
        let mut hushed = false;
        for (user, connection) in silent {
            if let Some(participant) = self.participants.get_mut(&user) {
                participant.set_talking(connection, false);
            }
            hushed |= self.forwarder.let_talk(connection, false);
        }
        hushed
    }

    fn list_host_connections(&self) -> Vec<ConnectionId> {
        let hosts_here = |(connection, user): &(&ConnectionId, &UserId)| {
            self.roles.role(user).hosts()
                && self
                    .participants
                    .get(*user)
                    .is_some_and(|participant| participant.has(**connection))
        };
        self.watchers
            .iter()
            .filter(hosts_here)
            .map(|(connection, _)| *connection)
            .collect()
    }

    fn tell_panels(&self, hosts_before: &[ConnectionId]) -> Vec<Effect> {
        let hosts = self.list_host_connections();
        let gone = hosts_before.iter().copied().filter(|one| !hosts.contains(one));
        let mut effects: Vec<Effect> = gone
            .map(|one| {
                tell(
                    one,
                    ServerSignal::ModerationPanel {
                        panel: ModerationPanel::default(),
                    },
                )
            })
            .collect();
        effects.push(Effect::Tell {
            to: hosts,
            signal: ServerSignal::ModerationPanel { panel: self.panel() },
        });
        effects
    }

    /// What a host needs to know who has just sat down.
    pub(super) fn tell_panel(&self, connection: ConnectionId) -> Option<Effect> {
        let hosts = self.list_host_connections().contains(&connection);
        hosts.then(|| tell(connection, ServerSignal::ModerationPanel { panel: self.panel() }))
    }

    fn panel(&self) -> ModerationPanel {
        let mut log = self.journal.list(&self.roles);
        log.truncate(PANEL_LOG_ENTRIES);
        ModerationPanel {
            log,
            barred: self.roles.list_barred(),
        }
    }

    /// Who leaves the room leaves the stage.
    pub(super) fn leave_stage(&mut self, user: &UserId) {
        if self.roles.record(user).rank == Rank::Speaker {
            self.roles.change(user, |record| record.rank = Rank::Listener);
        }
    }

    /// Another host where the host stays away, talk for accounts that are old enough, the way back for who was removed.
    pub(super) fn tick_rights(&mut self, now_ms: u64) -> Vec<Effect> {
        let mut effects = vec![];
        let away_limit_ms = u64::from(HOST_AWAY_SECONDS) * 1_000;
        if self
            .host_gone_since_ms
            .is_some_and(|since| now_ms >= since + away_limit_ms)
        {
            effects.extend(
                self.with_rights_change(|room| room.promote_successor(now_ms))
                    .unwrap_or_default(),
            );
        }
        let grown: Vec<UserId> = self
            .participants
            .iter()
            .filter(|(_, participant)| participant.is_new && !self.is_new_account(participant.known_since_s, now_ms))
            .map(|(user, _)| user.clone())
            .collect();
        if !grown.is_empty() {
            effects.extend(
                self.with_rights_change(|room| room.unlock_grown_accounts(&grown))
                    .unwrap_or_default(),
            );
        }
        let now_s = self.now_s(now_ms);
        if self.roles.has_expired(now_s) {
            let lift = |room: &mut Self| {
                room.roles.lift_expired(now_s);
                Ok(vec![])
            };
            effects.extend(self.with_rights_change(lift).unwrap_or_default());
        }
        effects
    }

    fn unlock_grown_accounts(&mut self, grown: &[UserId]) -> Result<Vec<Effect>, Refusal> {
        for user in grown {
            if let Some(participant) = self.participants.get_mut(user) {
                participant.is_new = false;
            }
        }
        Ok(vec![])
    }

    /// Whether something must be kept.
    pub fn has_unsaved(&self) -> bool {
        self.roles.has_touched() || self.journal.has_fresh()
    }

    /// What must be kept since this was asked last.
    pub fn take_unsaved(&mut self) -> Vec<Persist> {
        let records = self.roles.take_touched().into_iter();
        let records = records.map(|(user, record)| Persist::Record { user, record });
        records
            .chain(self.journal.take_fresh().into_iter().map(Persist::LogEntry))
            .collect()
    }
}
