//! How often hosts may change things in their rooms. Each such change is a write to the database and a signal to everybody in
//! the room, so without limits one host could keep the database and all pages of a large room busy.
//!
//! The limits are above what people do by hand. A person's changes in all rooms count together, so that opening more rooms
//! does not help; and all hosts of a room count together, so that making more co-hosts does not help either. Changes by the
//! owner of the room count apart from those of the other hosts. Otherwise, co-hosts could use up the limit of the room, and
//! the owner could not take the co-hosts' rights away.

use super::token_bucket::RateWindow;
use crate::model::{
    id::{RoomId, UserId},
    signal::Refusal,
    stage::{ModerationAction, StageRequest},
};
use std::collections::BTreeMap;

const MINUTE_MS: u64 = 60_000;

/// The kinds of requests that are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Paced {
    /// A change of the room itself: its mode, its rules, whether it is permanent, its host, or an undo.
    Switch,
    /// An action on one person. The limit is higher than for a switch, so that a host can clear a room of many intruders.
    Action,
}

impl Paced {
    /// The kind of a request; `None` if this module does not limit it. Raising one's own hand has a limit of its own in
    /// `room/stage.rs`.
    /// People can't answer or step down often, because each time a host must first invite them or switch the mode. A room
    /// ends only once.
    pub fn of(request: &StageRequest) -> Option<Self> {
        match request {
            StageRequest::Mode { .. }
            | StageRequest::MuteNewAccounts { .. }
            | StageRequest::SetPermanent { .. }
            | StageRequest::Undo { .. }
            | StageRequest::Moderate {
                action: ModerationAction::HandOver,
                ..
            } => Some(Self::Switch),
            StageRequest::Moderate { .. } | StageRequest::Lift { .. } | StageRequest::LowerHand { .. } => {
                Some(Self::Action)
            }
            StageRequest::Hand { .. } | StageRequest::Answer { .. } | StageRequest::StepDown | StageRequest::End => {
                None
            }
        }
    }

    /// How many requests of this kind one person may make within a minute, in all rooms together.
    pub fn most_of_person(self) -> usize {
        match self {
            Self::Switch => 12,
            Self::Action => 60,
        }
    }

    /// How many requests of this kind all hosts of one room together, without its owner, may make within a minute.
    pub fn most_in_room(self) -> usize {
        2 * self.most_of_person()
    }
}

/// The person who changes a room.
#[derive(Debug, Clone)]
pub struct ChangeBy {
    pub user: UserId,
    pub room: RoomId,
    /// Whether `user` owned the room before the change.
    pub is_owner: bool,
}

impl ChangeBy {
    /// The window of the room in which this change counts, and its limit. All owners of a room share one window, so handing
    /// the room over to the next person and on does not allow more changes. The window holds as many changes as one person
    /// may make, so an owner who was not handed the room within the last minute is never limited by it.
    fn window_of_room(&self, kind: Paced) -> ((RoomId, bool, Paced), usize) {
        let most = match self.is_owner {
            true => kind.most_of_person(),
            false => kind.most_in_room(),
        };
        ((self.room.clone(), self.is_owner, kind), most)
    }
}

/// What hosts have changed within the last minute.
#[derive(Debug, Default)]
pub struct HostPace {
    people: BTreeMap<(UserId, Paced), RateWindow>,
    /// The changes in each room: with `true` those of its owner, with `false` those of all other hosts.
    rooms: BTreeMap<(RoomId, bool, Paced), RateWindow>,
}

impl HostPace {
    /// Whether this person may make another change of this kind in this room now.
    ///
    /// # Errors
    /// `TooFast`.
    pub fn check(&self, by: &ChangeBy, kind: Paced, now_ms: u64) -> Result<(), Refusal> {
        let of_person = self.people.get(&(by.user.clone(), kind));
        let of_room = self.rooms.get(&by.window_of_room(kind).0);
        let waits = [of_person, of_room].into_iter().flatten();
        let wait_s = waits.filter_map(|window| window.wait_s(now_ms)).max();
        wait_s.map_or(Ok(()), |wait_s| Err(Refusal::TooFast { wait_s }))
    }

