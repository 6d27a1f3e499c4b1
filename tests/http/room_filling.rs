//! Many rooms and many people without requests: they go straight to the voice thread of the program in this process. The people are
//! real participants, but they have no account.

use crate::{raw_peer::RawPeer, test_app::TestApp};
use snug::{
    model::{
        generated_face,
        id::{RoomId, SessionId, UserId},
        room::{Person, RoomInfo, RoomKind, Rules},
    },
    server::voice::{
        RoomHandle,
        command::{Restored, RoomVisitor},
    },
};
use std::{ops::Range, sync::LazyLock};

/// The SDP offer of everybody. No voice connection is ever made, so all people can have the same offer.
static OFFER: LazyLock<String> = LazyLock::new(|| RawPeer::offer().1);

/// The id of the room with this number.
pub fn room_id(number: usize) -> RoomId {
    RoomId::parse(&format!("room-{number:06}")).expect("an id")
}

/// Opens permanent rooms that nobody is in, and waits until they are on the list. A room with a higher number is newer. Their topics
/// are `Room number 000 of many` and so on.
pub async fn open_empty_rooms(app: &TestApp, numbers: Range<usize>) {
    for number in numbers.clone() {
        open(app, number, true);
    }
    until_listed(app, numbers.map(|number| (number, 0))).await;
}

/// Opens ordinary rooms, lets `people` people into each of them, and waits until the list shows them all. `picture` returns a
/// person's picture. The people stay until the handles are dropped.
pub async fn open_full_rooms(
    app: &TestApp,
    numbers: Range<usize>,
    people: usize,
    picture: impl Fn(&str) -> String,
) -> Vec<RoomHandle> {
    open_rooms_of(app, numbers, people, |name| Looks {
        picture: picture(name),
        name: name.to_owned(),
    })
    .await
}

/// What other people see of a person.
pub struct Looks {
    pub name: String,
    pub picture: String,
}

/// Like [`open_full_rooms`], but `looks` also returns a person's name. Its argument is the usual name, which differs for each person.
pub async fn open_rooms_of(
    app: &TestApp,
    numbers: Range<usize>,
    people: usize,
    looks: impl Fn(&str) -> Looks,
) -> Vec<RoomHandle> {
    let mut inside = vec![];
    for number in numbers.clone() {
        open(app, number, false);
        for place in 0..people {
            inside.push(enter_as(app, number, place, &looks).await);
        }
    }
    until_listed(app, numbers.map(|number| (number, people))).await;
    inside
}

/// Lets one more person into a room. `place` differs for each person in the room.
pub async fn enter(app: &TestApp, number: usize, place: usize, picture: impl Fn(&str) -> String) -> RoomHandle {
    enter_as(app, number, place, |name| Looks {
        picture: picture(name),
        name: name.to_owned(),
    })
    .await
}

async fn enter_as(app: &TestApp, number: usize, place: usize, looks: impl Fn(&str) -> Looks) -> RoomHandle {
    let name = format!("Person{number:03}x{place:02}");
    let looks = looks(&name);
    let visitor = RoomVisitor {
        person: Person {
            picture: looks.picture,
            ..Person::named(UserId::parse(&format!("{name}-id")).expect("an id"), looks.name)
        },
        session: SessionId::parse(&format!("{name}-session")).expect("an id"),
        // Each person has an address of their own, because an address may have only a few voice connections.
        address: [
            10,
            number.to_le_bytes()[1],
            number.to_le_bytes()[0],
            place.to_le_bytes()[0],
        ]
        .into(),
        known_since_s: 0,
        ice_servers: vec![],
        page: None,
    };
    let handle = app
        .state
        .voice
        .watch(room_id(number), visitor)
        .await
        .expect("the room is open");
    handle.join(OFFER.clone()).expect("a place in the queue");
    handle
}

/// The drawn face of a person.
pub fn drawn_face(name: &str) -> String {
    generated_face::address(name)
}

fn open(app: &TestApp, number: usize, permanent: bool) {
    let host = Person::named(UserId::parse("nobody-at-all").expect("an id"), "Nobody");
    let rules = Rules {
        permanent,
        ..Rules::default()
    };
    let topic = format!("Room number {number:03} of many");
    let info = RoomInfo::new(room_id(number), topic, RoomKind::Open, host, rules);
    app.state.voice.open_room(info, Restored::default());
}

/// Waits until the list has each of these rooms with this number of people.
pub async fn until_listed(app: &TestApp, rooms: impl Iterator<Item = (usize, usize)>) {
    let wanted: Vec<(RoomId, usize)> = rooms.map(|(number, people)| (room_id(number), people)).collect();
    let mut cards = app.state.voice.watch_rooms();
    cards
        .wait_for(|cards| {
            wanted
                .iter()
                .all(|(id, people)| cards.iter().any(|card| card.info.id == *id && card.count() == *people))
        })
        .await
        .expect("the voice thread runs");
}
