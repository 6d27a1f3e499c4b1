//! The stage: hands, invitations, the modes, and which faces the list shows.

use super::{properties::ROOMY, *};
use crate::model::moderation_log::Deed;

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

pub(super) fn entries(effects: &[Effect]) -> Vec<(u32, Deed)> {
    let entry = |effect: &Effect| match effect {
        Effect::Persist {
            what: Persist::LogEntry(entry),
            ..
        } => Some((entry.number, entry.deed)),
        _ => None,
    };
    effects.iter().filter_map(entry).collect()
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
fn everybody_inside_can_raise_a_hand_in_both_modes_and_unmuting_lowers_it() {
    let raise = StageRequest::Hand { up: true };
    for mode in Mode::ALL {
        let mut registry = staged();
        action(&mut registry, 1, ModerationAction::MakeCoHost, "Ben");
        action(&mut registry, 1, ModerationAction::Invite, "Cem");
        request(&mut registry, 3, StageRequest::Answer { accept: true });
        if mode == Mode::Everyone {
            request(&mut registry, 1, StageRequest::Mode { mode });
        }
        for (connection, name) in [(1, "Ada"), (2, "Ben"), (3, "Cem"), (4, "Dee")] {
            let raised = refusal(&request(&mut registry, connection, raise.clone()));
            assert_eq!(
                (raised, part(&registry, name).hand),
                (None, Some(connection as u32)),
                "{mode:?}"
            );
        }
        assert_eq!(refusal(&unmute(&mut registry, 3)), None);
        let cem = part(&registry, "Cem");
        assert_eq!(
            (cem.hand, cem.hand_since_s, cem.muted),
            (None, None, false),
            "Cem speaks now"
        );
        assert_eq!(part(&registry, "Ada").hand, Some(1), "the other hands stay up");
        // A hand that is raised while the microphone is open stays up: Cem lets somebody finish.
        assert_eq!(refusal(&request(&mut registry, 3, raise.clone())), None);
        assert_eq!(part(&registry, "Cem").hand, Some(5));
    }
}

#[test]
fn a_host_lowers_only_the_hands_of_people_below_them() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::MakeCoHost, "Ben");
    for connection in 1..=4 {
        request(&mut registry, connection, StageRequest::Hand { up: true });
    }
    let lower = |registry: &mut RoomRegistry, by: u64, about: &str| {
        let about = person(about).id;
        refusal(&request(registry, by, StageRequest::LowerHand { about }))
    };
    assert_eq!(lower(&mut registry, 3, "Dee"), Some(Refusal::NotYours), "only hosts");
    assert_eq!(
        lower(&mut registry, 2, "Ada"),
        Some(Refusal::NotYours),
        "nobody above them"
    );
    assert_eq!(lower(&mut registry, 2, "Eve"), Some(Refusal::NotPossible), "not inside");
    assert_eq!(lower(&mut registry, 2, "Cem"), None);
    assert_eq!(
        (part(&registry, "Cem").hand, part(&registry, "Dee").hand),
        (None, Some(4))
    );
    assert_eq!(
        lower(&mut registry, 2, "Cem"),
        Some(Refusal::NotPossible),
        "it is down already"
    );
    assert_eq!(lower(&mut registry, 1, "Ben"), None);
}

/// The server's time in the welcome of somebody who opens the room's page at `now_ms`.
fn welcomed(registry: &mut RoomRegistry, connection: u64, name: &str, now_ms: u64) -> i64 {
    let watch = Command::Watch {
        connection: ConnectionId(connection),
        room: room(),
        visitor: visitor(name),
    };
    let now_s = |effect: Effect| match effect {
        Effect::Tell {
            signal: ServerSignal::Welcome { now_s, .. },
            ..
        } => Some(now_s),
        _ => None,
    };
    let told = registry.apply(watch, now_ms);
    told.into_iter().find_map(now_s).expect("a welcome")
}

