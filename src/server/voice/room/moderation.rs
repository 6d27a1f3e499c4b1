//! What hosts do: each action changes somebody's permissions and is written into the log.

mod hosting;

use super::permissions::Permissions;
use crate::{
    model::{
        host_kind::HostKind,
        id::UserId,
        moderation_log::{Barred, Deed, ModerationPanel},
        room::{Person, RoomInfo},
        signal::Refusal,
        stage::{MicLock, Mode, REMOVED_MINUTES, Role},
    },
    server::voice::{
        command::{Persist, Restored},
        moderation_journal::Journal,
        roles::{ActiveBar, Change, Rank},
        wall_clock::WallClock,
    },
};

/// How many entries of the log hosts see. The older ones are only stored.
const PANEL_LOG_ENTRIES: usize = 50;

/// The person who asks for something, their role, and when they ask.
pub struct Asking {
    pub by: Person,
    pub role: Role,
    /// How the host came to host. It matters only if the person who asks is the host.
    pub kind: HostKind,
    pub now_ms: u64,
}

impl Asking {
    /// Whether the person who asks hosts in place of the owner.
    pub fn stands_in(&self) -> bool {
        self.role == Role::Host && self.kind != HostKind::Owner
    }
}

/// Everybody's permissions, and the log of what changed them.
#[derive(Debug)]
pub struct Moderation {
    wall_clock: WallClock,
    permissions: Permissions,
    journal: Journal,
}

impl Moderation {
    pub fn new(info: &RoomInfo, restored: Restored, wall_clock: WallClock, now_ms: u64) -> Self {
        let mut permissions = Permissions::new(info.rules, info.host.id.clone(), restored.records);
        permissions.resume_removals(wall_clock, now_ms);
        Self {
            wall_clock,
            permissions,
            journal: Journal::resume(restored.log),
        }
    }

    /// Uses this new reading of the wall clock from now on, because the clock has jumped. The ends of removals are stored
    /// again: their unix times have changed, although the removals still last as long as before.
    pub fn set_wall_clock(&mut self, wall_clock: WallClock) {
        self.wall_clock = wall_clock;
        self.permissions.store_removals_again();
    }

    pub fn wall_clock(&self) -> WallClock {
        self.wall_clock
    }

    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// Somebody came in. Their account was activated at `known_since_s`, in unix seconds.
    pub fn enter(&mut self, user: &UserId, known_since_s: i64, now_ms: u64) {
        self.permissions.enter(user, known_since_s, self.now_s(now_ms), now_ms);
    }

    pub fn leave(&mut self, user: &UserId) {
        self.permissions.leave(user);
    }

    /// The removal or ban of `user`, unless it is over.
    pub fn find_bar(&self, user: &UserId, now_ms: u64) -> Option<Barred> {
        self.permissions.find_bar(user, self.wall_clock, now_ms)
    }

    /// The removal or ban of `user`, unless it is over, with the host who decided it.
    pub fn find_active_bar(&self, user: &UserId, now_ms: u64) -> Option<ActiveBar> {
        let barred = self.find_bar(user, now_ms)?;
        let by = self.journal.find_who_barred(user).cloned();
        Some(ActiveBar { barred, by })
    }

    /// The host who has let `user` back in within the last minutes, as many as a removal lasts.
    pub fn find_who_let_in(&self, user: &UserId, now_ms: u64) -> Option<&Person> {
        let entry = self.journal.find_return(user)?;
        let is_recent = self.now_s(now_ms) - entry.at_s < i64::from(REMOVED_MINUTES) * 60;
        entry.by.as_ref().filter(|by| is_recent && !by.is_deleted())
    }

    /// Why `user`, who is inside, must not talk; `None` if they may.
    pub fn find_mute_reason(&self, user: &UserId, now_ms: u64) -> Option<Refusal> {
        self.permissions.find_mute_reason(user, now_ms)
    }

    /// The host who has muted `user` for everyone. `None` if nobody has, or if the entry of the log is gone.
    pub fn find_muter(&self, user: &UserId) -> Option<&Person> {
        let is_muted = self.permissions.mic_lock(user) == Some(MicLock::ByHost);
        is_muted.then(|| self.journal.find_muter(user)).flatten()
    }

