//! One live room: people enter and leave, and each part of the room learns what it needs to know.

mod announcements;
mod attendance;
mod deleted_accounts;
mod facts;
mod host_changes;
mod host_succession;
mod microphones;
mod moderation;
mod new_accounts;
mod page_sockets;
mod permission_changes;
mod permissions;
mod requests;
mod stage;
mod voices;

use super::{
    command::{ConnectionId, Effect, Persist, Restored, RoomVisitor},
    roles::ActiveBar,
    wall_clock::WallClock,
};
use crate::model::{
    id::UserId,
    moderation_log::Barred,
    room::{Person, RoomCard, RoomInfo},
    signal::{Refusal, ServerSignal},
    stage::Role,
};
use attendance::{Absence, Attendance};
use host_succession::HostSuccession;
use microphones::Microphones;
use moderation::Moderation;
use stage::Stage;
use std::sync::{Arc, OnceLock};

pub use attendance::{AWAY_AFTER_MS, EXPIRE_AFTER_MS, GONE_AFTER_MS};

/// A live room. Times are milliseconds of the registry's clock.
#[derive(Debug)]
pub struct Room {
    /// The room's place in the order in which rooms were opened.
    pub opened: u64,
    info: RoomInfo,
    attendance: Attendance,
    microphones: Microphones,
    stage: Stage,
    moderation: Moderation,
    succession: HostSuccession,
    /// The wall clock when the room was opened here. Hands and the welcome give their times by it, and not by a later reading: a page
    /// computes from the two how long a hand has been up, and a jump of the wall clock must not change that on any page.
    hand_clock: WallClock,
    /// The cached card, cleared when something on it changes. So a change in one room does not rebuild the other rooms' cards.
    card: OnceLock<Arc<RoomCard>>,
}

impl Room {
    /// An empty room.
    pub fn new(info: RoomInfo, restored: Restored, opened: u64, wall_clock: WallClock, now_ms: u64) -> Self {
        let owner_left_at_s = restored.owner_left_at_s;
        Self {
            opened,
            attendance: Attendance::new(now_ms),
            microphones: Microphones::default(),
            stage: Stage::default(),
            hand_clock: wall_clock,
            moderation: Moderation::new(&info, restored, wall_clock, now_ms),
            succession: HostSuccession::new(info.host.clone(), owner_left_at_s, wall_clock, now_ms),
            info,
            card: OnceLock::new(),
        }
    }

    /// Uses this new reading of the wall clock from now on, because the clock has jumped.
    pub fn set_wall_clock(&mut self, wall_clock: WallClock) {
        self.moderation.set_wall_clock(wall_clock);
        // The card says in unix time since when the room has been active.
        self.card.take();
        self.succession.set_wall_clock(wall_clock);
    }

    /// Whether somebody is inside.
    pub fn is_active(&self) -> bool {
        self.attendance.is_active()
    }

    /// Whether the list shows the room: it is active or permanent.
    pub fn is_listed(&self) -> bool {
        self.is_active() || self.info.rules.permanent
    }

    /// How many people are inside.
    pub fn count_people(&self) -> usize {
        self.attendance.participants().count()
    }

    /// Whether `user` owns the room, permanent or not.
    pub fn is_owner(&self, user: &UserId) -> bool {
        self.succession.is_owner(user)
    }

    /// Whether the room is permanent and `user` owns it.
    pub fn is_owned_by(&self, user: &UserId) -> bool {
        self.info.rules.permanent && self.is_owner(user)
    }

    /// Whether the room has been empty for [`EXPIRE_AFTER_MS`]. A permanent room never expires.
    pub fn has_expired(&self, now_ms: u64) -> bool {
        !self.info.rules.permanent && self.attendance.has_expired(now_ms)
    }

    /// Whether `user` may come in, if the room takes at most `most` participants. The owner may always come in: a stand-in who
    /// fills the room must not keep the owner out.
    ///
    /// # Errors
    /// `RoomFull`.
    pub fn admits(&self, user: &UserId, most: u32) -> Result<(), Refusal> {
        match self.is_owner(user) {
            true => Ok(()),
            false => self.attendance.admits(user, most),
        }
    }

