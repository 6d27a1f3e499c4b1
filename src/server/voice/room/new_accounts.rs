//! Accounts that are too new to talk: a room can ask for a minimum age. Times are unix seconds.

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
    /// When the account was activated.
    known_since_s: i64,
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

    pub fn enter(&mut self, user: &UserId, known_since_s: i64, now_s: i64) {
        let is_new = seconds_left(self.minutes, known_since_s, now_s) > 0;
        self.inside.insert(user.clone(), AccountAge { known_since_s, is_new });
    }

    pub fn leave(&mut self, user: &UserId) {
        self.inside.remove(user);
    }

    /// Whether `user` is inside with an account that is too new.
    pub fn contains(&self, user: &UserId) -> bool {
        self.inside.get(user).is_some_and(|account| account.is_new)
    }

    /// For how many more seconds the account of `user` is too new. Never more than the minimum age that the room asks
    /// for, even if a clock is wrong.
    pub fn seconds_left(&self, user: &UserId, now_s: i64) -> i64 {
        let account = self.inside.get(user);
        account.map_or(0, |account| seconds_left(self.minutes, account.known_since_s, now_s))
    }

    /// Changes the minimum age, in minutes.
    pub fn set_minutes(&mut self, minutes: u32, now_s: i64) {
        self.minutes = minutes;
        for account in self.inside.values_mut() {
            account.is_new = seconds_left(minutes, account.known_since_s, now_s) > 0;
        }
    }

    /// Whether an account that was too new is old enough now.
    pub fn has_grown(&self, now_s: i64) -> bool {
        let is_grown = |account: &AccountAge| account.is_new && is_old_enough(self.minutes, account, now_s);
        self.inside.values().any(is_grown)
    }

    /// From now on, the accounts that are old enough no longer count as too new.
    pub fn release_grown(&mut self, now_s: i64) {
        for account in self.inside.values_mut() {
            account.is_new &= !is_old_enough(self.minutes, account, now_s);
        }
    }
}

fn is_old_enough(minutes: u32, account: &AccountAge, now_s: i64) -> bool {
    seconds_left(minutes, account.known_since_s, now_s) <= 0
}

fn seconds_left(minutes: u32, known_since_s: i64, now_s: i64) -> i64 {
    let asked_s = i64::from(minutes) * 60;
    (known_since_s + asked_s - now_s).clamp(0, asked_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_counts_as_new_until_it_is_released() {
        let (user, mut accounts) = (UserId::parse("user-adaaaaa").expect("an id"), NewAccounts::new(5));
        accounts.enter(&user, 1_000, 1_010);
        assert_eq!(
            (accounts.contains(&user), accounts.seconds_left(&user, 1_010)),
            (true, 290)
        );
        assert!(!accounts.has_grown(1_299) && accounts.has_grown(1_300));
        assert!(accounts.contains(&user), "the account was not released yet");
        accounts.release_grown(1_300);
        assert!(!accounts.contains(&user) && !accounts.has_grown(1_300));
        accounts.set_minutes(30, 1_300);
        assert!(accounts.contains(&user));
        assert_eq!(
            accounts.seconds_left(&user, 0),
            1_800,
            "the wait is at most 30 minutes, although the clock went back"
        );
    }
}
