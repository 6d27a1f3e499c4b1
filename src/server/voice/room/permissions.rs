//! Permissions in a room: roles, what keeps a person from talking, and what keeps a person out.

use super::new_accounts::NewAccounts;
use crate::{
    model::{
        id::UserId,
        moderation_log::Barred,
        room::{Person, Rules},
        signal::Refusal,
        stage::{MicLock, Mode, Role},
    },
    server::voice::{
        roles::{Change, ModerationRecord, Rank, Roles},
        wall_clock::WallClock,
    },
};

/// What everybody may do. This type writes no log; [`Moderation`](super::moderation::Moderation) does that.
#[derive(Debug)]
pub struct Permissions {
    roles: Roles,
    new_accounts: NewAccounts,
}

impl Permissions {
    pub fn new(rules: Rules, host: UserId, records: Vec<(UserId, ModerationRecord)>) -> Self {
        Self {
            roles: Roles::new(rules.mode, host, records),
            new_accounts: NewAccounts::new(rules.new_account_minutes),
        }
    }

    /// Takes over the removals that were stored before a restart. Each lasts until its stored end, and never longer than a
    /// removal that begins now: the wall clock may have jumped while the server was down.
    pub fn resume_removals(&mut self, wall_clock: WallClock, now_ms: u64) {
        self.roles.resume_removals(wall_clock, now_ms);
    }

    /// Has every removal stored again, because the unix times of their ends have changed.
    pub fn store_removals_again(&mut self) {
        self.roles.touch_removals();
    }

    /// Somebody came in at `now_s`, in unix seconds, which is `now_ms` on the registry's clock. Their account was activated
    /// at `known_since_s`, in unix seconds.
    pub fn enter(&mut self, user: &UserId, known_since_s: i64, now_s: i64, now_ms: u64) {
        self.new_accounts.enter(user, now_s - known_since_s, now_ms);
    }

    /// Somebody left the room. A speaker loses their place on the stage. A co-host stays a co-host, and mutes and bans
    /// stay in effect.
    pub fn leave(&mut self, user: &UserId) {
        self.new_accounts.leave(user);
        if self.rank(user) == Rank::Speaker {
            self.set_rank(user, Rank::Listener);
        }
    }

    pub fn host(&self) -> &UserId {
        self.roles.host()
    }

    pub fn role(&self, user: &UserId) -> Role {
        self.roles.role(user)
    }

    pub fn rank(&self, user: &UserId) -> Rank {
        self.roles.record(user).rank
    }

    pub fn mode(&self) -> Mode {
        self.roles.mode()
    }

    /// What keeps `user` from talking even if their role allows it. The host's microphone is never locked. A co-host's
    /// microphone is locked only by a mute.
    pub fn mic_lock(&self, user: &UserId) -> Option<MicLock> {
        let record = self.roles.record(user);
        match self.role(user) {
            Role::Host => None,
            _ if record.muted_by_host => Some(MicLock::ByHost),
            Role::CoHost => None,
            _ => (self.new_accounts.contains(user) && !record.vouched).then_some(MicLock::NewAccount),
        }
    }

    pub fn may_talk(&self, user: &UserId) -> bool {
        self.role(user).talks() && self.mic_lock(user).is_none()
    }

    /// Why `user`, who is inside, must not talk; `None` if they may.
    pub fn find_mute_reason(&self, user: &UserId, now_ms: u64) -> Option<Refusal> {
        match (self.role(user).talks(), self.mic_lock(user)) {
            (_, Some(MicLock::ByHost)) => Some(Refusal::MutedByHost),
            (false, _) => Some(Refusal::Listening),
            (true, Some(MicLock::NewAccount)) => Some(Refusal::NewAccount {
                for_s: self.new_accounts.seconds_left(user, now_ms).max(1),
            }),
            (true, None) => None,
        }
    }

    /// The removal or ban of `user`, unless it is over.
    pub fn find_bar(&self, user: &UserId, wall_clock: WallClock, now_ms: u64) -> Option<Barred> {
        self.roles.bar(user, wall_clock, now_ms)
    }

    /// Whether `user` is removed or banned. True until the removal is lifted, even if its time is over.
    pub fn is_barred(&self, user: &UserId) -> bool {
        self.roles.record(user).bar.is_some()
    }

    /// Whether `user` is banned until a host lifts the ban.
    pub fn is_banned(&self, user: &UserId) -> bool {
        let bar = self.roles.record(user).bar;
        bar.is_some_and(|bar| bar.until_s.is_none())
    }

    pub fn list_barred(&self, wall_clock: WallClock) -> Vec<Barred> {
        self.roles.list_barred(wall_clock)
    }

    pub fn list_barred_ids(&self) -> Vec<UserId> {
        self.roles.list_barred_ids()
    }

    pub fn set_rank(&mut self, user: &UserId, rank: Rank) -> Change {
        self.roles.change(user, |record| record.rank = rank)
    }

    /// Makes somebody host. The previous host becomes a co-host.
    pub fn hand_over(&mut self, to: &UserId) -> Change {
        self.roles.hand_over(to)
    }

    /// Sets the host, and leaves everybody's rank as it is. So when somebody else hosts again, this host has the role from
    /// before, and a mute from before is in effect again.
    pub fn set_host(&mut self, host: UserId) {
        self.roles.set_host(host);
    }

