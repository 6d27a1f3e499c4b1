//! The channels from the driver to the rest of the server: the list of rooms, the changes to store, and the people whose rights may
//! have changed.

use crate::{
    model::id::{RoomId, UserId},
    server::voice::{command::Persist, pending_changes::PendingChanges, registry::Cards},
};
use tokio::sync::{broadcast, watch};

/// The channels of one driver. Each purpose has its own channel, so a slow database delays only the changes to store.
pub struct Outputs {
    /// The list of rooms, whenever it changes.
    pub cards: watch::Sender<Cards>,
    pub unsaved: UnsavedChanges,
    /// People who have perhaps lost the right to be in a room.
    pub rights: broadcast::Sender<UserId>,
}

/// The changes that are not in the database yet. Clones share one queue.
#[derive(Clone)]
pub struct UnsavedChanges(watch::Sender<Queue>);

#[derive(Default)]
struct Queue {
    pending: PendingChanges,
    /// The room of the change that was taken and is being written; `None` if none is.
    writing: Option<RoomId>,
    is_closed: bool,
}

impl Queue {
    fn is_done(&self) -> bool {
        self.pending.is_empty() && self.writing.is_none()
    }

    fn has_end_of(&self, room: &RoomId) -> bool {
        self.pending.has_end_of(room) || self.writing.as_ref() == Some(room)
    }
}

impl Default for UnsavedChanges {
    fn default() -> Self {
        Self(watch::Sender::new(Queue::default()))
    }
}

impl UnsavedChanges {
    /// Adds a change. Never blocks. After [`UnsavedChanges::close`], the change is dropped.
    pub fn add(&self, room: RoomId, what: Persist) {
        self.0.send_if_modified(|queue| {
            if !queue.is_closed {
                queue.pending.add(room, what);
            }
            !queue.is_closed
        });
    }

    /// Waits for the next change, which counts as being written until [`UnsavedChanges::written`] is called. `None` after
    /// [`UnsavedChanges::close`].
    pub async fn next(&self) -> Option<(RoomId, Persist)> {
        let mut news = self.0.subscribe();
        loop {
            let ready = |queue: &Queue| queue.is_closed || !queue.pending.is_empty();
            // `self` has a sender, so the channel is open.
            news.wait_for(ready).await.ok()?;
            let mut next = None;
            self.0.send_modify(|queue| {
                next = queue.pending.take();
                queue.writing = next.as_ref().map(|(room, _)| room.clone());
            });
            if next.is_some() || self.is_closed() {
                return next;
            }
        }
    }

    /// Call this when the change from [`UnsavedChanges::next`] was written or given up.
    pub fn written(&self) {
        self.0.send_modify(|queue| queue.writing = None);
    }

    /// Returns when all changes are written.
    pub async fn all_written(&self) {
        // `self` has a sender, so the channel is open and this can't fail.
        let _ = self.0.subscribe().wait_for(Queue::is_done).await;
    }

    /// Returns when the end of this room is written, or at once if the room has not ended. The changes of other rooms do not matter.
    pub async fn end_written(&self, room: &RoomId) {
        let is_written = |queue: &Queue| !queue.has_end_of(room);
        // `self` has a sender, so the channel is open and this can't fail.
        let _ = self.0.subscribe().wait_for(is_written).await;
    }

    /// Drops the changes that wait, and all later ones. Returns how many changes waited or were being written.
    pub fn close(&self) -> usize {
        let mut left = 0;
        self.0.send_modify(|queue| {
            left = queue.pending.len() + usize::from(queue.writing.is_some());
            queue.pending = PendingChanges::default();
            queue.is_closed = true;
        });
        left
    }

    pub fn is_closed(&self) -> bool {
        self.0.borrow().is_closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    fn room() -> RoomId {
        RoomId::parse("room-000000").expect("an id")
    }

    #[tokio::test]
    async fn all_is_written_only_when_the_last_write_has_ended() {
        let unsaved = UnsavedChanges::default();
        unsaved.all_written().await;
        unsaved.add(room(), Persist::Ended { by: None });
        assert_eq!(unsaved.next().await, Some((room(), Persist::Ended { by: None })));
        let waits = timeout(Duration::from_millis(20), unsaved.all_written()).await;
        assert!(waits.is_err(), "the change is still being written");
        unsaved.written();
        unsaved.all_written().await;
        assert_eq!(unsaved.close(), 0);
    }

    #[tokio::test]
    async fn the_end_of_a_room_is_written_although_other_rooms_wait() {
        let (unsaved, other) = (UnsavedChanges::default(), RoomId::parse("room-111111").expect("an id"));
        let waits = async |unsaved: &UnsavedChanges| {
            let room = room();
            let end = unsaved.end_written(&room);
            timeout(Duration::from_millis(20), end).await.is_err()
        };
        unsaved.add(other.clone(), Persist::Ended { by: None });
        assert!(!waits(&unsaved).await, "nothing of this room waits");
        unsaved.add(room(), Persist::Ended { by: None });
        assert!(waits(&unsaved).await, "it is behind the other room");
        assert_eq!(unsaved.next().await.map(|(room, _)| room), Some(other.clone()));
        unsaved.written();
        assert_eq!(unsaved.next().await.map(|(room, _)| room), Some(room()));
        assert!(waits(&unsaved).await, "it is being written");
        unsaved.written();
        unsaved.add(other, Persist::Ended { by: None });
        assert!(!waits(&unsaved).await, "only the other room waits");
    }

    #[tokio::test]
    async fn a_closed_queue_takes_nothing_and_says_what_was_lost() {
        let unsaved = UnsavedChanges::default();
        unsaved.add(room(), Persist::Ended { by: None });
        assert_eq!(unsaved.close(), 1);
        unsaved.add(room(), Persist::Ended { by: None });
        assert_eq!(unsaved.next().await, None);
        unsaved.all_written().await;
    }
}
