//! The list of open WebSockets, so that the server can tell their pages before it stops, and so that one person has only a limited
//! number of them.
//!
//! If a person opens one more, the newest wins: the oldest socket is closed and told why. A refusal of the newest would lock people
//! out for as long as the sockets of a crashed browser or a lost network still count.

use super::voice::counting::EventCounter;
use crate::model::id::UserId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// All open WebSockets of this process.
pub struct OpenSockets {
    stopping: CancellationToken,
    open: TaskTracker,
    most_per_person: usize,
    of_people: Arc<Mutex<SocketsOfPeople>>,
    /// Sockets that had to make room for a newer one of the same person.
    pub made_room: EventCounter,
}

/// How many sockets are open, and how many people have one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SocketFigures {
    pub rooms: usize,
    pub lists: usize,
    pub checks: usize,
    pub people: usize,
}

/// What a socket is for. A connection check makes room before a socket of the list, and that before a socket of a room, because a person
/// misses a call more than a list that no longer updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SocketKind {
    Check,
    List,
    Room,
}

/// One open socket of a person. Dropping it frees its place.
pub struct PersonSocket {
    user: UserId,
    number: u64,
    must_close: CancellationToken,
    of_people: Arc<Mutex<SocketsOfPeople>>,
}

#[derive(Default)]
struct SocketsOfPeople {
    /// The sockets of each person, oldest first.
    of: HashMap<UserId, Vec<CountedSocket>>,
    opened: u64,
}

struct CountedSocket {
    kind: SocketKind,
    number: u64,
    must_close: CancellationToken,
}

impl OpenSockets {
    /// One person may have `most_per_person` sockets at the same time.
    pub fn new(most_per_person: usize) -> Self {
        Self {
            stopping: CancellationToken::new(),
            open: TaskTracker::new(),
            most_per_person,
            of_people: Arc::default(),
            made_room: EventCounter::default(),
        }
    }

    /// Counts a socket as open until the token is dropped.
    pub fn track(&self) -> TaskTrackerToken {
        self.open.token()
    }

    /// Counts a socket of `user`. If the user has too many sockets now, the oldest of these sockets is told to close and no longer counts.
    pub fn open_for(&self, user: UserId, kind: SocketKind) -> PersonSocket {
        let must_close = CancellationToken::new();
        let mut sockets = lock(&self.of_people);
        sockets.opened += 1;
        let number = sockets.opened;
        let of_user = sockets.of.entry(user.clone()).or_default();
        if of_user.len() >= self.most_per_person {
            let oldest = of_user.iter().enumerate().min_by_key(|(_, one)| (one.kind, one.number));
            if let Some(place) = oldest.map(|(place, _)| place) {
                of_user.remove(place).must_close.cancel();
                self.made_room.add(1);
            }
        }
        of_user.push(CountedSocket {
            kind,
            number,
            must_close: must_close.clone(),
        });
        drop(sockets);
        PersonSocket {
            user,
            number,
            must_close,
            of_people: self.of_people.clone(),
        }
    }

    /// Counts the open sockets of people.
    pub fn read_figures(&self) -> SocketFigures {
        let sockets = lock(&self.of_people);
        let mut figures = SocketFigures {
            people: sockets.of.len(),
            ..SocketFigures::default()
        };
        for one in sockets.of.values().flatten() {
            match one.kind {
                SocketKind::Room => figures.rooms += 1,
                SocketKind::List => figures.lists += 1,
                SocketKind::Check => figures.checks += 1,
            }
        }
        figures
    }

    /// Returns when the server begins to stop. The task of each socket waits for this, then tells the page with a close code, and
    /// ends. Cancel safe: dropping the future loses nothing.
    pub async fn server_stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Asks all open sockets to end, and all sockets that open later too.
    pub fn close_all(&self) {
        self.stopping.cancel();
        self.open.close();
    }

    /// Returns when all sockets have ended after [`OpenSockets::close_all`], or after `most`.
    pub async fn all_closed(&self, most: Duration) {
        let _ = tokio::time::timeout(most, self.open.wait()).await;
    }
}

impl PersonSocket {
    /// Returns when this socket must make room for a newer socket of the same person. Cancel safe: dropping the future loses nothing.
    pub async fn must_close(&self) {
        self.must_close.cancelled().await;
    }
}

impl Drop for PersonSocket {
    fn drop(&mut self) {
        let mut sockets = lock(&self.of_people);
        if let Some(of_user) = sockets.of.get_mut(&self.user) {
            of_user.retain(|one| one.number != self.number);
            if of_user.is_empty() {
                sockets.of.remove(&self.user);
            }
        }
    }
}

fn lock(sockets: &Mutex<SocketsOfPeople>) -> MutexGuard<'_, SocketsOfPeople> {
    sockets.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(&format!("user-{name:a<10}")).expect("an id")
    }

    fn must_close(sockets: &[PersonSocket]) -> Vec<bool> {
        sockets.iter().map(|one| one.must_close.is_cancelled()).collect()
    }

    #[test]
    fn the_newest_wins_and_the_oldest_list_makes_room_before_a_room() {
        let open = OpenSockets::new(3);
        let (ada, ben) = (user("ada"), user("ben"));
        let _of_ben = open.open_for(ben, SocketKind::Room);
        let mut sockets: Vec<PersonSocket> = [SocketKind::Room, SocketKind::List, SocketKind::List]
            .map(|kind| open.open_for(ada.clone(), kind))
            .into();
        assert_eq!(must_close(&sockets), [false, false, false]);
        sockets.push(open.open_for(ada.clone(), SocketKind::Room));
        assert_eq!(must_close(&sockets), [false, true, false, false]);
        sockets.push(open.open_for(ada.clone(), SocketKind::Room));
        assert_eq!(must_close(&sockets), [false, true, true, false, false]);
        // Only rooms are left, so the oldest room makes room.
        sockets.push(open.open_for(ada.clone(), SocketKind::List));
        assert_eq!(must_close(&sockets), [true, true, true, false, false, false]);
        let figures = SocketFigures {
            rooms: 3,
            lists: 1,
            checks: 0,
            people: 2,
        };
        assert_eq!((open.read_figures(), open.made_room.get()), (figures, 3));
    }

    #[test]
    fn a_closed_socket_frees_its_place_and_nothing_is_remembered() {
        let open = OpenSockets::new(2);
        let first = open.open_for(user("ada"), SocketKind::List);
        for _ in 0..10 {
            drop(open.open_for(user("ada"), SocketKind::List));
        }
        assert!(!first.must_close.is_cancelled());
        // A socket that had to make room frees no second place when it ends.
        let newer = [(); 2].map(|()| open.open_for(user("ada"), SocketKind::List));
        drop(first);
        assert_eq!(must_close(&newer), [false, false]);
        let newest = open.open_for(user("ada"), SocketKind::List);
        assert_eq!(must_close(&newer), [true, false]);
        drop((newer, newest));
        assert!(lock(&open.of_people).of.is_empty());
    }
}
