//! What waits, in which order, and what replaces what.

use super::*;
use crate::{
    model::{
        moderation_log::{Deed, LogEntry},
        room::Rules,
        stage::Mode,
    },
    server::voice::roles::{ModerationRecord, Rank},
};

fn room(name: &str) -> RoomId {
    RoomId::parse(&format!("room-{name:0<10}")).expect("an id")
}

fn record(name: &str, rank: Rank) -> Persist {
    let user = UserId::parse(&format!("user-{name:a<10}")).expect("an id");
    let record = ModerationRecord {
        rank,
        ..ModerationRecord::default()
    };
    Persist::Record { user, record }
}

fn entry(number: u32, undone: bool) -> Persist {
    Persist::LogEntry(LogEntry {
        number,
        at_s: 0,
        by: None,
        about: None,
        deed: Deed::Muted,
        undone,
        can_undo: false,
    })
}

fn rules(mode: Mode) -> Persist {
    Persist::Rules(Rules {
        mode,
        ..Rules::default()
    })
}

fn drain(pending: &mut PendingChanges) -> Vec<(RoomId, Persist)> {
    std::iter::from_fn(|| pending.take()).collect()
}

#[test]
fn the_latest_state_of_a_person_replaces_the_one_that_waits() {
    let mut pending = PendingChanges::default();
    for rank in [Rank::CoHost, Rank::Speaker] {
        pending.add(room("a"), record("Ben", rank));
        pending.add(room("a"), record("Cem", Rank::CoHost));
        pending.add(room("b"), record("Ben", Rank::Listener));
    }
    let expected = [
        (room("a"), record("Ben", Rank::Speaker)),
        (room("a"), record("Cem", Rank::CoHost)),
        (room("b"), record("Ben", Rank::Listener)),
    ];
    assert_eq!(drain(&mut pending), expected);
    pending.add(room("a"), record("Ben", Rank::Speaker));
    assert_eq!(pending.len(), 1, "a change that was taken does not hide a later one");
}

#[test]
fn log_entries_keep_their_order_and_an_undone_one_its_place() {
    let mut pending = PendingChanges::default();
    for number in 1..=3 {
        pending.add(room("a"), entry(number, false));
    }
    pending.add(room("a"), entry(2, true));
    let expected = [entry(1, false), entry(2, true), entry(3, false)].map(|entry| (room("a"), entry));
    assert_eq!(drain(&mut pending), expected);
}

#[test]
fn a_hundred_thousand_switches_of_one_room_wait_as_one_rule_and_the_newest_200_entries() {
    let mut pending = PendingChanges::default();
    for number in 1..=100_000 {
        pending.add(room("a"), rules(Mode::ALL[number as usize % 2]));
        pending.add(room("a"), entry(number, false));
    }
    assert_eq!(pending.len(), 1 + LOG_MAX);
    assert_eq!(pending.places.len(), 1 + LOG_MAX);
    let last = drain(&mut pending).pop();
    assert_eq!(last, Some((room("a"), entry(100_000, false))));
}

#[test]
fn of_a_room_that_has_ended_only_the_end_is_written() {
    let mut pending = PendingChanges::default();
    pending.add(room("a"), record("Ben", Rank::CoHost));
    pending.add(room("b"), rules(Mode::Stage));
    pending.add(room("a"), entry(1, false));
    pending.add(room("a"), Persist::Ended { by: None });
    let expected = [
        (room("b"), rules(Mode::Stage)),
        (room("a"), Persist::Ended { by: None }),
    ];
    assert_eq!(drain(&mut pending), expected);
    assert!(pending.is_empty() && pending.places.is_empty());
}
