//! What follows from a change of permissions: people who must not talk any more are silenced first, and everybody is
//! told after that. So a host's decision applies to the very next packet, whatever the muted client goes on sending.

use super::Room;
use crate::{
    model::{
        id::UserId,
        moderation_log::ModerationPanel,
        room::{ParticipantInfo, RoomInfo},
        signal::ServerSignal,
        stage::MicLock,
    },
    server::voice::command::{ConnectionId, Effect},
};
use std::collections::BTreeMap;

/// The parts of a room that a change of permissions may affect, as they were before the change.
pub struct RoomSnapshot {
    participants: BTreeMap<UserId, ParticipantInfo>,
    info: RoomInfo,
    barred: Vec<UserId>,
    host_connections: Vec<ConnectionId>,
}

impl Room {
    /// Take this before anything that may change permissions, and pass it to [`Room::enforce_permissions`] afterwards.
    pub(super) fn snapshot(&self) -> RoomSnapshot {
        RoomSnapshot {
            participants: self.participant_infos(),
            info: self.info.clone(),
            barred: self.moderation.permissions().list_barred_ids(),
            host_connections: self.list_host_connections(),
        }
    }

    /// Silences everybody who must not talk any more, and announces all changes since `before`. The announcements are
    /// added to `effects`.
    pub(super) fn enforce_permissions(&mut self, before: RoomSnapshot, mut effects: Vec<Effect>) -> Vec<Effect> {
        let permissions = self.moderation.permissions();
        // A hand and an invitation belong to a role, whatever has changed it: a host, an undo, or a change of hosts.
        let has_changed = |(user, was): &(&UserId, &ParticipantInfo)| permissions.role(user) != was.role;
        for (user, _) in before.participants.iter().filter(has_changed) {
            self.stage.clear(user);
        }
        self.stage.retain_invitations(|by| permissions.role(by).hosts());
        let hushed = self.microphones.close_unless(|user| permissions.may_talk(user));
        let bars_changed = permissions.list_barred_ids() != before.barred;
        effects.extend(self.tell_by_whom(&before.participants));
        effects.extend(self.tell_changed_participants(&before.participants));
        effects.extend(self.tell_changed_info(before.info));
        if bars_changed {
            self.card.take();
            effects.push(Effect::RoomsChanged);
        }
        effects.extend(self.tell_speaking_if(hushed));
        let hosts = self.list_host_connections();
        if bars_changed || self.moderation.has_new_entries() || hosts != before.host_connections {
            effects.extend(self.tell_panels(hosts, &before.host_connections));
        }
        effects
    }

    /// Unlocks new accounts that are old enough now, and lifts removals that are over.
    pub(super) fn tick_permissions(&mut self, now_ms: u64) -> Vec<Effect> {
        let mut effects = vec![];
        if self.moderation.has_grown_accounts(now_ms) {
            let before = self.snapshot();
            self.moderation.release_grown_accounts(now_ms);
            effects.extend(self.enforce_permissions(before, vec![]));
        }
        if self.moderation.has_expired_bars(now_ms) {
            let before = self.snapshot();
            self.moderation.lift_expired_bars(now_ms);
            effects.extend(self.enforce_permissions(before, vec![]));
        }
        effects
    }

    fn participant_infos(&self) -> BTreeMap<UserId, ParticipantInfo> {
        self.attendance
            .participants()
            .map(|participant| (participant.person.id.clone(), self.participant_info(participant)))
            .collect()
    }

    /// Tells each person who is muted for everyone or invited to the stage now, and was not before, which host did it. A mute also comes back
    /// without a new action, for example when somebody no longer hosts.
    fn tell_by_whom(&self, before: &BTreeMap<UserId, ParticipantInfo>) -> Vec<Effect> {
        let mut effects = vec![];
        for user in self.attendance.participants().map(|one| &one.person.id) {
            let was = before.get(user);
            let was_muted = was.is_some_and(|was| was.mic_lock == Some(MicLock::ByHost));
            let was_invited = was.is_some_and(|was| was.invited);
            let muter = (!was_muted).then(|| self.muter_signal(user)).flatten();
            let inviter = (!was_invited).then(|| self.inviter_signal(user)).flatten();
            effects.extend(muter.into_iter().chain(inviter).map(|signal| Effect::Tell {
                to: self.attendance.connections_of(user).collect(),
                signal,
            }));
        }
        effects
    }

    fn tell_changed_participants(&mut self, before: &BTreeMap<UserId, ParticipantInfo>) -> Vec<Effect> {
        let permissions = self.moderation.permissions();
        // A person who is being removed leaves the roster anyway, so no change is announced for them.
        let has_changed =
            |one: &ParticipantInfo| before.get(&one.person.id) != Some(one) && !permissions.is_barred(&one.person.id);
        let changed: Vec<ParticipantInfo> = self.participant_infos().into_values().filter(has_changed).collect();
        let mut effects = vec![];
        let talks_now =
            |one: &ParticipantInfo| before.get(&one.person.id).map(|was| was.role.talks()) != Some(one.role.talks());
        if changed.iter().any(talks_now) {
            // The card shows the people who may talk before all others, so its faces can change.
            self.card.take();
            effects.push(Effect::RoomsChanged);
        }
        if !changed.is_empty() {
            let (joined, left) = (vec![], vec![]);
            effects.push(self.attendance.tell_all(ServerSignal::Roster { joined, left, changed }));
        }
        effects
    }

    fn tell_changed_info(&mut self, before: RoomInfo) -> Vec<Effect> {
        if self.info == before {
            return vec![];
        }
        let mut effects = vec![];
        if self.info.host.id != before.host.id {
            effects.push(Effect::RightsChanged { user: before.host.id });
        }
        let info = Box::new(self.info.clone());
        effects.extend(self.tell_list(ServerSignal::RoomInfo { info }));
        effects
    }

    /// Sends the moderation panel to everybody who hosts, and an empty one to people who don't host any more.
    fn tell_panels(&self, hosts: Vec<ConnectionId>, hosts_before: &[ConnectionId]) -> Vec<Effect> {
        let no_panel = || ServerSignal::ModerationPanel {
            panel: ModerationPanel::default(),
        };
        let gone = hosts_before.iter().filter(|one| !hosts.contains(one));
        let mut effects: Vec<Effect> = gone.map(|one| Effect::tell(*one, no_panel())).collect();
        effects.push(Effect::Tell {
            to: hosts,
            signal: self.panel_signal(),
        });
        effects
    }
}
