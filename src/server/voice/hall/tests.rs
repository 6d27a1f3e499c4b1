//! The hall's rules, with `now` passed in.

use super::*;
use crate::{
    model::{
        id::SessionId,
        room::{Participant, Rules},
        signal::{Ending, ServerSignal},
        stage::{Act, Mode, Wish},
    },
    server::voice::room::{AWAY_AFTER_MS, FADE_AFTER_MS, GONE_AFTER_MS},
};

fn person(name: &str) -> Person {
    let id = UserId::parse(&format!("user-{name:a<10}")).expect("an id");
    Person {
        id,
        name: name.to_owned(),
        picture: String::new(),
    }
}

fn room() -> RoomId {
    RoomId::parse("room-000000").expect("an id")
}

fn session(name: &str) -> SessionId {
    SessionId::parse(&format!("session-{name}")).expect("an id")
}

const CAPS: Caps = Caps {
    people_per_room: 3,
    peers_per_user: 2,
    peers_per_address: 4,
};

/// The hall's clock began at this unix time.
const EPOCH_S: i64 = 1_700_000_000;

fn sign() -> Sign {
    Sign {
        id: room(),
        topic: "Tea".into(),
        kind: RoomKind::Open,
        host: person("Ada"),
        opened_by: person("Ada").id,
        kept_by: person("Ada").id,
        rules: Rules::default(),
    }
}

fn open(hall: &mut Hall, sign: Sign) {
    let past = Past::default();
    hall.apply(Command::Open { sign, past }, 0);
}

fn hall() -> Hall {
    let mut hall = Hall::new(CAPS, EPOCH_S);
    open(&mut hall, sign());
    hall
}

fn faded() -> Effect {
    Effect::Keep {
        room: room(),
        what: Keep::Ended,
    }
}

fn watch(hall: &mut Hall, connection: u64, name: &str) -> Vec<Effect> {
    watch_from(hall, connection, name, session(name), connection as u8)
}

fn watch_from(hall: &mut Hall, connection: u64, name: &str, session: SessionId, host: u8) -> Vec<Effect> {
    let visitor = Visitor {
        person: person(name),
        session,
        address: std::net::IpAddr::from([192, 0, 2, host]),
        known_since_s: 0,
        guest: false,
    };
    let command = Command::Watch {
        connection: ConnectionId(connection),
        room: room(),
        visitor,
    };
    hall.apply(command, 0)
}

fn join(hall: &mut Hall, connection: u64) -> Vec<Effect> {
    hall.apply(
        Command::Join {
            connection: ConnectionId(connection),
        },
        0,
    )
}

fn enter(hall: &mut Hall, connection: u64, name: &str) -> Vec<Effect> {
    watch(hall, connection, name);
    join(hall, connection)
}

fn roster(joined: Vec<Participant>, changed: Vec<Participant>) -> ServerSignal {
    ServerSignal::Roster {
        joined,
        left: vec![],
        changed,
    }
}

fn participant(name: &str, voice: u32) -> Participant {
    Participant {
        person: person(name),
        role: if name == "Ada" { Role::Host } else { Role::Speaker },
        hand: None,
        invited: false,
        hold: None,
        away: false,
        muted: true,
        voice,
    }
}

fn ids(numbers: &[u64]) -> Vec<ConnectionId> {
    numbers.iter().copied().map(ConnectionId).collect()
}

fn names(hall: &Hall) -> Vec<String> {
    hall.page(&room())
        .map(|page| page.roster.into_iter().map(|p| p.person.name).collect())
        .unwrap_or_default()
}

#[test]
fn who_watches_is_told_everything_and_counted_nowhere() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    let page = hall.page(&room()).expect("a room");
    let welcome = ServerSignal::Welcome {
        you: person("Ben").id,
        room: page.clone(),
        speaking: vec![],
    };
    let told = Effect::Tell {
        to: ids(&[2]),
        signal: welcome,
    };
    assert_eq!(watch(&mut hall, 2, "Ben"), vec![told]);
    assert_eq!(hall.page(&room()), Some(page));
}

