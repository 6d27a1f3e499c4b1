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
pub const BATCH_MAX: usize = 32;

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
pub type RotationAnswer = Result<Option<Rotated>, AppError>;

/// One rotation that waits.
pub struct PendingRotation {
    pub swap: Swap,
    pub answer: oneshot::Sender<RotationAnswer>,
}

/// The rotations that wait, and whether somebody is writing.
#[derive(Default)]
pub struct RotationQueue(Mutex<QueueState>);

#[derive(Default)]
struct QueueState {
    waiting: VecDeque<PendingRotation>,
    is_writing: bool,
}

/// Who writes the next batch. Dropped before its end, as by a panic, it answers nobody and lets the next one begin.
pub struct BatchLeader<'r> {
    rotations: &'r RotationQueue,
    is_over: bool,
}

impl RotationQueue {
    /// Joins those who wait. Who finds nobody writing has the lead to write.
    pub fn join(&self, swap: Swap) -> (oneshot::Receiver<RotationAnswer>, Option<BatchLeader<'_>>) {
        let (answer, receiver) = oneshot::channel();
        let mut queue = self.lock();
        queue.waiting.push_back(PendingRotation { swap, answer });
        let leader = !std::mem::replace(&mut queue.is_writing, true);
        (receiver, leader.then(|| self.leader()))
    }

    /// the lead that was handed on by [`BatchLeader::hand_on`].
    pub fn leader(&self) -> BatchLeader<'_> {
        BatchLeader {
            rotations: self,
            is_over: false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl BatchLeader<'_> {
    /// Those who go together next: each session once, a second rotation of it goes after the first.
    pub fn take(&self) -> Vec<PendingRotation> {
        let mut queue = self.rotations.lock();
        let count = {
            let mut sessions = HashSet::new();
            let together = queue.waiting.iter().take(BATCH_MAX);
            together.take_while(|one| sessions.insert(&one.swap.session)).count()
        };
        queue.waiting.drain(..count).collect()
    }

    /// Ends the lead; true where others wait, and whoever called this must see to it that [`RotationQueue::leader`] is taken.
    pub fn hand_on(mut self) -> bool {
        self.is_over = true;
        let mut queue = self.rotations.lock();
        queue.is_writing = !queue.waiting.is_empty();
        queue.is_writing
    }
}

impl Drop for BatchLeader<'_> {
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
        let rotations = RotationQueue::default();
        let (_first, leader) = rotations.join(swap("session-01"));
        let leader = leader.expect("alone");
        assert_eq!(leader.take().len(), 1);
        let (_second, none) = rotations.join(swap("session-02"));
        let (_third, none_either) = rotations.join(swap("session-03"));
        assert!(none.is_none() && none_either.is_none());
        assert!(leader.hand_on(), "two wait");
        let leader = rotations.leader();
        assert_eq!(leader.take().len(), 2);
        assert!(!leader.hand_on(), "nobody waits");
        assert!(rotations.join(swap("session-04")).1.is_some());
    }

    #[test]
    fn a_session_goes_once_at_a_time() {
        let rotations = RotationQueue::default();
        let (_first, leader) = rotations.join(swap("session-01"));
        let _others: Vec<_> = ["session-02", "session-01", "session-03"]
            .map(|id| rotations.join(swap(id)).0)
            .into();
        let leader = leader.expect("alone");
        assert_eq!(leader.take().len(), 2);
        assert_eq!(leader.take().len(), 2);
    }

    #[test]
    fn a_leader_that_breaks_off_leaves_nobody_waiting() {
        let rotations = RotationQueue::default();
        let (mut answer, leader) = rotations.join(swap("session-01"));
        drop(leader);
        assert!(matches!(answer.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        assert!(rotations.join(swap("session-01")).1.is_some());
    }
}
