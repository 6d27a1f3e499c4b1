//! Remembers WebSockets that a proxy has turned into plain requests. Browsers do not tell a page why its socket was refused, so the page
//! asks with a plain request, and this memory has the answer.

use crate::model::id::UserId;
use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// A page asks within a few seconds, and tries its socket again at least every 10 seconds.
const REMEMBERED: Duration = Duration::from_secs(60);
/// If more people come by such a proxy, the ones who came first are forgotten until their pages try again.
const PEOPLE_MAX: usize = 256;

/// The people whose sockets have arrived as plain requests.
#[derive(Default)]
pub struct StrippedUpgrades {
    seen: Mutex<VecDeque<(UserId, Instant)>>,
    is_logged: AtomicBool,
}

impl StrippedUpgrades {
    /// Notes that a socket of `user` has arrived as a plain request at the time `now`. The log says so once.
    pub fn note(&self, user: &UserId, now: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        seen.retain(|(known, _)| known != user);
        seen.push_back((user.clone(), now));
        if seen.len() > PEOPLE_MAX {
            seen.pop_front();
        }
        drop(seen);
        if !self.is_logged.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a WebSocket arrived as a plain request, so rooms don't work; let the proxy in front of Snug pass the headers Upgrade and \
                 Connection on for /ws/, over HTTP/1.1 (docs/deploy.md)"
            );
        }
    }

    /// Whether a socket of `user` has arrived as a plain request in the minute before `now`.
    pub fn was_seen(&self, user: &UserId, now: Instant) -> bool {
        let seen = self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        seen.iter()
            .any(|(known, at)| known == user && now.duration_since(*at) < REMEMBERED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: usize) -> UserId {
        UserId::parse(&format!("user{number:06}")).expect("an id")
    }

    #[test]
    fn a_stripped_upgrade_is_remembered_for_a_minute_and_for_its_person_only() {
        let (stripped, now) = (StrippedUpgrades::default(), Instant::now());
        stripped.note(&user(1), now);
        assert!(stripped.was_seen(&user(1), now + REMEMBERED - Duration::from_millis(1)));
        assert!(!stripped.was_seen(&user(1), now + REMEMBERED));
        assert!(!stripped.was_seen(&user(2), now));
    }

    #[test]
    fn the_memory_is_limited() {
        let (stripped, now) = (StrippedUpgrades::default(), Instant::now());
        for number in 0..=PEOPLE_MAX {
            stripped.note(&user(number), now);
        }
        assert!(!stripped.was_seen(&user(0), now) && stripped.was_seen(&user(PEOPLE_MAX), now));
    }
}
