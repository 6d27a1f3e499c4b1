//! The stage: hands, invitations, and who is on it.

use super::{properties::ROOMY, *};
use crate::model::moderation::Deed;

pub(super) const MINUTE_MS: u64 = 60_000;

/// Ada, who hosts, Ben, Cem and Dee sit in a room with a stage, on the connections 1 to 4.
pub(super) fn staged() -> Hall {
    let mut hall = Hall::new(ROOMY, EPOCH_S);
    let rules = Rules {
        mode: Mode::Stage,
        ..Rules::default()
    };
    open(&mut hall, Sign { rules, ..sign() });
    for (connection, name) in [(1, "Ada"), (2, "Ben"), (3, "Cem"), (4, "Dee")] {
        enter(&mut hall, connection, name);
    }
    hall
}

pub(super) fn wish_at(hall: &mut Hall, connection: u64, wish: Wish, now_ms: u64) -> Vec<Effect> {
    let connection = ConnectionId(connection);
    hall.apply(Command::Wish { connection, wish }, now_ms)
}

pub(super) fn wish(hall: &mut Hall, connection: u64, asked: Wish) -> Vec<Effect> {
    wish_at(hall, connection, asked, 0)
}

pub(super) fn act(hall: &mut Hall, connection: u64, act: Act, about: &str) -> Vec<Effect> {
    let about = person(about).id;
    wish(hall, connection, Wish::Act { about, act })
}

pub(super) fn refusal(effects: &[Effect]) -> Option<Refusal> {
    effects.iter().find_map(|effect| match effect {
        Effect::Tell {
            signal: ServerSignal::Refused { why },
            ..
        } => Some(*why),
        _ => None,
    })
}

pub(super) fn endings(effects: &[Effect]) -> Vec<Ending> {
    let ending = |effect: &Effect| match effect {
        Effect::Tell {
            signal: ServerSignal::Ended { why },
            ..
        } => Some(*why),
        _ => None,
    };
    effects.iter().filter_map(ending).collect()
}

pub(super) fn entries(effects: &[Effect]) -> Vec<(u32, Deed)> {
    let entry = |effect: &Effect| match effect {
        Effect::Keep {
            what: Keep::Entry(entry),
            ..
        } => Some((entry.number, entry.deed)),
        _ => None,
    };
    effects.iter().filter_map(entry).collect()
}

pub(super) fn part(hall: &Hall, name: &str) -> Participant {
    let page = hall.page(&room()).expect("a room");
    page.roster
        .into_iter()
        .find(|one| one.person.name == name)
        .expect("inside")
}

pub(super) fn role(hall: &Hall, name: &str) -> Role {
    hall.find_standing(&room(), &person(name).id, 0).expect("a room").0
}

pub(super) fn is_barred(hall: &Hall, name: &str, now_ms: u64) -> bool {
    hall.find_standing(&room(), &person(name).id, now_ms)
        .expect("a room")
        .1
        .is_some()
}

pub(super) fn unmute(hall: &mut Hall, connection: u64) -> Vec<Effect> {
    let connection = ConnectionId(connection);
    hall.apply(Command::Mute { connection, on: false }, 0)
}

pub(super) fn leave(hall: &mut Hall, connection: u64, now_ms: u64) {
    let connection = ConnectionId(connection);
    hall.apply(Command::Leave { connection }, now_ms);
}

#[test]
fn a_hand_an_invitation_and_one_talks() {
    let mut hall = staged();
    assert_eq!(refusal(&unmute(&mut hall, 2)), Some(Refusal::Listening));
    wish(&mut hall, 3, Wish::Hand { up: true });
    wish(&mut hall, 2, Wish::Hand { up: true });
    assert!(
        part(&hall, "Cem").hand < part(&hall, "Ben").hand,
        "in the order of raising"
    );
    act(&mut hall, 1, Act::Invite, "Ben");
    assert!(part(&hall, "Ben").invited && role(&hall, "Ben") == Role::Listener);
    wish(&mut hall, 2, Wish::Answer { accept: true });
    let ben = part(&hall, "Ben");
    assert_eq!(
        (ben.role, ben.hand, ben.invited, ben.muted),
        (Role::Speaker, None, false, true)
    );
    assert_eq!(refusal(&unmute(&mut hall, 2)), None);
    wish(&mut hall, 2, Wish::StepDown);
    let ben = part(&hall, "Ben");
    assert!(ben.role == Role::Listener && ben.muted, "who steps down is silent");
    act(&mut hall, 1, Act::Invite, "Cem");
    wish(&mut hall, 3, Wish::Answer { accept: false });
    let cem = part(&hall, "Cem");
    assert_eq!((cem.role, cem.hand, cem.invited), (Role::Listener, None, false));
    assert_eq!(
        refusal(&wish(&mut hall, 3, Wish::Answer { accept: true })),
        Some(Refusal::NotPossible)
    );
}