#[test]
fn whoever_joins_is_news_for_all_who_look_in() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    watch(&mut hall, 2, "Ben");
    watch(&mut hall, 3, "Cem");
    let told = Effect::Tell {
        to: ids(&[1, 2, 3]),
        signal: roster(vec![participant("Ben", 2)], vec![]),
    };
    assert_eq!(join(&mut hall, 2), vec![told, Effect::RoomsChanged]);
    assert_eq!(names(&hall), ["Ada", "Ben"]);
}

#[test]
fn two_tabs_of_one_person_are_one_participant() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    enter(&mut hall, 2, "Ada");
    assert_eq!(names(&hall), ["Ada"]);
    hall.apply(
        Command::Leave {
            connection: ConnectionId(1),
        },
        0,
    );
    assert_eq!(names(&hall), ["Ada"]);
    hall.apply(
        Command::Leave {
            connection: ConnectionId(2),
        },
        0,
    );
    assert!(names(&hall).is_empty());
}

#[test]
fn a_goodbye_frees_the_seat_at_once_and_a_lost_line_within_5_s() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    enter(&mut hall, 2, "Ben");
    hall.apply(
        Command::Leave {
            connection: ConnectionId(2),
        },
        0,
    );
    assert_eq!(names(&hall), ["Ada"]);
    hall.apply(
        Command::Lose {
            connection: ConnectionId(1),
        },
        1_000,
    );
    hall.tick(1_000 + AWAY_AFTER_MS);
    assert!(hall.page(&room()).expect("a room").roster[0].away);
    hall.tick(1_000 + GONE_AFTER_MS);
    assert!(names(&hall).is_empty());
    const { assert!(GONE_AFTER_MS < 5_000) }
}

#[test]
fn a_seat_is_kept_for_who_comes_back_in_time() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    hall.apply(
        Command::Lose {
            connection: ConnectionId(1),
        },
        0,
    );
    hall.tick(AWAY_AFTER_MS);
    let effects = enter(&mut hall, 2, "Ada");
    assert!(effects.iter().any(
        |effect| matches!(effect, Effect::Tell { signal: ServerSignal::Roster { changed, .. }, .. } if !changed[0].away)
    ));
    assert_eq!(hall.tick(GONE_AFTER_MS * 10), vec![]);
    assert_eq!(names(&hall), ["Ada"]);
}

#[test]
fn an_empty_room_fades_after_60_s_and_not_before() {
    let mut hall = hall();
    assert_eq!(hall.tick(FADE_AFTER_MS - 1), vec![]);
    enter(&mut hall, 1, "Ada");
    assert_eq!(hall.tick(FADE_AFTER_MS * 5), vec![]);
    hall.apply(
        Command::Leave {
            connection: ConnectionId(1),
        },
        FADE_AFTER_MS * 5,
    );
    assert!(hall.cards().is_empty() && hall.has_room(&room()));
    assert_eq!(hall.tick(FADE_AFTER_MS * 6 - 1), vec![]);
    assert_eq!(hall.tick(FADE_AFTER_MS * 6), vec![faded()]);
    assert!(!hall.has_room(&room()));
    assert_eq!(enter(&mut hall, 2, "Ada"), vec![]);
}

#[test]
fn a_room_that_somebody_looks_into_does_not_fade() {
    let mut hall = hall();
    watch(&mut hall, 1, "Ada");
    assert_eq!(hall.tick(FADE_AFTER_MS * 5), vec![]);
    hall.apply(
        Command::Lose {
            connection: ConnectionId(1),
        },
        FADE_AFTER_MS * 5,
    );
    assert_eq!(hall.tick(FADE_AFTER_MS * 6), vec![faded()]);
}

fn told(to: &[u64], signal: ServerSignal) -> Effect {
    Effect::Tell { to: ids(to), signal }
}

#[test]
fn a_new_name_shows_on_roster_and_sign() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    let renamed = Person {
        name: "Countess".into(),
        ..person("Ada")
    };
    hall.apply(
        Command::Rename {
            person: renamed.clone(),
        },
        0,
    );
    let page = hall.page(&room()).expect("a room");
    assert_eq!(
        (page.sign.host, page.roster[0].person.clone()),
        (renamed.clone(), renamed)
    );
}

mod caps;
mod endings;
mod hosts;
mod properties;
mod stage;
mod stage_properties;
mod voices;
