//! Rotations on their way to a database with one writer: those that come while others are written go together next.
//!
//! One commit reaches the disk for all of them, so the more are under way the less each costs, and nobody waits for
//! company: who comes alone goes at once.

use crate::{
    error::AppError,
    model::id::{SessionId, UserId},
};
use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard},
};
use tokio::sync::oneshot;

/// As many go together at most. Their rows must fit into the channel that the driver of SQLite answers by (50).
pub const MOST: usize = 32;

/// One rotation as one compare-and-swap: who presents `hash` late enough, and first, gets the new generation.
#[derive(Debug)]
pub struct Swap {
    pub session: SessionId,
    pub hash: String,
    pub new_hash: String,
    pub salt: String,
    pub kid: String,
    /// Unix seconds.
    pub now_s: i64,
    /// Unless the session's absolute end is sooner.
    pub idle_expires_at: i64,
    /// C of sessions.md.
    pub confirm_s: i64,
}

/// What a swap that hit its row has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    pub session: SessionId,
    pub user: UserId,
    pub generation: i64,
    pub abs_expires_at: i64,
}

/// What a rotation hears once it is on the disk: `None` where its swap hit no row.
pub type Answer = Result<Option<Rotated>, AppError>;

/// One rotation that waits.
pub struct Waiting {
    pub swap: Swap,
    pub answer: oneshot::Sender<Answer>,
}

/// The rotations that wait, and whether somebody is writing.
#[derive(Default)]
pub struct Rotations(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    is_writing: bool,
}

/// Whose turn it is to write. Dropped before its end, as by a panic, it answers nobody and lets the next one begin.
pub struct Turn<'r> {
    rotations: &'r Rotations,
    is_over: bool,
}

impl Rotations {
    /// Joins those who wait. Who finds nobody writing has the turn to write.
    pub fn join(&self, swap: Swap) -> (oneshot::Receiver<Answer>, Option<Turn<'_>>) {
        let (answer, receiver) = oneshot::channel();
        let mut queue = self.lock();
        queue.waiting.push_back(Waiting { swap, answer });
        let turn = !std::mem::replace(&mut queue.is_writing, true);
        (receiver, turn.then(|| self.turn()))
    }

    /// The turn that was handed on by [`Turn::hand_on`].
    pub fn turn(&self) -> Turn<'_> {
        Turn {
            rotations: self,
            is_over: false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Turn<'_> {
    /// Those who go together next: each session once, a second rotation of it goes after the first.
    pub fn take(&self) -> Vec<Waiting> {
        let mut queue = self.rotations.lock();
        let count = {
            let mut sessions = HashSet::new();
            let together = queue.waiting.iter().take(MOST);
            together.take_while(|one| sessions.insert(&one.swap.session)).count()
        };
        queue.waiting.drain(..count).collect()
    }

    /// Ends the turn; true where others wait, and whoever called this must see to it that [`Rotations::turn`] is taken.
    pub fn hand_on(mut self) -> bool {
        self.is_over = true;
        let mut queue = self.rotations.lock();
        queue.is_writing = !queue.waiting.is_empty();
        queue.is_writing
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut queue = self.rotations.lock();
            queue.is_writing = false;
            // Their askers hear that nobody will answer, and that trying again helps.
            queue.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swap(session: &str) -> Swap {
        Swap {
            session: SessionId::parse(session).expect("an id"),
            hash: "old".into(),
            new_hash: "new".into(),
            salt: "salt".into(),
            kid: "kid".into(),
            now_s: 0,
            idle_expires_at: 0,
            confirm_s: 0,
        }
    }

    #[test]
    fn who_comes_while_others_are_written_goes_next() {
        let rotations = Rotations::default();
        let (_first, turn) = rotations.join(swap("session-01"));
        let turn = turn.expect("alone");
        assert_eq!(turn.take().len(), 1);
        let (_second, none) = rotations.join(swap("session-02"));
        let (_third, none_either) = rotations.join(swap("session-03"));
        assert!(none.is_none() && none_either.is_none());
        assert!(turn.hand_on(), "two wait");
        let turn = rotations.turn();
        assert_eq!(turn.take().len(), 2);
        assert!(!turn.hand_on(), "nobody waits");
        assert!(rotations.join(swap("session-04")).1.is_some());
    }

    #[test]
    fn a_session_goes_once_at_a_time() {
        let rotations = Rotations::default();
        let (_first, turn) = rotations.join(swap("session-01"));
        let _others: Vec<_> = ["session-02", "session-01", "session-03"]
            .map(|id| rotations.join(swap(id)).0)
            .into();
        let turn = turn.expect("alone");
        assert_eq!(turn.take().len(), 2);
        assert_eq!(turn.take().len(), 2);
    }

    #[test]
    fn a_turn_that_breaks_off_leaves_nobody_waiting() {
        let rotations = Rotations::default();
        let (mut answer, turn) = rotations.join(swap("session-01"));
        drop(turn);
        assert!(matches!(answer.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        assert!(rotations.join(swap("session-01")).1.is_some());
    }
}
