//! Watching, joining, leaving and losing the connection, and when an empty room expires.

use super::*;

#[test]
fn somebody_who_watches_is_told_everything_and_is_not_on_the_roster() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    let page = registry.page(&room()).expect("a room");
    let welcome = ServerSignal::Welcome {
        you: person("Ben").id,
        room: Box::new(page.clone()),
        speaking: vec![],
        now_s: EPOCH_S,
        ice_servers: vec![],
    };
    let tell = Effect::Tell {
        to: ids(&[2]),
        signal: welcome,
    };
    assert_eq!(watch(&mut registry, 2, "Ben"), vec![tell]);
    assert_eq!(registry.page(&room()), Some(page));
}

#[test]
fn everybody_who_watches_is_told_of_a_newcomer() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    watch(&mut registry, 2, "Ben");
    watch(&mut registry, 3, "Cem");
    let tell = Effect::Tell {
        to: ids(&[1, 2, 3]),
        signal: roster(vec![participant_info("Ben", 2)], vec![]),
    };
    assert_eq!(join(&mut registry, 2), vec![tell, Effect::RoomsChanged]);
    assert_eq!(names(&registry), ["Ada", "Ben"]);
}

#[test]
fn two_tabs_of_one_person_are_one_participant() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    enter(&mut registry, 2, "Ada");
    assert_eq!(names(&registry), ["Ada"]);
    registry.apply(
        Command::Leave {
            connection: ConnectionId(1),
        },
        0,
    );
    assert_eq!(names(&registry), ["Ada"]);
    registry.apply(
        Command::Leave {
            connection: ConnectionId(2),
        },
        0,
    );
    assert!(names(&registry).is_empty());
}

#[test]
fn a_participant_is_gone_at_once_after_a_goodbye_and_within_5_s_after_a_loss() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    enter(&mut registry, 2, "Ben");
    registry.apply(
        Command::Leave {
            connection: ConnectionId(2),
        },
        0,
    );
    assert_eq!(names(&registry), ["Ada"]);
    registry.apply(
        Command::Lose {
            connection: ConnectionId(1),
        },
        1_000,
    );
    registry.tick(1_000 + AWAY_AFTER_MS);
    assert!(registry.page(&room()).expect("a room").roster[0].away);
    registry.tick(1_000 + GONE_AFTER_MS);
    assert!(names(&registry).is_empty());
    const { assert!(GONE_AFTER_MS < 5_000) }
}

#[test]
fn a_lost_participant_who_comes_back_in_time_stays_on_the_roster() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    registry.apply(
        Command::Lose {
            connection: ConnectionId(1),
        },
        0,
    );
    registry.tick(AWAY_AFTER_MS);
    let effects = enter(&mut registry, 2, "Ada");
    assert!(effects.iter().any(
        |effect| matches!(effect, Effect::Tell { signal: ServerSignal::Roster { changed, .. }, .. } if !changed[0].away)
    ));
    assert_eq!(registry.tick(GONE_AFTER_MS * 10), vec![]);
    assert_eq!(names(&registry), ["Ada"]);
}

#[test]
fn an_empty_room_expires_after_60_s_and_not_before() {
    let mut registry = registry();
    assert_eq!(registry.tick(EXPIRE_AFTER_MS - 1), vec![]);
    enter(&mut registry, 1, "Ada");
    assert_eq!(registry.tick(EXPIRE_AFTER_MS * 5), vec![]);
    registry.apply(
        Command::Leave {
            connection: ConnectionId(1),
        },
        EXPIRE_AFTER_MS * 5,
    );
    assert!(registry.cards().is_empty() && registry.has_room(&room()));
    assert_eq!(registry.tick(EXPIRE_AFTER_MS * 6 - 1), vec![]);
    assert_eq!(registry.tick(EXPIRE_AFTER_MS * 6), vec![expired()]);
    assert!(!registry.has_room(&room()));
    assert_eq!(enter(&mut registry, 2, "Ada"), vec![]);
}

#[test]
fn a_room_that_somebody_watches_does_not_expire() {
    let mut registry = registry();
    watch(&mut registry, 1, "Ada");
    assert_eq!(registry.tick(EXPIRE_AFTER_MS * 5), vec![]);
    registry.apply(
        Command::Lose {
            connection: ConnectionId(1),
        },
        EXPIRE_AFTER_MS * 5,
    );
    assert_eq!(registry.tick(EXPIRE_AFTER_MS * 6), vec![expired()]);
}

#[test]
fn a_new_name_shows_on_the_roster_and_in_the_room_info() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    let renamed = Person {
        name: "Countess".into(),
        ..person("Ada")
    };
    registry.apply(
        Command::Rename {
            person: renamed.clone(),
        },
        0,
    );
    let page = registry.page(&room()).expect("a room");
    assert_eq!(
        (page.info.host, page.roster[0].person.clone()),
        (renamed.clone(), renamed)
    );
}
