//! The hall's rules, with `now` passed in.

use super::*;
use crate::{
    model::room::Participant,
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

fn hall() -> Hall {
    let mut hall = Hall::default();
    let sign = Sign {
        id: room(),
        topic: "Tea".into(),
        kind: RoomKind::Open,
        host: person("Ada"),
    };
    assert_eq!(hall.apply(Command::Open { sign }, 0), vec![]);
    hall
}

fn enter(hall: &mut Hall, connection: u64, name: &str) -> Vec<Effect> {
    let command = Command::Enter {
        connection: ConnectionId(connection),
        room: room(),
        person: person(name),
        session: session(name),
    };
    hall.apply(command, 0)
}

fn names(hall: &Hall) -> Vec<String> {
    hall.page(&room())
        .map(|page| page.roster.into_iter().map(|p| p.person.name).collect())
        .unwrap_or_default()
}

#[test]
fn a_newcomer_is_told_everything_and_the_others_the_news() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    let effects = enter(&mut hall, 2, "Ben");
    let news = Participant {
        person: person("Ben"),
        host: false,
        away: false,
    };
    let page = hall.page(&room()).expect("a room");
    assert_eq!(
        effects,
        vec![
            Effect::Tell {
                connection: ConnectionId(1),
                signal: ServerSignal::Roster {
                    joined: vec![news],
                    left: vec![],
                    changed: vec![]
                }
            },
            Effect::RoomsChanged,
            Effect::Tell {
                connection: ConnectionId(2),
                signal: ServerSignal::Joined {
                    you: person("Ben").id,
                    room: page
                }
            },
        ]
    );
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
    assert_eq!(hall.next_tick_ms(), Some(1_000 + AWAY_AFTER_MS));
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
    assert_eq!(hall.tick(FADE_AFTER_MS * 6), vec![Effect::Faded { room: room() }]);
    assert!(!hall.has_room(&room()));
    assert_eq!(enter(&mut hall, 2, "Ada"), vec![]);
}

#[test]
fn a_signed_out_session_is_cut_and_the_persons_other_device_stays() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    let other = Command::Enter {
        connection: ConnectionId(2),
        room: room(),
        person: person("Ada"),
        session: session("phone"),
    };
    hall.apply(other, 0);
    let effects = hall.apply(
        Command::CutSession {
            session: session("Ada"),
        },
        0,
    );
    assert_eq!(
        effects,
        vec![
            Effect::Tell {
                connection: ConnectionId(1),
                signal: ServerSignal::Ended { why: Ending::SignedOut }
            },
            Effect::Forget {
                connection: ConnectionId(1)
            },
        ]
    );
    assert_eq!(names(&hall), ["Ada"]);
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
