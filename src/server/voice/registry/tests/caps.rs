//! The limits on participants of a room, and on voice connections of a person and an address.

use super::*;

#[test]
fn a_join_over_a_limit_is_refused_with_the_reason() {
    let mut registry = registry();
    for (connection, name) in [(1, "Ada"), (2, "Ben"), (3, "Cem")] {
        enter(&mut registry, connection, name);
    }
    watch(&mut registry, 4, "Dee");
    let most = CAPS.people_per_room;
    assert_eq!(registry.may_join(ConnectionId(4)), Err(Refusal::RoomFull { most }));
    watch(&mut registry, 5, "Ada");
    assert_eq!(
        registry.may_join(ConnectionId(5)),
        Ok(()),
        "a second page of a participant is allowed"
    );
    join(&mut registry, 5);
    watch(&mut registry, 6, "Ada");
    let most = CAPS.peers_per_user;
    assert_eq!(registry.may_join(ConnectionId(6)), Err(Refusal::ManyOfYours { most }));
    assert_eq!(
        registry.may_join(ConnectionId(5)),
        Ok(()),
        "a replaced voice connection does not count twice"
    );
    assert_eq!(registry.may_join(ConnectionId(99)), Err(Refusal::NotJoined));
}

#[test]
fn a_full_room_lets_its_owner_in() {
    let mut registry = registry();
    for (connection, name) in [(1, "Ben"), (2, "Cem"), (3, "Dee")] {
        enter(&mut registry, connection, name);
    }
    watch(&mut registry, 4, "Eve");
    let most = CAPS.people_per_room;
    assert_eq!(registry.may_join(ConnectionId(4)), Err(Refusal::RoomFull { most }));
    watch(&mut registry, 5, "Ada");
    assert_eq!(registry.may_join(ConnectionId(5)), Ok(()));
    join(&mut registry, 5);
    assert_eq!(registry.may_join(ConnectionId(4)), Err(Refusal::RoomFull { most }));
}

#[test]
fn an_address_has_a_limited_number_of_voice_connections() {
    let caps = VoiceCaps {
        people_per_room: 100,
        ..CAPS
    };
    let mut registry = RoomRegistry::new(caps, WallClock::new(EPOCH_S, 0));
    open(&mut registry, info());
    for (connection, name) in ["Ada", "Ben", "Cem", "Dee", "Eve"].into_iter().enumerate() {
        watch_from(&mut registry, connection as u64, name, session(name), 7);
        if connection < 4 {
            join(&mut registry, connection as u64);
        }
    }
    let most = CAPS.peers_per_address;
    assert_eq!(
        registry.may_join(ConnectionId(4)),
        Err(Refusal::ManyFromAddress { most })
    );
    registry.apply(
        Command::Leave {
            connection: ConnectionId(0),
        },
        0,
    );
    assert_eq!(registry.may_join(ConnectionId(4)), Ok(()));
}
