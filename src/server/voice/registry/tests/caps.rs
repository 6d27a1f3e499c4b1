//! How many may be inside, and how many of them one person or address.

use super::*;

#[test]
fn over_a_cap_is_a_reason() {
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
        "a second page of somebody inside"
    );
    join(&mut registry, 5);
    watch(&mut registry, 6, "Ada");
    let most = CAPS.peers_per_user;
    assert_eq!(registry.may_join(ConnectionId(6)), Err(Refusal::ManyOfYours { most }));
    assert_eq!(registry.may_join(ConnectionId(5)), Ok(()), "made anew is not one more");
    assert_eq!(registry.may_join(ConnectionId(99)), Err(Refusal::NotJoined));
}

#[test]
fn an_address_has_so_many_voices() {
    let caps = VoiceCaps {
        people_per_room: 100,
        ..CAPS
    };
    let mut registry = RoomRegistry::new(caps, EPOCH_S);
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