    /// Somebody accepts an invitation to the stage.
    pub fn accept_invitation(&mut self, asking: &Asking, inviter: Person) {
        let change = self.permissions.set_rank(&asking.by.id, Rank::Speaker);
        let deed = Deed::Role {
            from: asking.role,
            to: Role::Speaker,
        };
        let (now_s, about) = (self.now_s(asking.now_ms), asking.by.clone());
        self.journal.add(now_s, Some(inviter), Some(about), deed, Some(change));
    }

    /// A speaker goes back to the audience.
    ///
    /// # Errors
    /// `NotPossible` if there is no stage, or if they are not a speaker.
    pub fn step_down(&mut self, asking: &Asking) -> Result<(), Refusal> {
        if asking.role != Role::Speaker || self.permissions.mode() != Mode::Stage {
            return Err(Refusal::NotPossible);
        }
        self.permissions.set_rank(&asking.by.id, Rank::Listener);
        let deed = Deed::Role {
            from: Role::Speaker,
            to: Role::Listener,
        };
        self.note(asking, Some(asking.by.clone()), deed);
        Ok(())
    }

    pub fn set_rank(&mut self, asking: &Asking, about: Person, rank: Rank, to: Role) {
        let from = self.permissions.role(&about.id);
        let change = self.permissions.set_rank(&about.id, rank);
        self.note_undoable(asking, about, Deed::Role { from, to }, change);
    }

    /// Mutes somebody for everyone.
    ///
    /// # Errors
    /// `NotPossible` if they are muted already.
    pub fn mute(&mut self, asking: &Asking, about: Person) -> Result<(), Refusal> {
        self.permissions
            .mute(&about.id)
            .then(|| self.note(asking, Some(about), Deed::Muted))
            .ok_or(Refusal::NotPossible)
    }

    /// Lifts what keeps somebody from talking: a mute, or the limit for new accounts.
    ///
    /// # Errors
    /// `NotPossible` if nothing keeps them from talking.
    pub fn let_unmute(&mut self, asking: &Asking, about: Person) -> Result<(), Refusal> {
        self.permissions
            .let_unmute(&about.id)
            .then(|| self.note(asking, Some(about), Deed::LetUnmute))
            .ok_or(Refusal::NotPossible)
    }

    /// Removes somebody from the room for [`REMOVED_MINUTES`].
    pub fn remove(&mut self, asking: &Asking, person: Person) {
        let ends_ms = asking.now_ms + u64::from(REMOVED_MINUTES) * 60_000;
        let until_s = Some(self.wall_clock.unix_s(ends_ms));
        let (about, guest) = (person.clone(), person.guest);
        let change = self.permissions.remove(Barred { person, until_s, guest }, ends_ms);
        self.note_undoable(asking, about, Deed::Removed, change);
    }

    /// Bans somebody until a host lifts the ban. A ban applies to an account, so a banned guest can come back with a
    /// new guest account while their link works.
    pub fn ban(&mut self, asking: &Asking, person: Person) {
        let until_s = None;
        let (about, guest) = (person.clone(), person.guest);
        let change = self.permissions.bar(Barred { person, until_s, guest });
        self.note_undoable(asking, about, Deed::Banned, change);
    }

    /// Lifts somebody's removal or ban.
    ///
    /// # Errors
    /// `NotPossible` if they are neither removed nor banned; `StandIn` if they are banned and a stand-in asks.
    pub fn lift(&mut self, asking: &Asking, about: &UserId) -> Result<(), Refusal> {
        let by_stand_in = asking.role == Role::Host && asking.kind == HostKind::StandIn;
        if by_stand_in && self.permissions.is_banned(about) {
            return Err(Refusal::StandIn);
        }
        let person = self.permissions.lift(about).ok_or(Refusal::NotPossible)?;
        self.note(asking, Some(person), Deed::Lifted);
        Ok(())
    }

