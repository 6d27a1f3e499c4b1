//! Roles, mutes and bans in one room. A change can be undone only while the host and the people it concerns are as the
//! change left them.

use super::wall_clock::WallClock;
use crate::model::{
    id::UserId,
    moderation_log::Barred,
    room::Person,
    stage::{Mode, REMOVED_MINUTES, Role},
};
use std::collections::{BTreeMap, BTreeSet};

/// A person's role as stored. The host is stored separately. In the mode `Everyone` a listener counts as a speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Rank {
    #[default]
    Listener,
    Speaker,
    CoHost,
}

/// What a room remembers of a person, whether they are inside or not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModerationRecord {
    pub rank: Rank,
    /// A host has muted them for everyone.
    pub muted_by_host: bool,
    /// A host lets them talk although their account is new.
    pub vouched: bool,
    /// A removal or a ban.
    pub bar: Option<Barred>,
}

/// A removal or a ban that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveBar {
    pub barred: Barred,
    /// The host who decided it; `None` if the room's log no longer has the entry about it.
    pub by: Option<Person>,
}

/// A person's record before a change and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RoleChange {
    user: UserId,
    before: ModerationRecord,
    after: ModerationRecord,
}

/// A change of roles or bans. It can be undone if the host and the people it concerns are still as the change left
/// them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    host_before: UserId,
    host_after: UserId,
    role_changes: Vec<RoleChange>,
}

impl Change {
    /// Whether somebody with the role `by` may undo this. Only the host may undo a change of the host or of a co-host.
    pub fn is_for(&self, by: Role) -> bool {
        let is_below = |role_change: &RoleChange| role_change.before.rank.max(role_change.after.rank) < Rank::CoHost;
        by == Role::Host
            || (by.hosts() && self.host_before == self.host_after && self.role_changes.iter().all(is_below))
    }
}

#[derive(Debug, Clone)]
pub struct Roles {
    mode: Mode,
    host: UserId,
    /// Only the records that differ from the default.
    records: BTreeMap<UserId, ModerationRecord>,
    /// When each removal ends, in milliseconds of the registry's clock. The unix time in the record is computed from this
    /// end, because the wall clock can jump while the removal lasts.
    ends_ms: BTreeMap<UserId, u64>,
    /// The people whose record has changed since it was last stored.
    touched: BTreeSet<UserId>,
}

impl Roles {
    pub fn new(mode: Mode, host: UserId, records: impl IntoIterator<Item = (UserId, ModerationRecord)>) -> Self {
        Self {
            mode,
            host,
            records: records.into_iter().collect(),
            ends_ms: BTreeMap::new(),
            touched: BTreeSet::new(),
        }
    }

    pub fn host(&self) -> &UserId {
        &self.host
    }

    pub fn mode(&self) -> Mode {
        self.mode
    }

    pub fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    pub fn role(&self, user: &UserId) -> Role {
        if *user == self.host {
            return Role::Host;
        }
        match (self.record(user).rank, self.mode) {
            (Rank::CoHost, _) => Role::CoHost,
            (Rank::Speaker, _) | (Rank::Listener, Mode::Everyone) => Role::Speaker,
            (Rank::Listener, Mode::Stage) => Role::Listener,
        }
    }

    pub fn record(&self, user: &UserId) -> ModerationRecord {
        self.records.get(user).cloned().unwrap_or_default()
    }

    /// Changes the record of one person.
    pub fn change(&mut self, user: &UserId, action: impl FnOnce(&mut ModerationRecord)) -> Change {
        let before = self.record(user);
        let mut after = before.clone();
        action(&mut after);
        self.set(user, after.clone());
        Change {
            host_before: self.host.clone(),
            host_after: self.host.clone(),
            role_changes: vec![RoleChange {
                user: user.clone(),
                before,
                after,
            }],
        }
    }

    /// Makes somebody host. The previous host becomes a co-host.
    pub fn hand_over(&mut self, to: &UserId) -> Change {
        let from = std::mem::replace(&mut self.host, to.clone());
        let raised = self.change(to, |record| *record = ModerationRecord::default());
        let stayed = self.change(&from, |record| record.rank = Rank::CoHost);
        Change {
            host_before: from,
            host_after: to.clone(),
            role_changes: raised.role_changes.into_iter().chain(stayed.role_changes).collect(),
        }
    }

    /// Sets the host and leaves all ranks as they are. This can't be undone.
    pub fn set_host(&mut self, host: UserId) {
        self.host = host;
    }

    /// Whether the host and everybody the change concerns are still as the change left them. If not, an undo could not
    /// restore the exact state before.
    pub fn can_undo(&self, change: &Change) -> bool {
        let is_as_left = |role_change: &RoleChange| self.record(&role_change.user) == role_change.after;
        self.host == change.host_after && change.role_changes.iter().all(is_as_left)
    }