#[test]
fn who_only_looks_in_can_ask_for_nothing() {
    let mut hall = staged();
    watch(&mut hall, 9, "Ada");
    for asked in [Wish::Hand { up: true }, Wish::End, Wish::Mode { mode: Mode::Everyone }] {
        assert_eq!(refusal(&wish(&mut hall, 9, asked)), Some(Refusal::NotJoined));
    }
}

#[test]
fn who_talks_stays_on_the_stage_when_the_host_switches() {
    let mut hall = hall();
    for (connection, name) in [(1, "Ada"), (2, "Ben"), (3, "Cem")] {
        enter(&mut hall, connection, name);
    }
    unmute(&mut hall, 2);
    wish(&mut hall, 1, Wish::Mode { mode: Mode::Stage });
    assert_eq!(
        (role(&hall, "Ben"), role(&hall, "Cem")),
        (Role::Speaker, Role::Listener)
    );
    assert!(!part(&hall, "Ben").muted, "nobody is torn out of a sentence");
    wish(&mut hall, 3, Wish::Hand { up: true });
    wish(&mut hall, 1, Wish::Mode { mode: Mode::Everyone });
    let cem = part(&hall, "Cem");
    assert_eq!((cem.role, cem.hand), (Role::Speaker, None));
}

#[test]
fn hands_and_invitations_have_a_pace() {
    let mut hall = staged();
    let raise = |hall: &mut Hall| {
        let raised = refusal(&wish(hall, 2, Wish::Hand { up: true }));
        wish(hall, 2, Wish::Hand { up: false });
        raised
    };
    assert!((0..6).all(|_| raise(&mut hall).is_none()));
    assert_eq!(raise(&mut hall), Some(Refusal::TooFast { wait_s: 60 }));
    for _ in 0..3 {
        assert_eq!(refusal(&act(&mut hall, 1, Act::Invite, "Cem")), None);
        wish(&mut hall, 3, Wish::Answer { accept: false });
    }
    assert_eq!(
        refusal(&act(&mut hall, 1, Act::Invite, "Cem")),
        Some(Refusal::TooFast { wait_s: 60 })
    );
    let raised = wish_at(&mut hall, 2, Wish::Hand { up: true }, MINUTE_MS);
    assert_eq!(refusal(&raised), None);
}

#[test]
fn the_list_shows_five_faces_those_of_the_stage_first_and_names_the_others() {
    let mut hall = staged();
    for (connection, name) in [(5, "Eve"), (6, "Fay"), (7, "Gus")] {
        enter(&mut hall, connection, name);
    }
    let shown = |hall: &Hall| -> (Vec<String>, Vec<String>) {
        let card = &hall.cards()[0];
        (
            card.faces.iter().map(|face| face.name.clone()).collect(),
            card.others.clone(),
        )
    };
    let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let in_order = (words(&["Ada", "Ben", "Cem", "Dee", "Eve"]), words(&["Fay", "Gus"]));
    assert_eq!(shown(&hall), in_order);
    act(&mut hall, 1, Act::Invite, "Gus");
    let changed = wish(&mut hall, 7, Wish::Answer { accept: true });
    assert!(changed.contains(&Effect::RoomsChanged));
    let on_stage_first = (words(&["Ada", "Gus", "Ben", "Cem", "Dee"]), words(&["Eve", "Fay"]));
    assert_eq!(shown(&hall), on_stage_first);
}
