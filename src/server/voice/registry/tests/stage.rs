//! The stage: invitations, the modes, and which faces the list shows.

use super::{properties::ROOMY, *};
use crate::model::moderation_log::{Deed, LogEntry};

pub(super) const MINUTE_MS: u64 = 60_000;

/// A room with a stage and Ada (the host), Ben, Cem and Dee in it, on the connections 1 to 4.
pub(super) fn staged() -> RoomRegistry {
    let mut registry = RoomRegistry::new(ROOMY, WallClock::new(EPOCH_S, 0));
    let rules = Rules {
        mode: Mode::Stage,
        ..Rules::default()
    };
    open(&mut registry, RoomInfo { rules, ..info() });
    for (connection, name) in [(1, "Ada"), (2, "Ben"), (3, "Cem"), (4, "Dee")] {
        enter(&mut registry, connection, name);
    }
    registry
}

pub(super) fn request_at(
    registry: &mut RoomRegistry,
    connection: u64,
    request: StageRequest,
    now_ms: u64,
) -> Vec<Effect> {
    let connection = ConnectionId(connection);
    registry.apply(Command::StageRequest { connection, request }, now_ms)
}

pub(super) fn request(registry: &mut RoomRegistry, connection: u64, asked: StageRequest) -> Vec<Effect> {
    request_at(registry, connection, asked, 0)
}

pub(super) fn action(
    registry: &mut RoomRegistry,
    connection: u64,
    action: ModerationAction,
    about: &str,
) -> Vec<Effect> {
    let about = person(about).id;
    request(registry, connection, StageRequest::Moderate { about, action })
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
        } => Some(why.clone()),
        _ => None,
    };
    effects.iter().filter_map(ending).collect()
}

/// The entries of the log that are stored.
pub(super) fn log_entries(effects: &[Effect]) -> Vec<LogEntry> {
    let entry = |effect: &Effect| match effect {
        Effect::Persist {
            what: Persist::LogEntry(entry),
            ..
        } => Some(entry.clone()),
        _ => None,
    };
    effects.iter().filter_map(entry).collect()
}

pub(super) fn entries(effects: &[Effect]) -> Vec<(u32, Deed)> {
    let number_and_deed = |entry: LogEntry| (entry.number, entry.deed);
    log_entries(effects).into_iter().map(number_and_deed).collect()
}

pub(super) fn part(registry: &RoomRegistry, name: &str) -> ParticipantInfo {
    let page = registry.page(&room()).expect("a room");
    page.roster
        .into_iter()
        .find(|one| one.person.name == name)
        .expect("inside")
}

pub(super) fn role(registry: &RoomRegistry, name: &str) -> Role {
    registry
        .find_role_and_ban(&room(), &person(name).id, 0)
        .expect("a room")
        .0
}

pub(super) fn is_barred(registry: &RoomRegistry, name: &str, now_ms: u64) -> bool {
    registry
        .find_role_and_ban(&room(), &person(name).id, now_ms)
        .expect("a room")
        .1
        .is_some()
}

pub(super) fn unmute(registry: &mut RoomRegistry, connection: u64) -> Vec<Effect> {
    let connection = ConnectionId(connection);
    registry.apply(Command::Mute { connection, on: false }, 0)
}

pub(super) fn leave(registry: &mut RoomRegistry, connection: u64, now_ms: u64) {
    let connection = ConnectionId(connection);
    registry.apply(Command::Leave { connection }, now_ms);
}

#[test]
fn a_listener_raises_a_hand_is_invited_and_talks() {
    let mut registry = staged();
    assert_eq!(refusal(&unmute(&mut registry, 2)), Some(Refusal::Listening));
    request(&mut registry, 3, StageRequest::Hand { up: true });
    request(&mut registry, 2, StageRequest::Hand { up: true });
    assert!(
        part(&registry, "Cem").hand < part(&registry, "Ben").hand,
        "in the order of raising"
    );
    action(&mut registry, 1, ModerationAction::Invite, "Ben");
    assert!(part(&registry, "Ben").invited && role(&registry, "Ben") == Role::Listener);
    request(&mut registry, 2, StageRequest::Answer { accept: true });
    let ben = part(&registry, "Ben");
    assert_eq!(
        (ben.role, ben.hand, ben.invited, ben.muted),
        (Role::Speaker, None, false, true)
    );
    assert_eq!(refusal(&unmute(&mut registry, 2)), None);
    request(&mut registry, 2, StageRequest::StepDown);
    let ben = part(&registry, "Ben");
    assert!(ben.role == Role::Listener && ben.muted, "stepping down mutes");
    action(&mut registry, 1, ModerationAction::Invite, "Cem");
    request(&mut registry, 3, StageRequest::Answer { accept: false });
    let cem = part(&registry, "Cem");
    assert_eq!((cem.role, cem.hand, cem.invited), (Role::Listener, None, false));
    assert_eq!(
        refusal(&request(&mut registry, 3, StageRequest::Answer { accept: true })),
        Some(Refusal::NotPossible)
    );
}

