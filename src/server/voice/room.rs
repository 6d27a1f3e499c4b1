//! One live room, pure: its info, who looks in, who sits inside, who may be heard, and what time does to them.

mod broadcast;
mod host_succession;
mod microphones;
mod moderation;
mod rights;
mod stage_requests;

use super::{
    command::{ConnectionId, Effect, Restored, RoomVisitor},
    forwarder::Forwarder,
    moderation_journal::Journal,
    participant::Participant,
    roles::{Rank, Roles},
    token_bucket::RateWindow,
};
use crate::model::{
    id::UserId,
    room::{Person, RoomCard, RoomInfo},
    signal::{Refusal, ServerSignal},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// An empty room that nobody looks into fades after this long.
pub const EXPIRE_AFTER_MS: u64 = 60_000;
/// A person whose line was lost without a goodbye shows as away after this long,
pub const AWAY_AFTER_MS: u64 = 2_000;
/// and is off the roster after this long: within 5 s, with a second to spare.
pub const GONE_AFTER_MS: u64 = 4_000;

/// A live room. Times are milliseconds, as the registry has them.
#[derive(Debug)]
pub struct Room {
    info: RoomInfo,
    /// Who opened the room or was handed it: the host again when a permanent room has gone dark.
    owner: Person,
    pub opened: u64,
    /// What the unix time was, in seconds, when the registry's clock began.
    epoch_s: i64,
    /// Everybody at a socket of this room, inside or not.
    watchers: BTreeMap<ConnectionId, UserId>,
    participants: BTreeMap<UserId, Participant>,
    forwarder: Forwarder,
    roles: Roles,
    journal: Journal,
    /// How often somebody raised a hand or invited, of late.
    paces: BTreeMap<UserId, RateWindows>,
    /// Hands raised so far: the next gets the next.
    hands: u32,
    /// The voice of the last who came in; the next gets the next.
    voices: u32,
    /// Since when nobody is here.
    empty_since_ms: Option<u64>,
    /// Who hosts a permanent room in its owner's absence, and what they were before.
    acting: Option<(UserId, Rank)>,
    /// Since when people are inside, and the host is not.
    host_gone_since_ms: Option<u64>,
    /// The card as it was last made; emptied when something on it changes.
    card: OnceLock<Arc<RoomCard>>,
}

#[derive(Debug)]
struct RateWindows {
    hands: RateWindow,
    /// Invitations that this person made, and
    invitations: RateWindow,
    /// that they got.
    invited: RateWindow,
}

impl Room {
    /// An empty room; `opened` is its place in the order of openings.
    pub fn new(info: RoomInfo, restored: Restored, opened: u64, epoch_s: i64, now_ms: u64) -> Self {
        Self {
            roles: Roles::new(info.rules.mode, info.host.id.clone(), restored.records),
            journal: Journal::resume(restored.log),
            owner: info.host.clone(),
            info,
            opened,
            epoch_s,
            watchers: BTreeMap::new(),
            participants: BTreeMap::new(),
            forwarder: Forwarder::default(),
            paces: BTreeMap::new(),
            hands: 0,
            voices: 0,
            empty_since_ms: Some(now_ms),
            acting: None,
            host_gone_since_ms: None,
            card: OnceLock::new(),
        }
    }

    /// Whether somebody is inside.
    pub fn is_active(&self) -> bool {
        !self.participants.is_empty()
    }

    /// Whether the list shows it: active, or permanent.
    pub fn is_listed(&self) -> bool {
        self.is_active() || self.info.rules.permanent
    }

    /// Whether `user` keeps this room record.
    pub fn is_owned_by(&self, user: &UserId) -> bool {
        self.info.rules.permanent && self.owner.id == *user
    }

    /// Whether it has been empty for so long that it is no more.
    pub fn has_expired(&self, now_ms: u64) -> bool {
        let is_over = |since: u64| now_ms >= since + EXPIRE_AFTER_MS;
        !self.info.rules.permanent && self.empty_since_ms.is_some_and(is_over)
    }

    /// Whether `user` may come in, where `most` may be inside.
    ///
    /// # Errors
    /// `RoomFull`.
    pub fn admits(&self, user: &UserId, most: u32) -> Result<(), Refusal> {
        match self.participants.len() < most as usize || self.participants.contains_key(user) {
            true => Ok(()),
            false => Err(Refusal::RoomFull { most }),
        }
    }

    /// Somebody looks in, and is told what there is to see.
    pub fn watch(&mut self, connection: ConnectionId, user: UserId) -> Effect {
        self.empty_since_ms = None;
        self.watchers.insert(connection, user.clone());
        let welcome = ServerSignal::Welcome {
            you: user,
            room: self.page(),
            speaking: self.list_speaking(),
        };
        tell(connection, welcome)
    }

    /// Gives a person a place in the room, or their place another connection; muted.
    pub fn join(&mut self, connection: ConnectionId, visitor: &RoomVisitor, now_ms: u64) -> Vec<Effect> {
        let user = &visitor.person.id;
        let before = self.find_participant_info(user);
        if let Some(participant) = self.participants.get_mut(user) {
            participant.take(connection);
            let hushed = self.forwarder.plug(connection, participant.voice, now_ms);
            let mut effects = self.tell_if_changed(user, before);
            effects.extend(hushed.then(|| self.tell_speaking()).into_iter().flatten());
            effects.extend(self.tell_panel(connection));
            return effects;
        }
        self.voices += 1;
        let mut participant = Participant::new(
            visitor.person.clone(),
            (visitor.known_since_s, visitor.guest),
            self.voices,
            connection,
        );
        participant.is_new = self.is_new_account(visitor.known_since_s, now_ms);
        self.forwarder.plug(connection, participant.voice, now_ms);
        let joined = self.participant_info(&participant);
        self.participants.insert(user.clone(), participant);
        self.track_host_absence(now_ms);
        let mut effects = self.tell_list(ServerSignal::joined_by(joined));
        effects.extend(self.restore_owner_as_host(user, now_ms));
        effects.extend(self.tell_panel(connection));
        effects
    }

    /// Takes a connection from the room, and from its place: that is given up at once after a goodbye, else it waits a while.
    pub fn remove_connection(
        &mut self,
        connection: ConnectionId,
        user: &UserId,
        goodbye: bool,
        now_ms: u64,
    ) -> Vec<Effect> {
        self.watchers.remove(&connection);
        let hushed = self.forwarder.unplug(connection);
        let before = self.find_participant_info(user);
        let mut effects = match self.participants.get_mut(user) {
            Some(participant) => match participant.release(connection) {
                true if goodbye => self.remove(user, now_ms),
                true => {
                    participant.lost_since_ms = Some(now_ms);
                    self.tell_if_changed(user, before)
                }
                false => self.tell_if_changed(user, before),
            },
            None => vec![],
        };
        effects.extend(self.track_emptiness(now_ms));
        effects.extend(hushed.then(|| self.tell_speaking()).into_iter().flatten());
        effects
    }

    /// Lets time do its work: away, gone, silent, another host, old enough, allowed back.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Effect> {
        let late: Vec<UserId> = self
            .participants
            .iter()
            .filter(|(_, participant)| participant.is_lost_for(AWAY_AFTER_MS, now_ms))
            .map(|(user, _)| user.clone())
            .collect();
        let mut effects = vec![];
        for user in late {
            let before = self.find_participant_info(&user);
            let Some(participant) = self.participants.get_mut(&user) else {
                continue;
            };
            if participant.is_lost_for(GONE_AFTER_MS, now_ms) {
                let lost_ms = participant.lost_since_ms.unwrap_or(now_ms);
                effects.extend(self.remove(&user, lost_ms));
            } else {
                participant.away = true;
                effects.extend(self.tell_if_changed(&user, before));
            }
        }
        if self.forwarder.speaking.tick(now_ms) {
            effects.extend(self.tell_speaking());
        }
        effects.extend(self.tick_rights(now_ms));
        effects.extend(self.track_emptiness(now_ms));
        effects
    }

    /// Shows the new name and face, on the roster and as the host.
    pub fn rename(&mut self, person: &Person) -> Vec<Effect> {
        if self.owner.id == person.id {
            self.owner = person.clone();
        }
        let is_host = self.info.host.id == person.id;
        if is_host {
            self.info.host = person.clone();
            self.card.take();
        }
        let Some(participant) = self.participants.get_mut(&person.id) else {
            return if is_host { vec![Effect::RoomsChanged] } else { vec![] };
        };
        participant.person = person.clone();
        let changed = self.find_participant_info(&person.id);
        changed
            .map(|changed| self.tell_list(ServerSignal::changed_at(changed)))
            .unwrap_or_default()
    }

    /// Everybody at a socket, to be put out.
    pub fn list_watchers(&self) -> Vec<ConnectionId> {
        self.watchers.keys().copied().collect()
    }

    fn remove(&mut self, user: &UserId, gone_ms: u64) -> Vec<Effect> {
        self.participants.remove(user);
        self.leave_stage(user);
        self.track_host_absence(gone_ms);
        self.tell_list(ServerSignal::left_by(user.clone()))
    }

    fn track_emptiness(&mut self, now_ms: u64) -> Vec<Effect> {
        let is_empty = self.participants.is_empty() && self.watchers.is_empty();
        self.empty_since_ms = is_empty.then(|| self.empty_since_ms.unwrap_or(now_ms));
        if self.participants.is_empty() {
            return self.become_idle();
        }
        vec![]
    }
}

fn tell(to: ConnectionId, signal: ServerSignal) -> Effect {
    Effect::Tell { to: vec![to], signal }
}

fn refuse(connection: ConnectionId, why: Refusal) -> Effect {
    tell(connection, ServerSignal::Refused { why })
}