    /// Restores the state before the change. Call it only if [`Roles::can_undo`] is true.
    pub fn undo(&mut self, change: &Change) {
        self.host = change.host_before.clone();
        for role_change in &change.role_changes {
            self.set(&role_change.user, role_change.before.clone());
        }
    }

    /// Sets when the removal of `user` ends.
    pub fn set_end(&mut self, user: UserId, ends_ms: u64) {
        self.ends_ms.insert(user, ends_ms);
    }

    /// Sets the ends of the removals that were stored before a restart.
    pub fn resume_removals(&mut self, wall_clock: WallClock, now_ms: u64) {
        let now_s = wall_clock.unix_s(now_ms);
        let most_s = i64::from(REMOVED_MINUTES) * 60;
        let end = |until_s: i64| now_ms + until_s.saturating_sub(now_s).clamp(0, most_s) as u64 * 1_000;
        self.ends_ms = self.removals().map(|(user, until_s)| (user, end(until_s))).collect();
    }

    /// Has every removal stored again.
    pub fn touch_removals(&mut self) {
        let removed: Vec<UserId> = self.removals().map(|(user, _)| user).collect();
        self.touched.extend(removed);
    }

    /// The removal or ban of `user`, unless it is over.
    pub fn bar(&self, user: &UserId, wall_clock: WallClock, now_ms: u64) -> Option<Barred> {
        let bar = self.dated(user, wall_clock).bar?;
        let is_over = bar.until_s.is_some() && self.is_over(user, now_ms);
        (!is_over).then_some(bar)
    }

    pub fn list_barred(&self, wall_clock: WallClock) -> Vec<Barred> {
        let users = self.records.keys();
        users.filter_map(|user| self.dated(user, wall_clock).bar).collect()
    }

    pub fn list_barred_ids(&self) -> Vec<UserId> {
        let barred = self.records.iter().filter(|(_, record)| record.bar.is_some());
        barred.map(|(user, _)| user.clone()).collect()
    }

    /// Whether somebody's removal is over.
    pub fn has_expired(&self, now_ms: u64) -> bool {
        self.removals().any(|(user, _)| self.is_over(&user, now_ms))
    }

    /// Lifts the removals that are over.
    pub fn lift_expired(&mut self, now_ms: u64) {
        let removed = self.removals().map(|(user, _)| user);
        let over: Vec<UserId> = removed.filter(|user| self.is_over(user, now_ms)).collect();
        for user in &over {
            self.change(user, |record| record.bar = None);
        }
    }

    pub fn has_touched(&self) -> bool {
        !self.touched.is_empty()
    }

    /// The records that have changed since the last call, to be stored.
    pub fn take_touched(&mut self, wall_clock: WallClock) -> Vec<(UserId, ModerationRecord)> {
        let touched = std::mem::take(&mut self.touched);
        touched
            .into_iter()
            .map(|user| (user.clone(), self.dated(&user, wall_clock)))
            .collect()
    }

    fn set(&mut self, user: &UserId, record: ModerationRecord) {
        if self.record(user) == record {
            return;
        }
        self.touched.insert(user.clone());
        if record.bar.as_ref().is_none_or(|bar| bar.until_s.is_none()) {
            self.ends_ms.remove(user);
        }
        match record == ModerationRecord::default() {
            true => self.records.remove(user),
            false => self.records.insert(user.clone(), record),
        };
    }

    /// The people who are removed, each with the stored end in unix seconds.
    fn removals(&self) -> impl Iterator<Item = (UserId, i64)> {
        let until_s = |record: &ModerationRecord| record.bar.as_ref()?.until_s;
        let removal = move |(user, record): (&UserId, &ModerationRecord)| Some((user.clone(), until_s(record)?));
        self.records.iter().filter_map(removal)
    }

    /// Whether the removal of `user` is over. A removal without a time in `ends_ms` is over too: it had ended before
    /// another change replaced it, and an undo restored it.
    fn is_over(&self, user: &UserId, now_ms: u64) -> bool {
        self.ends_ms.get(user).is_none_or(|ends_ms| now_ms >= *ends_ms)
    }

    /// The record of `user`, with the end of a removal as this wall clock shows it.
    fn dated(&self, user: &UserId, wall_clock: WallClock) -> ModerationRecord {
        let mut record = self.record(user);
        if let (Some(bar), Some(ends_ms)) = (&mut record.bar, self.ends_ms.get(user)) {
            bar.until_s = Some(wall_clock.unix_s(*ends_ms));
        }
        record
    }
}
