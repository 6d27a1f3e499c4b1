//! Accounts that are too new to talk: a room can ask for a minimum age. Times are milliseconds of the registry's clock, so
//! that a jump of the wall clock neither ends a wait early nor makes it longer.

use crate::model::id::UserId;
use std::collections::BTreeMap;

/// The ages of the accounts inside a room, and the minimum age that the room asks for.
#[derive(Debug)]
pub struct NewAccounts {
    /// The minimum age in minutes; 0 allows every account.
    minutes: u32,
    inside: BTreeMap<UserId, AccountAge>,
}

#[derive(Debug)]
struct AccountAge {
    /// When the account was activated. Negative if that was before the registry's clock read 0.
    known_since_ms: i64,
    /// Whether the account counts as too new. Stays true until [`NewAccounts::release_grown`], so that the room can
    /// announce the change.
    is_new: bool,
}

impl NewAccounts {
    pub fn new(minutes: u32) -> Self {
        Self {
            minutes,
            inside: BTreeMap::new(),
        }
    }

    /// Somebody came in whose account is `age_s` seconds old. The age comes from the wall clock, so it is negative if that
    /// clock went back after the account was activated. Such an account counts as activated now.
    pub fn enter(&mut self, user: &UserId, age_s: i64, now_ms: u64) {
        let known_since_ms = signed(now_ms).saturating_sub(age_s.max(0).saturating_mul(1_000));
        let is_new = ms_left(self.minutes, known_since_ms, now_ms) > 0;
        self.inside.insert(user.clone(), AccountAge { known_since_ms, is_new });
    }

    pub fn leave(&mut self, user: &UserId) {
        self.inside.remove(user);
    }

    /// Whether `user` is inside with an account that is too new.
    pub fn contains(&self, user: &UserId) -> bool {
        self.inside.get(user).is_some_and(|account| account.is_new)
    }

    /// For how many more seconds the account of `user` is too new. Never more than the minimum age that the room asks
    /// for.
    pub fn seconds_left(&self, user: &UserId, now_ms: u64) -> u32 {
        let account = self.inside.get(user);
        let left_ms = account.map_or(0, |account| ms_left(self.minutes, account.known_since_ms, now_ms));
        u32::try_from(left_ms.div_ceil(1_000)).unwrap_or(u32::MAX)
    }

    /// Changes the minimum age, in minutes.
    pub fn set_minutes(&mut self, minutes: u32, now_ms: u64) {
        self.minutes = minutes;
        for account in self.inside.values_mut() {
            account.is_new = ms_left(minutes, account.known_since_ms, now_ms) > 0;
        }
    }

    /// Whether an account that was too new is old enough now.
    pub fn has_grown(&self, now_ms: u64) -> bool {
        let is_grown = |account: &AccountAge| account.is_new && is_old_enough(self.minutes, account, now_ms);
        self.inside.values().any(is_grown)
    }

    /// From now on, the accounts that are old enough no longer count as too new.
    pub fn release_grown(&mut self, now_ms: u64) {
        for account in self.inside.values_mut() {
            account.is_new &= !is_old_enough(self.minutes, account, now_ms);
        }
    }
}

fn is_old_enough(minutes: u32, account: &AccountAge, now_ms: u64) -> bool {
    ms_left(minutes, account.known_since_ms, now_ms) == 0
}

fn ms_left(minutes: u32, known_since_ms: i64, now_ms: u64) -> u64 {
    let asked_ms = i64::from(minutes) * 60_000;
    let left_ms = known_since_ms.saturating_add(asked_ms).saturating_sub(signed(now_ms));
    left_ms.clamp(0, asked_ms).unsigned_abs()
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_counts_as_new_until_it_is_released() {
        let (user, mut accounts) = (UserId::parse("user-adaaaaa").expect("an id"), NewAccounts::new(5));
        accounts.enter(&user, 10, 7_000);
        assert_eq!(
            (accounts.contains(&user), accounts.seconds_left(&user, 7_000)),
            (true, 290)
        );
        assert!(!accounts.has_grown(296_999) && accounts.has_grown(297_000));
        assert!(accounts.contains(&user), "the account was not released yet");
        accounts.release_grown(297_000);
        assert!(!accounts.contains(&user) && !accounts.has_grown(297_000));
        accounts.set_minutes(30, 297_000);
        assert!(accounts.contains(&user));
        accounts.enter(&user, -86_400, 297_000);
        assert_eq!(
            accounts.seconds_left(&user, 297_000),
            1_800,
            "the wait is at most 30 minutes, although the clock went back"
        );
    }
}