    pub fn role(&self, user: &UserId) -> Role {
        self.moderation.permissions().role(user)
    }

    /// The removal or ban of `user`, unless it is over.
    pub fn find_bar(&self, user: &UserId, now_ms: u64) -> Option<Barred> {
        self.moderation.find_bar(user, now_ms)
    }

    /// The removal or ban of `user`, unless it is over, with the host who decided it.
    pub fn find_active_bar(&self, user: &UserId, now_ms: u64) -> Option<ActiveBar> {
        let bar = self.moderation.find_active_bar(user, now_ms)?;
        let by = bar.by.as_ref().map(|by| self.current_person(by).clone());
        Some(ActiveBar { by, ..bar })
    }

    /// The host who has let `user` back in not long ago, after a removal or a ban.
    pub fn find_who_let_in(&self, user: &UserId, now_ms: u64) -> Option<Person> {
        let by = self.moderation.find_who_let_in(user, now_ms)?;
        Some(self.current_person(by).clone())
    }

    /// The current name and face of somebody whom the log or an invitation names. The log and the invitation
    /// have an old copy. The room knows the current one if the person is inside or is the owner.
    fn current_person<'a>(&'a self, noted: &'a Person) -> &'a Person {
        let inside = self.attendance.participant(&noted.id).map(|one| &one.person);
        let owner = Some(self.succession.owner()).filter(|owner| owner.id == noted.id);
        inside.or(owner).unwrap_or(noted)
    }

    /// Whether there are changes that are not stored yet.
    pub fn has_unsaved(&self) -> bool {
        self.moderation.has_unsaved() || self.succession.has_unsaved()
    }

    /// The changes since the last call, to be stored.
    pub fn take_unsaved(&mut self) -> Vec<Persist> {
        let owner_left = self.succession.take_unsaved();
        let owner_left = owner_left.map(|at_s| Persist::OwnerLeft { at_s });
        self.moderation.take_unsaved().into_iter().chain(owner_left).collect()
    }

    /// Adds the socket of somebody who watches the room. Returns the welcome to send them.
    pub fn watch(&mut self, connection: ConnectionId, visitor: &RoomVisitor, now_ms: u64) -> Effect {
        let user = visitor.person.id.clone();
        self.attendance.watch(connection, user.clone());
        let welcome = ServerSignal::Welcome {
            you: user,
            room: Box::new(self.page()),
            speaking: self.list_speaking(),
            now_s: self.hand_clock.unix_s(now_ms),
            ice_servers: visitor.ice_servers.clone(),
        };
        Effect::tell(connection, welcome)
    }

    /// Adds a person to the room, or another connection to a person who is inside. The new connection is always muted,
    /// even when a page joins again by itself after a lost connection: nobody must be heard without knowing it.
    pub fn join(&mut self, connection: ConnectionId, visitor: &RoomVisitor, now_ms: u64) -> Vec<Effect> {
        let user = &visitor.person.id;
        let before = self.find_participant_info(user);
        let mut effects = match self.attendance.reconnect(connection, user) {
            Some(voice) => {
                let hushed = self.microphones.plug(connection, user, voice, now_ms);
                let mut effects = self.tell_if_changed(user, before);
                effects.extend(self.tell_speaking_if(hushed));
                effects
            }
            None => self.enter(connection, visitor, now_ms),
        };
        effects.extend(self.tell_own(connection, user));
        effects
    }

    /// Whether the microphone of `user` is open on another connection than this one.
    pub fn is_open_elsewhere(&self, connection: ConnectionId, user: &UserId) -> bool {
        let open = self.microphones.open_connection(user);
        open.is_some_and(|open| open != connection)
    }

