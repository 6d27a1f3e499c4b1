//! Hosts and owners: handing over, coming back in time, stand-ins, permanent rooms, and ending a room.

use super::{
    properties::ROOMY,
    stage::{MINUTE_MS, action, endings, entries, is_barred, leave, refusal, request, role, staged},
    *,
};
use crate::{
    model::{host_kind::HostKind, moderation_log::Deed, stage::HOST_AWAY_SECONDS},
    server::voice::roles::{ModerationRecord, Rank},
};

#[test]
fn a_room_is_handed_over_and_the_new_host_can_undo_it() {
    let mut registry = staged();
    let handed = entries(&action(&mut registry, 1, ModerationAction::HandOver, "Cem"))[0].0;
    assert_eq!(
        (role(&registry, "Ada"), role(&registry, "Cem")),
        (Role::CoHost, Role::Host)
    );
    assert_eq!(registry.page(&room()).expect("a room").info.host, person("Cem"));
    assert_eq!(
        refusal(&request(&mut registry, 1, StageRequest::Undo { number: handed })),
        Some(Refusal::NotYours)
    );
    let effects = request(&mut registry, 3, StageRequest::Undo { number: handed });
    assert!(effects.iter().any(
        |effect| matches!(effect, Effect::Persist { what: Persist::Host(host), .. } if *host == person("Ada").id)
    ));
    assert_eq!(
        (role(&registry, "Ada"), role(&registry, "Cem")),
        (Role::Host, Role::Listener)
    );
}

#[test]
fn after_60_s_without_the_host_the_co_host_who_has_been_there_longest_takes_over() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::MakeCoHost, "Dee");
    action(&mut registry, 1, ModerationAction::MakeCoHost, "Cem");
    let away_ms = u64::from(HOST_AWAY_SECONDS) * 1_000;
    leave(&mut registry, 1, 0);
    registry.tick(away_ms - 1);
    assert_eq!(role(&registry, "Ada"), Role::Host);
    enter(&mut registry, 5, "Ada");
    registry.tick(away_ms * 2);
    assert_eq!(role(&registry, "Ada"), Role::Host, "Ada came back in time");

    leave(&mut registry, 5, away_ms * 2);
    let effects = registry.tick(away_ms * 3);
    assert_eq!(
        (role(&registry, "Cem"), role(&registry, "Dee"), role(&registry, "Ada")),
        (Role::Host, Role::CoHost, Role::Listener)
    );
    let info = registry.page(&room()).expect("a room").info;
    assert_eq!(
        (info.host_kind(), info.owned_by),
        (HostKind::Appointed, person("Ada").id)
    );
    let all = entries(&effects);
    assert!(
        all.iter()
            .any(|(_, deed)| matches!(deed, Deed::Role { to: Role::Host, .. })),
        "{all:?}"
    );
}

#[test]
fn without_a_co_host_a_speaker_takes_over_or_else_a_listener() {
    let away_ms = u64::from(HOST_AWAY_SECONDS) * 1_000;
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::Invite, "Cem");
    request(&mut registry, 3, StageRequest::Answer { accept: true });
    leave(&mut registry, 1, 0);
    registry.tick(away_ms);
    assert_eq!(role(&registry, "Cem"), Role::Host);
    leave(&mut registry, 3, away_ms);
    registry.tick(away_ms * 2);
    assert_eq!(
        role(&registry, "Ben"),
        Role::Host,
        "somebody must be able to invite to the stage"
    );
}

#[test]
fn a_host_whose_socket_is_lost_can_come_back_for_60_s() {
    let mut registry = staged();
    let connection = ConnectionId(1);
    registry.apply(Command::Lose { connection }, 0);
    registry.tick(GONE_AFTER_MS);
    registry.tick(u64::from(HOST_AWAY_SECONDS) * 1_000 - 1);
    assert_eq!(role(&registry, "Ada"), Role::Host);
    registry.tick(u64::from(HOST_AWAY_SECONDS) * 1_000);
    assert_eq!(role(&registry, "Ben"), Role::Host);
}

#[test]
fn a_permanent_room_stays_idle_on_the_list_and_its_owner_is_host_again() {
    let mut registry = staged();
    request(&mut registry, 1, StageRequest::SetPermanent { on: true });
    action(&mut registry, 1, ModerationAction::Ban, "Dee");
    leave(&mut registry, 1, 0);
    registry.tick(u64::from(HOST_AWAY_SECONDS) * 1_000);
    assert_eq!(role(&registry, "Ben"), Role::Host);
    for connection in [2, 3] {
        leave(&mut registry, connection, MINUTE_MS);
    }
    registry.tick(MINUTE_MS * 1_000);
    let cards = registry.cards();
    assert!(cards[0].faces.is_empty() && !is_listed_for_all(&cards[0]));
    assert_eq!(
        (role(&registry, "Ada"), &cards[0].info.host),
        (Role::Host, &person("Ada"))
    );
    assert!(is_barred(&registry, "Dee", MINUTE_MS * 1_000), "bans stay");
    enter(&mut registry, 5, "Ada");
    request(&mut registry, 5, StageRequest::SetPermanent { on: false });
    leave(&mut registry, 5, MINUTE_MS * 1_000);
    assert_eq!(registry.tick(MINUTE_MS * 1_001), vec![expired()]);
}

/// Ada opens the room with this number, and joins it on the connection with the same number.
fn open_another(registry: &mut RoomRegistry, number: u32) -> RoomId {
    let id = RoomId::parse(&format!("room-number-{number}")).expect("an id");
    open(
        registry,
        RoomInfo {
            id: id.clone(),
            ..info()
        },
    );
    watch_as(registry, number.into(), id.clone(), visitor("Ada"));
    join(registry, number.into());
    id
}