    /// Counts a change that was made. Only granted requests count, because a refused request is neither written nor announced.
    pub fn count(&mut self, by: &ChangeBy, kind: Paced, now_ms: u64) {
        // The maps have only the people and rooms of the last minute.
        self.people.retain(|_, window| window.is_in_use(now_ms));
        self.rooms.retain(|_, window| window.is_in_use(now_ms));
        let window = |most| move || RateWindow::new(most, MINUTE_MS);
        // `check` has said that there is room in both windows.
        let of_person = self.people.entry((by.user.clone(), kind));
        let _ = of_person.or_insert_with(window(kind.most_of_person())).take(now_ms);
        let (of_room, most_in_room) = by.window_of_room(kind);
        let of_room = self.rooms.entry(of_room);
        let _ = of_room.or_insert_with(window(most_in_room)).take(now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: usize) -> UserId {
        UserId::parse(&format!("user-{number:0>10}")).expect("an id")
    }

    fn room(number: usize) -> RoomId {
        RoomId::parse(&format!("room-{number:0>10}")).expect("an id")
    }

    /// A change by this person in this room, which somebody else owns.
    fn co_host(of_user: usize, of_room: usize) -> ChangeBy {
        ChangeBy {
            user: user(of_user),
            room: room(of_room),
            is_owner: false,
        }
    }

    fn owner(of_user: usize, of_room: usize) -> ChangeBy {
        ChangeBy {
            is_owner: true,
            ..co_host(of_user, of_room)
        }
    }

    /// How many of 1,000 changes are allowed. `at` returns who makes the change with this number.
    fn passed(pace: &mut HostPace, at: impl Fn(usize) -> ChangeBy, kind: Paced) -> usize {
        let mut change = |number| {
            let by = at(number);
            let may = pace.check(&by, kind, 0);
            if may.is_ok() {
                pace.count(&by, kind, 0);
            }
            may.is_ok()
        };
        (0..1_000).filter(|number| change(*number)).count()
    }

    #[test]
    fn a_person_is_limited_in_all_rooms_together_and_a_room_for_all_hosts_together() {
        for kind in [Paced::Switch, Paced::Action] {
            let by_one = |number| co_host(1, number);
            assert_eq!(passed(&mut HostPace::default(), by_one, kind), kind.most_of_person());
            let in_one = |number| co_host(number, 1);
            assert_eq!(passed(&mut HostPace::default(), in_one, kind), kind.most_in_room());
        }
    }

    #[test]
    fn other_hosts_do_not_use_up_the_changes_of_the_owner_nor_the_owner_theirs() {
        for kind in [Paced::Switch, Paced::Action] {
            let mut pace = HostPace::default();
            let others = |number| co_host(2 + number, 1);
            assert_eq!(passed(&mut pace, others, kind), kind.most_in_room());
            assert_eq!(passed(&mut pace, |_| owner(1, 1), kind), kind.most_of_person());
            let mut pace = HostPace::default();
            assert_eq!(passed(&mut pace, |_| owner(1, 1), kind), kind.most_of_person());
            assert_eq!(passed(&mut pace, others, kind), kind.most_in_room());
        }
    }

    #[test]
    fn owners_who_hand_a_room_on_are_limited_together() {
        for kind in [Paced::Switch, Paced::Action] {
            let mut pace = HostPace::default();
            assert_eq!(
                passed(&mut pace, |number| owner(number, 1), kind),
                kind.most_of_person()
            );
        }
    }

    #[test]
    fn the_limit_ends_after_a_minute_and_nothing_is_remembered_longer() {
        let mut pace = HostPace::default();
        for _ in 0..Paced::Switch.most_of_person() {
            pace.count(&co_host(1, 1), Paced::Switch, 5_000);
        }
        let check = |pace: &HostPace, kind, now_ms| pace.check(&co_host(1, 1), kind, now_ms);
        assert_eq!(
            check(&pace, Paced::Switch, 35_000),
            Err(Refusal::TooFast { wait_s: 30 })
        );
        assert_eq!(check(&pace, Paced::Action, 35_000), Ok(()), "a host can still ban");
        assert_eq!(check(&pace, Paced::Switch, 65_000), Ok(()));
        pace.count(&co_host(2, 2), Paced::Switch, 65_000);
        assert_eq!((pace.people.len(), pace.rooms.len()), (1, 1));
    }
}