#[test]
fn only_the_invited_person_is_told_who_invites_them_and_again_when_they_join_again() {
    let mut registry = staged();
    let told = |effects: &[Effect]| -> Vec<(Vec<ConnectionId>, String)> {
        let told = |effect: &Effect| match effect {
            Effect::Tell {
                to,
                signal: ServerSignal::InvitedByHost { by },
            } => Some((to.clone(), by.clone())),
            _ => None,
        };
        effects.iter().filter_map(told).collect()
    };
    let by_ada = |connection| vec![(ids(&[connection]), "Ada".to_owned())];
    assert_eq!(
        told(&action(&mut registry, 1, ModerationAction::Invite, "Ben")),
        by_ada(2)
    );
    let connection = ConnectionId(2);
    registry.apply(Command::Lose { connection }, 0);
    assert_eq!(told(&enter(&mut registry, 9, "Ben")), by_ada(9));
    request(&mut registry, 9, StageRequest::Answer { accept: false });
    registry.apply(
        Command::Lose {
            connection: ConnectionId(9),
        },
        0,
    );
    assert!(told(&enter(&mut registry, 10, "Ben")).is_empty(), "it is answered");
}

#[test]
fn somebody_who_only_watches_can_ask_for_nothing() {
    let mut registry = staged();
    watch(&mut registry, 9, "Ada");
    for asked in [
        StageRequest::Hand { up: true },
        StageRequest::End,
        StageRequest::Mode { mode: Mode::Everyone },
    ] {
        assert_eq!(refusal(&request(&mut registry, 9, asked)), Some(Refusal::NotJoined));
    }
}

#[test]
fn people_who_talk_stay_on_the_stage_when_the_host_switches_the_mode() {
    let mut registry = registry();
    for (connection, name) in [(1, "Ada"), (2, "Ben"), (3, "Cem")] {
        enter(&mut registry, connection, name);
    }
    unmute(&mut registry, 2);
    request(&mut registry, 1, StageRequest::Mode { mode: Mode::Stage });
    assert_eq!(
        (role(&registry, "Ben"), role(&registry, "Cem")),
        (Role::Speaker, Role::Listener)
    );
    assert!(
        !part(&registry, "Ben").muted,
        "nobody is cut off in the middle of a sentence"
    );
    request(&mut registry, 3, StageRequest::Hand { up: true });
    request(&mut registry, 1, StageRequest::Mode { mode: Mode::Everyone });
    let cem = part(&registry, "Cem");
    assert_eq!((cem.role, cem.hand), (Role::Speaker, None));
}

#[test]
fn a_card_shows_five_faces_with_the_stage_first_and_counts_the_others() {
    let mut registry = staged();
    for (connection, name) in [(5, "Eve"), (6, "Fay"), (7, "Gus")] {
        enter(&mut registry, connection, name);
    }
    let shown = |registry: &RoomRegistry| -> (Vec<String>, Vec<String>) {
        let card = &registry.cards()[0];
        (
            card.faces.iter().map(|face| face.name.clone()).collect(),
            card.searched_names[card.faces.len()..].to_vec(),
        )
    };
    let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let in_order = (words(&["Ada", "Ben", "Cem", "Dee", "Eve"]), words(&["Fay", "Gus"]));
    assert_eq!(shown(&registry), in_order);
    assert_eq!((registry.cards()[0].more, registry.cards()[0].count()), (2, 7));
    assert_eq!(registry.cards()[0].listeners, 6, "Ada is the only speaker");
    action(&mut registry, 1, ModerationAction::Invite, "Gus");
    let changed = request(&mut registry, 7, StageRequest::Answer { accept: true });
    assert!(changed.contains(&Effect::RoomsChanged));
    let on_stage_first = (words(&["Ada", "Gus", "Ben", "Cem", "Dee"]), words(&["Eve", "Fay"]));
    assert_eq!(shown(&registry), on_stage_first);
    assert_eq!(registry.cards()[0].listeners, 5);
}