#[test]
fn pages_from_before_and_after_a_jump_of_the_wall_clock_show_how_long_a_hand_is_up() {
    for jump_s in [3_600, -3_600] {
        let mut registry = staged();
        // This page is open before the jump, and goes on with the time from its welcome.
        let before_s = welcomed(&mut registry, 9, "Eve", 60_000);
        request_at(&mut registry, 3, StageRequest::Hand { up: true }, 90_000);
        let since = |registry: &RoomRegistry, name: &str| part(registry, name).hand_since_s.expect("a hand is up");
        assert_eq!((before_s, since(&registry, "Cem")), (EPOCH_S + 60, EPOCH_S + 90));
        assert_eq!(part(&registry, "Ada").hand_since_s, None);
        assert!(registry.set_wall_clock(WallClock::new(EPOCH_S + 210 + jump_s, 210_000)));
        request_at(&mut registry, 2, StageRequest::Hand { up: true }, 220_000);
        let after_s = welcomed(&mut registry, 10, "Fay", 240_000);
        let waits = |now_s: i64| (now_s - since(&registry, "Cem"), now_s - since(&registry, "Ben"));
        // Both pages look at 240 s: the first 180 s after its welcome, and the second at once.
        assert_eq!(
            (waits(before_s + 180), waits(after_s)),
            ((150, 20), (150, 20)),
            "{jump_s}"
        );
    }
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
fn stepping_down_lowers_the_hand() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::Invite, "Ben");
    request(&mut registry, 2, StageRequest::Answer { accept: true });
    request(&mut registry, 2, StageRequest::Hand { up: true });
    request(&mut registry, 2, StageRequest::StepDown);
    let ben = part(&registry, "Ben");
    assert_eq!((ben.role, ben.hand), (Role::Listener, None));
}

#[test]
fn a_hand_and_an_invitation_end_with_the_role_also_if_an_undo_changes_it() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::Invite, "Ben");
    request(&mut registry, 2, StageRequest::Answer { accept: true });
    let number = entries(&action(&mut registry, 1, ModerationAction::ToAudience, "Ben"))[0].0;
    request(&mut registry, 2, StageRequest::Hand { up: true });
    action(&mut registry, 1, ModerationAction::Invite, "Ben");
    let ben = part(&registry, "Ben");
    assert!(ben.role == Role::Listener && ben.hand.is_some() && ben.invited);
    assert_eq!(refusal(&request(&mut registry, 1, StageRequest::Undo { number })), None);
    let ben = part(&registry, "Ben");
    assert_eq!((ben.role, ben.hand, ben.invited), (Role::Speaker, None, false));

    request(&mut registry, 1, StageRequest::Hand { up: true });
    action(&mut registry, 1, ModerationAction::HandOver, "Ben");
    let ada = part(&registry, "Ada");
    assert_eq!((ada.role, ada.hand), (Role::CoHost, None));
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
fn hands_and_invitations_are_limited_per_minute() {
    let mut registry = staged();
    let raise = |registry: &mut RoomRegistry| {
        let raised = refusal(&request(registry, 2, StageRequest::Hand { up: true }));
        request(registry, 2, StageRequest::Hand { up: false });
        raised
    };
    assert!((0..6).all(|_| raise(&mut registry).is_none()));
    assert_eq!(raise(&mut registry), Some(Refusal::TooFast { wait_s: 60 }));
    for _ in 0..3 {
        assert_eq!(
            refusal(&action(&mut registry, 1, ModerationAction::Invite, "Cem")),
            None
        );
        request(&mut registry, 3, StageRequest::Answer { accept: false });
    }
    assert_eq!(
        refusal(&action(&mut registry, 1, ModerationAction::Invite, "Cem")),
        Some(Refusal::TooFast { wait_s: 60 })
    );
    let raised = request_at(&mut registry, 2, StageRequest::Hand { up: true }, MINUTE_MS);
    assert_eq!(refusal(&raised), None);
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
