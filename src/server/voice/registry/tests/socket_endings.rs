//! The events that close all sockets of a person or a room for good.

use super::*;

#[test]
fn a_user_who_is_deactivated_is_disconnected_on_every_device() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    watch_from(&mut registry, 2, "Ada", session("phone"), 2);
    enter(&mut registry, 3, "Ben");
    let user = person("Ada").id;
    let why = Ending::Disabled;
    let effects = registry.apply(Command::DisconnectUser { user, why: why.clone() }, 0);
    for connection in [1, 2] {
        assert!(effects.contains(&tell(&[connection], ServerSignal::Ended { why: why.clone() })));
    }
    assert_eq!(names(&registry), ["Ben"]);
}

#[test]
fn ending_a_room_removes_it_at_once_and_tells_everybody() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    watch(&mut registry, 2, "Ben");
    let end = || Command::End { room: room() };
    let forget = |connection| Effect::Forget {
        connection: ConnectionId(connection),
    };
    let why = Ending::RoomEnded { by: None };
    assert_eq!(
        registry.apply(end(), 0),
        vec![
            tell(&[1, 2], ServerSignal::Ended { why }),
            forget(1),
            forget(2),
            Effect::RoomsChanged,
            expired(),
        ]
    );
    assert!(!registry.has_room(&room()) && registry.cards().is_empty());
    let mute = Command::Mute {
        connection: ConnectionId(1),
        on: false,
    };
    assert_eq!(registry.apply(mute, 0), vec![]);
    assert_eq!(registry.apply(end(), 0), vec![], "a room can end only once");
}
