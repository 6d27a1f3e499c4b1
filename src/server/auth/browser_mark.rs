//! The mark in a browser that was signed in before: a cookie that outlives the session.
//!
//! The cookie has keyed hashes of the accounts and the addresses that were signed in here. So the server can check whether this browser
//! was signed in with an address that somebody types, or as a person whom a room has banned. The cookie tells nothing
//! else: it has no id and no address, the database has no row for it, and only this server can make a mark or recognize one.

use super::{
    cookie::{self, CookieName},
    identity::Visit,
};
use crate::{
    model::{id::UserId, user::EmailAddress},
    server::{
        keyring::{Keyring, Purpose, same},
        state::AppState,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

/// How long the browser keeps the mark after the last sign-in, in seconds: 400 days, the most that browsers allow (RFC 6265bis).
const LIFE_S: i64 = 400 * 86_400;
/// How many marks a browser keeps. A sign-in with an address writes two, so four people can share a browser.
const MARKS_MAX: usize = 8;
/// The length of one mark: 16 bytes in base64url.
const MARK_LENGTH: usize = 22;

/// The marks of one browser, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrowserMarks(Vec<String>);

impl BrowserMarks {
    /// The marks in the cookie of this request. They are not checked yet: a made-up mark matches nobody.
    pub fn of(visit: &Visit) -> Self {
        Self::parse(&visit.cookie(CookieName::Known).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let marks = text.split('.').filter(|mark| mark.len() == MARK_LENGTH);
        Self(marks.take(MARKS_MAX).map(str::to_owned).collect())
    }

    /// Whether somebody was signed in with this address in this browser.
    pub fn has_address(&self, keyring: &Keyring, email: &EmailAddress) -> bool {
        self.has(&of_address(keyring, email))
    }

    /// Whether this user was signed in in this browser.
    pub fn has_user(&self, keyring: &Keyring, user: &UserId) -> bool {
        self.has(&of_user(keyring, user))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The marks after `user` has signed in here. `email` is `None` for a guest.
    pub fn with(&self, keyring: &Keyring, user: &UserId, email: Option<&EmailAddress>) -> Self {
        let mut marks = vec![of_user(keyring, user)];
        marks.extend(email.map(|email| of_address(keyring, email)));
        let older = self.0.iter().filter(|old| !marks.contains(old)).cloned();
        let older: Vec<String> = older.collect();
        marks.extend(older);
        marks.truncate(MARKS_MAX);
        Self(marks)
    }

    /// The `Set-Cookie` value that stores these marks.
    pub fn set_cookie(&self, state: &AppState) -> String {
        cookie::write(state, CookieName::Known, &self.0.join("."), LIFE_S)
    }

    /// Compares with every mark, so that the time does not tell which one matches.
    fn has(&self, wanted: &str) -> bool {
        let matches = self.0.iter().map(|mark| same(mark.as_bytes(), wanted.as_bytes()));
        matches.fold(false, |any, one| any | one)
    }
}

fn of_address(keyring: &Keyring, email: &EmailAddress) -> String {
    mark(keyring, b"address", email.as_str())
}

fn of_user(keyring: &Keyring, user: &UserId) -> String {
    mark(keyring, b"user", user.as_str())
}

fn mark(keyring: &Keyring, kind: &[u8], whose: &str) -> String {
    let mac = keyring.mac(Purpose::Browser, &[kind, whose.as_bytes()]);
    BASE64.encode(&mac[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(letter: char) -> UserId {
        UserId::parse(&letter.to_string().repeat(20)).expect("an id")
    }

    fn email(name: &str) -> EmailAddress {
        EmailAddress::parse(&format!("{name}@example.org")).expect("an address")
    }

    #[test]
    fn a_mark_proves_a_sign_in_only_with_the_same_address_as_the_same_user_and_on_the_same_server() {
        let keyring = Keyring::for_tests();
        let marks = BrowserMarks::default().with(&keyring, &user('a'), Some(&email("ada")));
        let read = BrowserMarks::parse(&marks.0.join("."));
        assert_eq!(read, marks);
        assert!(read.has_address(&keyring, &email("ada")) && read.has_user(&keyring, &user('a')));
        assert!(!read.has_address(&keyring, &email("eve")) && !read.has_user(&keyring, &user('b')));
        let other = Keyring::for_tests();
        assert!(
            !read.has_address(&other, &email("ada")),
            "another server's marks are worth nothing"
        );
        for made_up in ["", ".", "ada@example.org", &"A".repeat(22), &"A".repeat(4_000)] {
            let made_up = BrowserMarks::parse(made_up);
            assert!(!made_up.has_address(&keyring, &email("ada")), "{made_up:?}");
        }
    }

    #[test]
    fn a_browser_keeps_the_eight_newest_marks_each_once() {
        let keyring = Keyring::for_tests();
        let mut marks = BrowserMarks::default();
        for letter in ['a', 'b', 'c', 'd', 'e', 'e'] {
            marks = marks.with(&keyring, &user(letter), Some(&email(&letter.to_string())));
        }
        assert_eq!(marks.0.len(), MARKS_MAX);
        assert!(!marks.has_user(&keyring, &user('a')) && marks.has_user(&keyring, &user('b')));
        let guest = marks.with(&keyring, &user('f'), None);
        assert!(guest.has_user(&keyring, &user('f')) && guest.has_address(&keyring, &email("e")));
    }
}
