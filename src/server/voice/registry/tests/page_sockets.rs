//! Several sockets of one page: the newest takes the place of the others, and a lost one keeps its place for a moment.

use super::*;
use crate::model::id::PageId;

/// Opens a socket of Ada's page, or of a page with the same id and another session.
fn watch_page(registry: &mut RoomRegistry, connection: u64, session: SessionId, now_ms: u64) -> Vec<Effect> {
    let visitor = RoomVisitor {
        session,
        page: PageId::parse("page-of-ada"),
        ..visitor("Ada")
    };
    let (connection, room) = (ConnectionId(connection), room());
    let command = Command::Watch {
        connection,
        room,
        visitor,
    };
    registry.apply(command, now_ms)
}

fn mute(registry: &mut RoomRegistry, connection: u64, on: bool) -> Vec<Effect> {
    let connection = ConnectionId(connection);
    registry.apply(Command::Mute { connection, on }, 0)
}

fn lose(registry: &mut RoomRegistry, connection: u64, now_ms: u64) -> Vec<Effect> {
    let connection = ConnectionId(connection);
    registry.apply(Command::Lose { connection }, now_ms)
}

fn moved(from: u64, to: u64) -> Effect {
    Effect::Move {
        from: ConnectionId(from),
        to: ConnectionId(to),
    }
}

fn forgets(effects: &[Effect], connection: u64) -> bool {
    let connection = ConnectionId(connection);
    effects.contains(&Effect::Forget { connection })
}

/// Ada is inside on socket 1 of her page, unmuted. Ben is inside on socket 9.
fn ada_and_ben() -> RoomRegistry {
    let mut registry = registry();
    watch_page(&mut registry, 1, session("Ada"), 0);
    join(&mut registry, 1);
    mute(&mut registry, 1, false);
    enter(&mut registry, 9, "Ben");
    registry
}

#[test]
fn a_newer_socket_of_the_page_takes_over_and_nobody_else_notices() {
    let mut registry = ada_and_ben();
    let effects = watch_page(&mut registry, 2, session("Ada"), 0);
    assert_eq!(effects[0], moved(1, 2), "the voice connection moves first");
    let to_others = |effect: &Effect| matches!(effect, Effect::Tell { to, .. } if to.contains(&ConnectionId(9)));
    assert!(!effects.iter().any(to_others), "{effects:?}");
    let Effect::Tell {
        signal: ServerSignal::Welcome { room, .. },
        ..
    } = &effects[1]
    else {
        panic!("not a welcome: {effects:?}");
    };
    assert!(room.roster.iter().any(|one| one.person.name == "Ada" && !one.muted));
    let is_panel = |effect: &Effect| matches!(effect, Effect::Tell { to, signal: ServerSignal::ModerationPanel { .. } } if *to == ids(&[2]));
    assert!(effects.iter().any(is_panel), "Ada hosts");
    // The old socket has nothing left to lose.
    assert_eq!(lose(&mut registry, 1, 0), vec![]);
    assert_eq!(mute(&mut registry, 1, true), vec![]);
    assert_eq!(names(&registry), ["Ada", "Ben"]);
    assert_eq!(mute(&mut registry, 2, true).len(), 1);
}

#[test]
fn what_the_page_has_sent_on_the_old_socket_just_before_reaches_the_room() {
    let mut registry = ada_and_ben();
    watch_page(&mut registry, 2, session("Ada"), 0);
    watch_page(&mut registry, 3, session("Ada"), 0);
    assert_eq!(mute(&mut registry, 1, true).len(), 1);
    assert_eq!(
        mute(&mut registry, 2, false),
        vec![],
        "the page repeats this if it is still so"
    );
    assert!(registry.page(&room()).expect("a room").roster[0].muted);
    let connection = ConnectionId(1);
    assert!(forgets(&registry.apply(Command::Leave { connection }, 0), 3));
    assert_eq!(names(&registry), ["Ben"]);
    assert_eq!(lose(&mut registry, 2, 0), vec![]);
}

#[test]
fn a_page_that_moves_counts_for_the_address_that_admitted_it() {
    let caps = VoiceCaps {
        peers_per_address: 1,
        ..CAPS
    };
    let mut registry = RoomRegistry::new(caps, WallClock::new(EPOCH_S, 0));
    open(&mut registry, info());
    watch_page(&mut registry, 1, session("Ada"), 0);
    join(&mut registry, 1);
    let elsewhere = RoomVisitor {
        page: PageId::parse("page-of-ada"),
        address: [192, 0, 2, 99].into(),
        ..visitor("Ada")
    };
    let effects = watch_as(&mut registry, 2, room(), elsewhere);
    assert_eq!(effects[0], moved(1, 2));
    watch_from(&mut registry, 3, "Ben", session("Ben"), 1);
    let refused = Err(Refusal::ManyFromAddress { most: 1 });
    assert_eq!(registry.may_join(ConnectionId(3)), refused);
    watch_from(&mut registry, 4, "Cem", session("Cem"), 99);
    assert_eq!(registry.may_join(ConnectionId(4)), Ok(()));
}

