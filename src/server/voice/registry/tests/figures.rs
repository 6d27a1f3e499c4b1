//! The figures count rooms by their state, and the people inside.

use super::*;
use crate::server::voice::figures::RoomFigures;

#[test]
fn a_room_is_live_while_somebody_is_inside_and_a_permanent_room_is_always_listed() {
    let mut registry = registry();
    let permanent = RoomInfo {
        id: RoomId::parse("room-111111").expect("an id"),
        rules: Rules {
            permanent: true,
            ..Rules::default()
        },
        ..info()
    };
    open(&mut registry, permanent);
    let idle = RoomFigures {
        all: 2,
        live: 0,
        listed: 1,
        permanent: 1,
        people: 0,
    };
    assert_eq!(registry.read_figures(), idle);
    enter(&mut registry, 1, "Ada");
    watch(&mut registry, 2, "Ben");
    let live = RoomFigures {
        live: 1,
        listed: 2,
        people: 1,
        ..idle
    };
    assert_eq!(registry.read_figures(), live);
    enter(&mut registry, 3, "Ben");
    assert_eq!(registry.read_figures(), RoomFigures { people: 2, ..live });
}