    /// Switches the mode. `inside` are the people in the room, each with whether their microphone is open. A switch to
    /// `Stage` keeps people with an open microphone on the stage, so that nobody is cut off in the middle of a
    /// sentence. A switch to `Everyone` makes all but co-hosts listeners, who may talk in that mode.
    pub fn set_mode<'a>(&mut self, mode: Mode, inside: impl Iterator<Item = (&'a UserId, bool)>) {
        for (user, talks) in inside {
            let rank = if mode == Mode::Stage && talks {
                Rank::Speaker
            } else {
                Rank::Listener
            };
            if self.rank(user) < Rank::CoHost {
                self.set_rank(user, rank);
            }
        }
        self.roles.set_mode(mode);
    }

    /// From now on, accounts younger than `minutes` must not talk.
    pub fn set_new_account_minutes(&mut self, minutes: u32, now_ms: u64) {
        self.new_accounts.set_minutes(minutes, now_ms);
    }

    /// Mutes somebody for everyone; false if they are muted already.
    pub fn mute(&mut self, user: &UserId) -> bool {
        let is_new = !self.roles.record(user).muted_by_host;
        self.roles.change(user, |record| record.muted_by_host = true);
        is_new
    }

    /// Lifts what keeps somebody from talking; false if nothing does.
    pub fn let_unmute(&mut self, user: &UserId) -> bool {
        let Some(lock) = self.mic_lock(user) else { return false };
        self.roles.change(user, |record| match lock {
            MicLock::ByHost => record.muted_by_host = false,
            MicLock::NewAccount => record.vouched = true,
        });
        true
    }

    /// Removes somebody until `ends_ms`, and takes their rank away.
    pub fn remove(&mut self, bar: Barred, ends_ms: u64) -> Change {
        let user = bar.person.id.clone();
        let change = self.bar(bar);
        self.roles.set_end(user, ends_ms);
        change
    }

    /// Bans somebody, and takes their rank away.
    pub fn bar(&mut self, bar: Barred) -> Change {
        let user = bar.person.id.clone();
        self.roles.change(&user, |record| {
            record.rank = Rank::Listener;
            record.bar = Some(bar);
        })
    }

    /// Lifts a removal or ban; returns the person, or `None` if they were neither removed nor banned.
    pub fn lift(&mut self, user: &UserId) -> Option<Person> {
        let bar = self.roles.record(user).bar?;
        self.roles.change(user, |record| record.bar = None);
        Some(bar.person)
    }

    /// Forgets everything that was decided about `user`: their rank, and mutes and bans.
    pub fn forget(&mut self, user: &UserId) {
        self.roles.change(user, |record| *record = ModerationRecord::default());
    }

    /// Whether the change can be undone: the host and the people it concerns are still as the change left them.
    pub fn can_undo(&self, change: &Change) -> bool {
        self.roles.can_undo(change)
    }

    /// Restores the state before the change. Call it only if [`Permissions::can_undo`] is true.
    pub fn undo(&mut self, change: &Change) {
        self.roles.undo(change);
    }

    /// Whether an account that was too new is old enough now.
    pub fn has_grown_accounts(&self, now_ms: u64) -> bool {
        self.new_accounts.has_grown(now_ms)
    }

    /// Unlocks the accounts that are old enough now.
    pub fn release_grown_accounts(&mut self, now_ms: u64) {
        self.new_accounts.release_grown(now_ms);
    }

    /// Whether somebody's removal is over.
    pub fn has_expired_bars(&self, now_ms: u64) -> bool {
        self.roles.has_expired(now_ms)
    }

    /// Lifts the removals that are over.
    pub fn lift_expired_bars(&mut self, now_ms: u64) {
        self.roles.lift_expired(now_ms);
    }

    /// Whether records have changed since they were last taken.
    pub fn has_touched_records(&self) -> bool {
        self.roles.has_touched()
    }

    /// The records that have changed since the last call, to be stored.
    pub fn take_touched_records(&mut self, wall_clock: WallClock) -> Vec<(UserId, ModerationRecord)> {
        self.roles.take_touched(wall_clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(&format!("user-{name:a<10}")).expect("an id")
    }

    #[test]
    fn a_host_is_never_locked_and_a_co_host_only_by_a_host() {
        let (host, ben) = (user("Ada"), user("Ben"));
        let rules = Rules {
            new_account_minutes: 5,
            ..Rules::default()
        };
        let mut permissions = Permissions::new(rules, host.clone(), vec![]);
        for one in [&host, &ben] {
            permissions.enter(one, 1_000, 1_000, 0);
        }
        assert_eq!(permissions.mic_lock(&host), None);
        assert_eq!(permissions.mic_lock(&ben), Some(MicLock::NewAccount));
        assert!(permissions.mute(&ben) && !permissions.mute(&ben));
        assert_eq!(permissions.mic_lock(&ben), Some(MicLock::ByHost));
        permissions.set_rank(&ben, Rank::CoHost);
        assert_eq!(permissions.mic_lock(&ben), Some(MicLock::ByHost));
        assert!(permissions.let_unmute(&ben) && !permissions.let_unmute(&ben));
        permissions.set_rank(&ben, Rank::Listener);
        assert!(!permissions.may_talk(&ben), "the account is still too new");
        assert!(permissions.let_unmute(&ben) && permissions.may_talk(&ben));
    }
}
