//! Whose account is younger than a room asks for, pure. Times are unix seconds.

use crate::model::id::UserId;
use std::collections::BTreeMap;

/// The accounts of those inside a room, and how old the room wants them to be.
#[derive(Debug)]
pub struct NewAccounts {
    /// The age asked for, in minutes; 0 is any.
    minutes: u32,
    inside: BTreeMap<UserId, AccountAge>,
}

#[derive(Debug)]
struct AccountAge {
    /// Since when the account is activated.
    known_since_s: i64,
    /// The account was younger than the room asks for when that was looked at last.
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

    /// How many seconds more the account of `user` is too new: never more than the room asks for, whatever the clocks say.
    pub fn seconds_left(&self, user: &UserId, now_s: i64) -> i64 {
        let account = self.inside.get(user);
        account.map_or(0, |account| seconds_left(self.minutes, account.known_since_s, now_s))
    }

    /// The room asks for another age, in minutes.
    pub fn set_minutes(&mut self, minutes: u32, now_s: i64) {
        self.minutes = minutes;
        for account in self.inside.values_mut() {
            account.is_new = seconds_left(minutes, account.known_since_s, now_s) > 0;
        }
    }

    /// Whether somebody who was too new is old enough now.
    pub fn has_grown(&self, now_s: i64) -> bool {
        let is_grown = |account: &AccountAge| account.is_new && is_old_enough(self.minutes, account, now_s);
        self.inside.values().any(is_grown)
    }

    /// Lets go of everybody who is old enough now.
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
    fn an_account_is_new_until_it_has_grown_and_that_was_looked_at() {
        let (user, mut accounts) = (UserId::parse("user-adaaaaa").expect("an id"), NewAccounts::new(5));
        accounts.enter(&user, 1_000, 1_010);
        assert_eq!(
            (accounts.contains(&user), accounts.seconds_left(&user, 1_010)),
            (true, 290)
        );
        assert!(!accounts.has_grown(1_299) && accounts.has_grown(1_300));
        assert!(accounts.contains(&user), "until it is let go");
        accounts.release_grown(1_300);
        assert!(!accounts.contains(&user) && !accounts.has_grown(1_300));
        accounts.set_minutes(30, 1_300);
        assert!(accounts.contains(&user));
        assert_eq!(accounts.seconds_left(&user, 0), 1_800, "a clock that is wrong");
    }
}