    /// Undoes entry `number` of the log. Returns the person whom this makes host again, if there is one.
    ///
    /// # Errors
    /// `NotPossible` if the entry can't be undone, or if the permissions of the people it concerns have changed since;
    /// `NotYours` if the role of the person who asks does not allow it; `StandIn` if only the owner can undo it.
    pub fn undo(&mut self, asking: &Asking, number: u32) -> Result<Option<Person>, Refusal> {
        let (entry, change) = self.journal.find_undoable(number).ok_or(Refusal::NotPossible)?;
        // A host who is not the owner undoes what a co-host may undo. So ownership and co-hosts are up to the owner.
        if asking.stands_in() && !change.is_for(Role::CoHost) {
            return Err(Refusal::StandIn);
        }
        if !change.is_for(asking.role) {
            return Err(Refusal::NotYours);
        }
        if !self.permissions.can_undo(&change) {
            return Err(Refusal::NotPossible);
        }
        let host = self.permissions.host().clone();
        self.permissions.undo(&change);
        self.journal.mark_undone(number);
        self.note(asking, entry.about, Deed::Undid { number });
        let host_now = self.permissions.host();
        Ok(entry.by.filter(|by| *host_now != host && *host_now == by.id))
    }

    /// Switches the mode; see [`Permissions::set_mode`].
    pub fn set_mode<'a>(&mut self, asking: &Asking, mode: Mode, inside: impl Iterator<Item = (&'a UserId, bool)>) {
        self.permissions.set_mode(mode, inside);
        self.note(asking, None, Deed::Mode { mode });
    }

    /// Mutes accounts that are younger than `minutes`.
    pub fn mute_new_accounts(&mut self, asking: &Asking, minutes: u32) {
        self.permissions.set_new_account_minutes(minutes, asking.now_ms);
        self.note(asking, None, Deed::NewAccountsMuted { minutes });
    }

    /// Writes into the log that the room was made permanent or temporary.
    pub fn note_permanent(&mut self, asking: &Asking, on: bool) {
        self.note(asking, None, Deed::Permanent { on });
    }

    /// Whether an account that was too new is old enough now.
    pub fn has_grown_accounts(&self, now_ms: u64) -> bool {
        self.permissions.has_grown_accounts(now_ms)
    }

    /// Unlocks the accounts that are old enough now.
    pub fn release_grown_accounts(&mut self, now_ms: u64) {
        self.permissions.release_grown_accounts(now_ms);
    }

    /// Whether somebody's removal is over.
    pub fn has_expired_bars(&self, now_ms: u64) -> bool {
        self.permissions.has_expired_bars(now_ms)
    }

    /// Lifts the removals that are over.
    pub fn lift_expired_bars(&mut self, now_ms: u64) {
        self.permissions.lift_expired_bars(now_ms);
    }

    /// What hosts see: the newest entries of the log, and everybody who is removed or banned.
    pub fn panel(&self) -> ModerationPanel {
        let mut log = self.journal.list(|change| self.permissions.can_undo(change));
        log.truncate(PANEL_LOG_ENTRIES);
        ModerationPanel {
            log,
            barred: self.permissions.list_barred(self.wall_clock),
        }
    }

    /// Whether the log has entries that are not stored yet.
    pub fn has_new_entries(&self) -> bool {
        self.journal.has_fresh()
    }

    /// Whether there are changes that are not stored yet.
    pub fn has_unsaved(&self) -> bool {
        self.permissions.has_touched_records() || self.journal.has_fresh()
    }

    /// The changes since the last call, to be stored.
    pub fn take_unsaved(&mut self) -> Vec<Persist> {
        let records = self.permissions.take_touched_records(self.wall_clock).into_iter();
        let records = records.map(|(user, record)| Persist::Record { user, record });
        records
            .chain(self.journal.take_fresh().into_iter().map(Persist::LogEntry))
            .collect()
    }

    fn note(&mut self, asking: &Asking, about: Option<Person>, deed: Deed) {
        let now_s = self.now_s(asking.now_ms);
        self.journal.add(now_s, Some(asking.by.clone()), about, deed, None);
    }

    fn note_undoable(&mut self, asking: &Asking, about: Person, deed: Deed, change: Change) {
        let now_s = self.now_s(asking.now_ms);
        self.journal
            .add(now_s, Some(asking.by.clone()), Some(about), deed, Some(change));
    }

    fn now_s(&self, now_ms: u64) -> i64 {
        self.wall_clock.unix_s(now_ms)
    }
}