    fn enter(&mut self, connection: ConnectionId, visitor: &RoomVisitor, now_ms: u64) -> Vec<Effect> {
        let user = &visitor.person.id;
        let voice = self.attendance.enter(connection, visitor, now_ms);
        self.moderation.enter(user, visitor.known_since_s, now_ms);
        self.microphones.plug(connection, user, voice, now_ms);
        self.track_host_absence(now_ms);
        let joined = self.find_participant_info(user).map(ServerSignal::joined_by);
        let mut effects = joined.map(|joined| self.tell_list(joined)).unwrap_or_default();
        effects.extend(self.restore_owner_as_host(user, now_ms));
        effects
    }

    /// Removes a connection. If it was the person's last one, a goodbye removes the person at once; otherwise they stay
    /// on the roster until [`GONE_AFTER_MS`], so that a page that reconnects finds them still inside.
    pub fn remove_connection(
        &mut self,
        connection: ConnectionId,
        user: &UserId,
        goodbye: bool,
        now_ms: u64,
    ) -> Vec<Effect> {
        let before = self.find_participant_info(user);
        let is_lost = self.attendance.remove_connection(connection, user, now_ms);
        let hushed = self.microphones.unplug(connection, user);
        let mut effects = match is_lost && goodbye {
            true => self.remove(user, now_ms),
            false => self.tell_if_changed(user, before),
        };
        effects.extend(self.track_emptiness(now_ms));
        effects.extend(self.tell_speaking_if(hushed));
        effects
    }

    /// Does what is due by now: marks people away, removes lost people, ends pauses in speech, replaces a host who is
    /// away, notes that the owner has been away for long, and ends mutes of new accounts and removals whose time is over.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Effect> {
        let mut effects = vec![];
        for (user, absence) in self.attendance.list_absences(now_ms) {
            effects.extend(match absence {
                Absence::Gone { since_ms } => self.remove(&user, since_ms),
                Absence::Away => self.mark_away(&user),
            });
        }
        let hushed = self.microphones.tick(now_ms);
        effects.extend(self.tell_speaking_if(hushed));
        effects.extend(self.tell_arrivals(now_ms));
        effects.extend(self.replace_host_if_away(now_ms));
        effects.extend(self.track_long_absence(now_ms));
        effects.extend(self.tick_permissions(now_ms));
        effects.extend(self.track_emptiness(now_ms));
        effects
    }

    /// Updates a person's name and face, on the roster and as host or owner.
    pub fn rename(&mut self, person: &Person) -> Vec<Effect> {
        self.succession.rename(person);
        let is_host = self.info.host.id == person.id;
        if is_host {
            self.info.host = person.clone();
        }
        let is_owner = self.succession.is_owner(&person.id);
        let is_named = is_host || is_owner;
        if let Some(owner) = self.info.absent_owner.as_mut().filter(|_| is_owner) {
            owner.name = person.name.clone();
        }
        if is_named {
            self.card.take();
        }
        if !self.attendance.rename(person) {
            return is_named.then_some(Effect::RoomsChanged).into_iter().collect();
        }
        let changed = self.find_participant_info(&person.id).map(ServerSignal::changed_at);
        changed.map(|changed| self.tell_list(changed)).unwrap_or_default()
    }

    fn mark_away(&mut self, user: &UserId) -> Vec<Effect> {
        let before = self.find_participant_info(user);
        self.attendance.mark_away(user);
        self.tell_if_changed(user, before)
    }

    fn remove(&mut self, user: &UserId, gone_ms: u64) -> Vec<Effect> {
        self.attendance.remove(user, gone_ms);
        self.microphones.leave(user);
        self.stage.clear(user);
        self.moderation.leave(user);
        self.track_host_absence(gone_ms);
        self.tell_list(ServerSignal::left_by(user.clone()))
    }

    fn track_emptiness(&mut self, now_ms: u64) -> Vec<Effect> {
        self.attendance.track_emptiness(now_ms);
        match self.is_active() {
            true => vec![],
            false => self.become_idle(),
        }
    }

    fn persist(&self, what: Persist) -> Effect {
        Effect::Persist {
            room: self.info.id.clone(),
            what,
        }
    }
}
