//! What ends a socket for good, whoever is at it.

use super::*;

#[test]
fn whose_account_is_switched_off_is_cut_on_every_device() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    watch_from(&mut hall, 2, "Ada", session("phone"), 2);
    enter(&mut hall, 3, "Ben");
    let user = person("Ada").id;
    let why = Ending::Disabled;
    let effects = hall.apply(Command::CutUser { user, why }, 0);
    for connection in [1, 2] {
        assert!(effects.contains(&told(&[connection], ServerSignal::Ended { why })));
    }
    assert_eq!(names(&hall), ["Ben"]);
}

#[test]
fn a_room_that_is_ended_is_gone_at_once_and_everybody_is_told() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    watch(&mut hall, 2, "Ben");
    let end = || Command::End { room: room() };
    let forget = |connection| Effect::Forget {
        connection: ConnectionId(connection),
    };
    let why = Ending::RoomEnded;
    assert_eq!(
        hall.apply(end(), 0),
        vec![
            told(&[1, 2], ServerSignal::Ended { why }),
            forget(1),
            forget(2),
            Effect::RoomsChanged,
            faded(),
        ]
    );
    assert!(!hall.has_room(&room()) && hall.cards().is_empty());
    let mute = Command::Mute {
        connection: ConnectionId(1),
        on: false,
    };
    assert_eq!(hall.apply(mute, 0), vec![]);
    assert_eq!(hall.apply(end(), 0), vec![], "once");
}
