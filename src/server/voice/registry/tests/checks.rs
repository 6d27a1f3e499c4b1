//! Connection checks: they count towards the limits, and end by themselves. And who may ask about whose voice connection.

use super::*;
use crate::server::voice::{
    checks::CHECK_MAX_MS,
    command::{CheckVisitor, WatchedVoice},
};

fn check(registry: &mut RoomRegistry, connection: u64, name: &str) {
    let connection = ConnectionId(connection);
    let RoomVisitor {
        person,
        session,
        address,
        ..
    } = visitor(name);
    let visitor = CheckVisitor {
        user: person.id,
        session,
        address,
    };
    registry.apply(Command::OpenCheck { connection, visitor }, 0);
}

#[test]
fn a_check_counts_like_a_voice_connection_in_a_room() {
    let mut registry = registry();
    let most = CAPS.peers_per_user;
    for connection in 1..=u64::from(most) {
        check(&mut registry, connection, "Ada");
        assert_eq!(registry.may_join(ConnectionId(connection)), Ok(()));
        join(&mut registry, connection);
        assert_eq!(
            registry.may_join(ConnectionId(connection)),
            Ok(()),
            "the next way of the same check"
        );
    }
    watch(&mut registry, 8, "Ada");
    assert_eq!(registry.may_join(ConnectionId(8)), Err(Refusal::ManyOfYours { most }));
    check(&mut registry, 9, "Ada");
    assert_eq!(registry.may_join(ConnectionId(9)), Err(Refusal::ManyOfYours { most }));
    let connection = ConnectionId(1);
    assert_eq!(
        registry.apply(Command::Lose { connection }, 0),
        [Effect::Forget { connection }]
    );
    assert_eq!(registry.may_join(ConnectionId(8)), Ok(()));
    assert!(names(&registry).is_empty(), "a check is in no room");
}

#[test]
fn a_check_ends_with_its_time_and_with_its_session() {
    let mut registry = RoomRegistry::new(CAPS, WallClock::new(EPOCH_S, 0));
    assert!(!registry.needs_ticks());
    check(&mut registry, 1, "Ada");
    check(&mut registry, 2, "Ben");
    join(&mut registry, 2);
    assert!(registry.needs_ticks());
    let session = session("Ada");
    let told = tell(&[1], ServerSignal::Ended { why: Ending::SignedOut });
    let forget = |connection| Effect::Forget {
        connection: ConnectionId(connection),
    };
    assert_eq!(
        registry.apply(Command::DisconnectSession { session }, 0),
        [told, forget(1)]
    );
    assert!(registry.tick(CHECK_MAX_MS - 1).is_empty());
    assert_eq!(registry.tick(CHECK_MAX_MS), [forget(2)]);
    assert!(!registry.needs_ticks());
}

#[test]
fn everybody_may_ask_about_themselves_and_only_hosts_about_others() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    enter(&mut registry, 2, "Ben");
    watch(&mut registry, 3, "Cem");
    let ask = |registry: &RoomRegistry, asking, of: &str| {
        registry.find_watched_voice(ConnectionId(asking), &person(of).id, 5_000)
    };
    let voice = |connection, level_for_ms| {
        Ok(WatchedVoice {
            connection: Some(ConnectionId(connection)),
            level_for_ms,
        })
    };
    assert_eq!(ask(&registry, 2, "Ben"), voice(2, u64::MAX));
    assert_eq!(ask(&registry, 2, "Ada"), Err(Refusal::NotYours));
    assert_eq!(ask(&registry, 3, "Cem"), Err(Refusal::NotJoined));
    assert_eq!(ask(&registry, 1, "Cem"), Err(Refusal::NotPossible));
    assert_eq!(ask(&registry, 1, "Ben"), voice(2, 0), "Ben is muted");
    let connection = ConnectionId(2);
    registry.apply(Command::Mute { connection, on: false }, 3_000);
    assert_eq!(
        ask(&registry, 1, "Ben"),
        voice(2, 2_000),
        "not what Ben said while muted"
    );
    registry.apply(Command::Unplug { connection }, 0);
    let none = WatchedVoice {
        connection: None,
        level_for_ms: 0,
    };
    assert_eq!(ask(&registry, 1, "Ben"), Ok(none));
    check(&mut registry, 4, "Ben");
    join(&mut registry, 4);
    assert_eq!(ask(&registry, 4, "Ben"), voice(4, u64::MAX));
    assert_eq!(ask(&registry, 4, "Ada"), Err(Refusal::NotYours));
}

#[test]
fn of_several_connections_the_one_with_the_open_microphone_counts() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    enter(&mut registry, 2, "Ben");
    enter(&mut registry, 3, "Ben");
    let connection = ConnectionId(3);
    registry.apply(Command::Mute { connection, on: false }, 0);
    let of_ben = |asking| {
        let voice = registry.find_watched_voice(ConnectionId(asking), &person("Ben").id, 0);
        voice.expect("allowed").connection
    };
    assert_eq!(of_ben(1), Some(ConnectionId(3)));
    assert_eq!(
        of_ben(2),
        Some(ConnectionId(2)),
        "your own is that of the page that asks"
    );
}