#[test]
fn lost_pages_do_not_keep_their_own_person_out() {
    let mut registry = ada_and_ben();
    enter(&mut registry, 2, "Ada");
    watch(&mut registry, 3, "Ada");
    let most = CAPS.peers_per_user;
    assert_eq!(registry.may_join(ConnectionId(3)), Err(Refusal::ManyOfYours { most }));
    lose(&mut registry, 1, 0);
    assert_eq!(registry.may_join(ConnectionId(3)), Ok(()));
    let effects = join(&mut registry, 3);
    assert!(forgets(&effects, 1), "{effects:?}");
    assert_eq!(names(&registry), ["Ada", "Ben"]);
    watch(&mut registry, 4, "Ada");
    assert_eq!(registry.may_join(ConnectionId(4)), Err(Refusal::ManyOfYours { most }));
}

#[test]
fn after_a_crash_the_lost_microphone_does_not_show_as_open() {
    for (returns_with, is_closed) in [("Ada", true), ("phone", false)] {
        let mut registry = ada_and_ben();
        lose(&mut registry, 1, 0);
        watch_from(&mut registry, 2, "Ada", session(returns_with), 1);
        join(&mut registry, 2);
        let page = registry.page(&room()).expect("a room");
        assert_eq!(page.roster[0].muted, is_closed, "{returns_with}");
    }
}

#[test]
fn another_session_or_another_page_takes_nothing_over() {
    let mut registry = ada_and_ben();
    for effects in [
        watch_page(&mut registry, 2, session("phone"), 0),
        watch(&mut registry, 3, "Ada"),
    ] {
        assert!(
            !effects.iter().any(|effect| matches!(effect, Effect::Move { .. })),
            "{effects:?}"
        );
    }
    assert_eq!(mute(&mut registry, 1, true).len(), 1, "the first socket still counts");
}

#[test]
fn a_newer_socket_is_told_again_that_the_voice_does_not_arrive() {
    let mut registry = ada_and_ben();
    let unheard = |connection| tell(&[connection], ServerSignal::VoiceArrives { arrives: false });
    assert_eq!(registry.tick(2_000), [unheard(1)]);
    watch_page(&mut registry, 2, session("Ada"), 2_000);
    assert_eq!(registry.tick(2_100), [unheard(2)]);
    assert_eq!(registry.tick(2_200), []);
}

#[test]
fn a_page_whose_microphone_was_closed_by_another_device_during_the_gap_is_told() {
    let mut registry = ada_and_ben();
    watch_from(&mut registry, 3, "Ada", session("phone"), 3);
    join(&mut registry, 3);
    mute(&mut registry, 3, false);
    let effects = watch_page(&mut registry, 2, session("Ada"), 0);
    assert!(
        effects.contains(&tell(&[2], ServerSignal::MutedElsewhere)),
        "{effects:?}"
    );
}

#[test]
fn a_lost_socket_of_a_page_keeps_the_voice_until_the_person_is_gone() {
    let mut registry = ada_and_ben();
    assert_eq!(lose(&mut registry, 1, 1_000), vec![]);
    assert_eq!(lose(&mut registry, 1, 1_500), vec![], "the driver may say so twice");
    let is_muted = |registry: &RoomRegistry| registry.page(&room()).expect("a room").roster[0].muted;
    registry.tick(1_000 + AWAY_AFTER_MS);
    assert!(registry.page(&room()).expect("a room").roster[0].away && !is_muted(&registry));
    let effects = watch_page(&mut registry, 2, session("Ada"), 1_000 + GONE_AFTER_MS - 1);
    assert_eq!(effects[0], moved(1, 2));
    let back = ParticipantInfo {
        muted: false,
        ..participant_info("Ada", 1)
    };
    assert!(
        effects.contains(&tell(&[2, 9], roster(vec![], vec![back]))),
        "{effects:?}"
    );
    let told = registry.tick(60_000);
    assert_eq!(
        told,
        [tell(&[2], ServerSignal::VoiceArrives { arrives: false })],
        "nothing else"
    );

    lose(&mut registry, 2, 60_000);
    assert!(!forgets(&registry.tick(60_000 + GONE_AFTER_MS - 1), 2));
    assert!(forgets(&registry.tick(60_000 + GONE_AFTER_MS), 2));
    assert_eq!(names(&registry), ["Ben"]);
    assert!(watch_page(&mut registry, 4, session("Ada"), 70_000)[0] != moved(2, 4));
}

#[test]
fn somebody_who_is_removed_while_their_socket_is_lost_is_not_heard_any_more() {
    let mut registry = ada_and_ben();
    lose(&mut registry, 1, 0);
    let effects = registry.apply(
        Command::DisconnectSession {
            session: session("Ada"),
        },
        10,
    );
    assert!(forgets(&effects, 1), "{effects:?}");
    assert_eq!(names(&registry), ["Ben"]);
}

#[test]
fn a_socket_that_only_watches_is_forgotten_at_once() {
    let mut registry = registry();
    watch_page(&mut registry, 1, session("Ada"), 0);
    assert!(forgets(&lose(&mut registry, 1, 0), 1));
}
