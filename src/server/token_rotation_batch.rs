//! The queue of token rotations for a database with one writer. Rotations that arrive while a batch is being written form the next
//! batch.
//!
//! The whole batch waits for the disk only once, so each rotation costs less when there are many. If no batch is being written, a
//! rotation is written at once. We don't use a timer that gathers rotations, because a rotation that arrives alone would have to wait
//! for the timer.

use crate::{
    error::AppError,
    model::id::{SessionId, UserId},
};
use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard},
};
use tokio::sync::oneshot;

/// The largest number of rotations in one batch. Their rows must fit into the channel through which sqlx's SQLite driver returns rows.
/// The channel holds 50 rows.
pub const BATCH_MAX: usize = 32;

/// A rotation as a compare-and-swap. It matches a session's row if `hash` is the hash of the current token, and that token was last
/// sent at least `confirm_s` seconds ago. So only the first request with a token matches.
#[derive(Debug)]
pub struct Swap {
    pub session: SessionId,
    pub hash: String,
    pub new_hash: String,
    pub salt: String,
    pub kid: String,
    /// Unix seconds.
    pub now_s: i64,
    /// The new idle expiry, in unix seconds. If the absolute expiry of the session is earlier, the absolute expiry is
    /// stored instead.
    pub idle_expires_at: i64,
    /// The setting `auth.confirm_seconds`.
    pub confirm_s: i64,
}

/// The result of a swap that matched its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    pub session: SessionId,
    pub user: UserId,
    pub generation: i64,
    pub abs_expires_at: i64,
}

/// The result of a rotation, which is sent once its batch is on the disk. `None` if the swap matched no row.
pub type RotationAnswer = Result<Option<Rotated>, AppError>;

/// A rotation that waits to be written.
pub struct PendingRotation {
    pub swap: Swap,
    pub answer: oneshot::Sender<RotationAnswer>,
}

/// The rotations that wait, and whether a batch is being written.
#[derive(Default)]
pub struct RotationQueue(Mutex<QueueState>);

#[derive(Default)]
struct QueueState {
    waiting: VecDeque<PendingRotation>,
    is_writing: bool,
}

/// The right to write the next batch. If the leader is dropped without [`BatchLeader::hand_on`], for example by a panic, the
/// waiting rotations fail, and the next request that joins the queue becomes the leader.
pub struct BatchLeader<'r> {
    rotations: &'r RotationQueue,
    is_over: bool,
}

impl RotationQueue {
    /// Adds a rotation to the queue. If no batch is being written, the caller becomes the leader and must write the batch.
    pub fn join(&self, swap: Swap) -> (oneshot::Receiver<RotationAnswer>, Option<BatchLeader<'_>>) {
        let (answer, receiver) = oneshot::channel();
        let mut queue = self.lock();
        queue.waiting.push_back(PendingRotation { swap, answer });
        let leader = !std::mem::replace(&mut queue.is_writing, true);
        (receiver, leader.then(|| self.leader()))
    }

    /// Takes over as the leader, after [`BatchLeader::hand_on`] returned true.
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
    /// Takes the next batch from the queue. A batch contains each session at most once; a second rotation of the same session goes
    /// into a later batch.
    pub fn take(&self) -> Vec<PendingRotation> {
        let mut queue = self.rotations.lock();
        let count = {
            let mut sessions = HashSet::new();
            let together = queue.waiting.iter().take(BATCH_MAX);
            together.take_while(|next| sessions.insert(&next.swap.session)).count()
        };
        queue.waiting.drain(..count).collect()
    }

    /// Stops being the leader. If this returns true, other rotations wait, and the caller must make sure that
    /// [`RotationQueue::leader`] is called.
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
            // This closes the channels of the waiting rotations. Their requests then fail with an error that asks the client to try
            // again.
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
    fn rotations_that_arrive_during_a_write_form_the_next_batch() {
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
    fn a_batch_contains_each_session_only_once() {
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
    fn a_dropped_leader_leaves_nobody_waiting() {
        let rotations = RotationQueue::default();
        let (mut answer, leader) = rotations.join(swap("session-01"));
        drop(leader);
        assert!(matches!(answer.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        assert!(rotations.join(swap("session-01")).1.is_some());
    }
}