#[test]
fn one_person_owns_at_most_ten_permanent_rooms() {
    let mut registry = RoomRegistry::new(ROOMY, WallClock::new(EPOCH_S, 0));
    let stand = |registry: &mut RoomRegistry, number: u32| {
        open_another(registry, number);
        refusal(&request(
            registry,
            number.into(),
            StageRequest::SetPermanent { on: true },
        ))
    };
    let refused = (0..=PERMANENT_ROOMS_MAX).filter_map(|number| stand(&mut registry, number));
    let too_many = Refusal::TooManyPermanent {
        most: PERMANENT_ROOMS_MAX,
    };
    assert_eq!(refused.collect::<Vec<_>>(), [too_many]);

    // An eleventh room can't be handed to Ada either.
    let given = RoomId::parse("room-given-0").expect("an id");
    let of_ben = RoomInfo {
        id: given.clone(),
        host: person("Ben"),
        owned_by: person("Ben").id,
        ..info()
    };
    open(&mut registry, of_ben);
    for (connection, name) in [(100, "Ben"), (101, "Ada")] {
        watch_as(&mut registry, connection, given.clone(), visitor(name));
        join(&mut registry, connection);
    }
    request(&mut registry, 100, StageRequest::SetPermanent { on: true });
    assert_eq!(
        refusal(&action(&mut registry, 100, ModerationAction::HandOver, "Ada")),
        Some(too_many)
    );
    request(&mut registry, 0, StageRequest::SetPermanent { on: false });
    assert_eq!(
        refusal(&action(&mut registry, 100, ModerationAction::HandOver, "Ada")),
        None
    );
}

#[test]
fn the_host_ends_the_room_for_everybody() {
    let mut registry = staged();
    watch(&mut registry, 9, "Eve");
    assert_eq!(
        refusal(&request(&mut registry, 2, StageRequest::End)),
        Some(Refusal::NotYours)
    );
    let effects = request(&mut registry, 1, StageRequest::End);
    assert_eq!(
        endings(&effects),
        [Ending::RoomEnded { by: Some("Ada".into()) }],
        "one signal for everybody"
    );
    let by = Some(person("Ada").id);
    let ended = Effect::Persist {
        room: room(),
        what: Persist::Ended { by },
    };
    assert!(effects.contains(&ended) && effects.contains(&Effect::RoomsChanged) && !registry.has_room(&room()));
}

#[test]
fn a_room_remembers_co_hosts_and_bans_across_a_restart() {
    let mut registry = RoomRegistry::new(ROOMY, WallClock::new(EPOCH_S, 0));
    let co_host = ModerationRecord {
        rank: Rank::CoHost,
        ..ModerationRecord::default()
    };
    let banned = ModerationRecord {
        bar: Some(Barred {
            person: person("Cem"),
            until_s: None,
            guest: false,
        }),
        ..ModerationRecord::default()
    };
    let restored = Restored {
        records: vec![(person("Ben").id, co_host), (person("Cem").id, banned)],
        log: vec![],
        owner_left_at_s: None,
    };
    registry.apply(Command::Open { info: info(), restored }, 0);
    assert!(role(&registry, "Ben") == Role::CoHost && is_barred(&registry, "Cem", 0));
}

#[test]
fn a_guest_who_has_added_an_address_is_handed_a_room_without_joining_again() {
    let mut registry = with_ada_and_the_guest_gus();
    let person = person("Gus");
    registry.apply(Command::Rename { person }, 0);
    assert_eq!(
        refusal(&action(&mut registry, 1, ModerationAction::HandOver, "Gus")),
        None
    );
    assert_eq!(role(&registry, "Gus"), Role::Host);
}

#[test]
fn a_ban_says_whether_the_person_is_a_guest_at_that_moment() {
    for has_added_an_address in [false, true] {
        let mut registry = with_ada_and_the_guest_gus();
        let person = person("Gus");
        if has_added_an_address {
            registry.apply(Command::Rename { person: person.clone() }, 0);
        }
        action(&mut registry, 1, ModerationAction::Ban, "Gus");
        let (_, bar) = registry.find_role_and_ban(&room(), &person.id, 0).expect("a room");
        assert_eq!(bar.expect("banned").guest, !has_added_an_address);
    }
}

/// A room with Ada (the host) and Gus, a guest, on the connections 1 and 2.
fn with_ada_and_the_guest_gus() -> RoomRegistry {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    let gus = RoomVisitor {
        person: Person {
            guest: true,
            ..person("Gus")
        },
        ..visitor("Gus")
    };
    watch_as(&mut registry, 2, room(), gus);
    join(&mut registry, 2);
    registry
}

#[test]
fn a_guest_is_not_handed_a_room_and_a_muted_person_is_the_last_to_take_over() {
    let mut registry = with_ada_and_the_guest_gus();
    assert_eq!(
        refusal(&action(&mut registry, 1, ModerationAction::HandOver, "Gus")),
        Some(Refusal::NotPossible)
    );
    action(&mut registry, 1, ModerationAction::Mute, "Gus");
    enter(&mut registry, 3, "Cem");
    leave(&mut registry, 1, 0);
    registry.tick(u64::from(HOST_AWAY_SECONDS) * 1_000);
    assert_eq!(
        (role(&registry, "Cem"), role(&registry, "Gus")),
        (Role::Host, Role::Speaker)
    );
}
