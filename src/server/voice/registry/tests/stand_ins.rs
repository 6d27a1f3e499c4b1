//! Hosts who host because the owner of the room is away: what they can't take from the owner, and how the owner hosts again.

use super::{
    stage::{action, entries, leave, part, refusal, request, role, staged, unmute},
    *,
};
use crate::{
    model::{
        host_kind::HostKind,
        stage::{HOST_AWAY_SECONDS, MicLock},
    },
    server::voice::roles::{ModerationRecord, Rank},
};

pub(super) const AWAY_MS: u64 = HOST_AWAY_SECONDS as u64 * 1_000;

pub(super) fn room_info(registry: &RoomRegistry) -> RoomInfo {
    registry.page(&room()).expect("a room").info
}

/// Lets Ben, on connection 2, take over the room of Ada, who leaves at 0 ms.
pub(super) fn hosted_by_ben(registry: &mut RoomRegistry) {
    leave(registry, 1, 0);
    registry.tick(AWAY_MS);
    assert_eq!(room_info(registry).host, person("Ben"));
}

#[test]
fn the_owner_hosts_again_as_soon_as_they_come_in_and_nobody_can_remove_them() {
    for permanent in [false, true] {
        let mut registry = staged();
        if permanent {
            request(&mut registry, 1, StageRequest::SetPermanent { on: true });
        }
        hosted_by_ben(&mut registry);
        let owner = room_info(&registry).absent_owner.expect("Ada is away");
        assert_eq!(
            (owner.name.as_str(), owner.appointed, owner.for_long),
            ("Ada", false, false)
        );
        enter(&mut registry, 5, "Ada");
        assert_eq!(
            (role(&registry, "Ada"), role(&registry, "Ben")),
            (Role::Host, Role::Listener)
        );
        assert_eq!(room_info(&registry).absent_owner, None);
        for act in [ModerationAction::Remove, ModerationAction::Ban, ModerationAction::Mute] {
            let refused = refusal(&action(&mut registry, 2, act, "Ada"));
            assert_eq!(refused, Some(Refusal::NotYours), "{act:?}");
        }
    }
}

#[test]
fn a_person_to_whom_the_room_was_handed_over_owns_it_and_hosts_again() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::HandOver, "Cem");
    leave(&mut registry, 3, 0);
    registry.tick(AWAY_MS);
    // Ada has been a co-host since she handed the room over.
    let info = room_info(&registry);
    assert_eq!((info.host, info.owned_by), (person("Ada"), person("Cem").id));
    enter(&mut registry, 5, "Cem");
    assert_eq!(
        (role(&registry, "Cem"), role(&registry, "Ada")),
        (Role::Host, Role::CoHost)
    );
}

#[test]
fn a_co_host_who_hosts_hands_on_only_the_part_of_the_host() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::MakeCoHost, "Ben");
    hosted_by_ben(&mut registry);
    assert_eq!(
        refusal(&action(&mut registry, 2, ModerationAction::HandOver, "Cem")),
        None
    );
    let info = room_info(&registry);
    assert_eq!((&info.host, &info.owned_by), (&person("Cem"), &person("Ada").id));
    assert_eq!(info.host_kind(), HostKind::StandIn, "Ada has not chosen Cem");
    assert_eq!(role(&registry, "Ben"), Role::CoHost);
    assert_eq!(
        refusal(&request(&mut registry, 3, StageRequest::End)),
        Some(Refusal::StandIn)
    );
    enter(&mut registry, 5, "Ada");
    assert_eq!(
        (role(&registry, "Ada"), role(&registry, "Cem")),
        (Role::Host, Role::Listener)
    );
}

#[test]
fn a_former_owner_who_stands_in_cannot_undo_handing_the_room_over() {
    let mut registry = staged();
    let number = entries(&action(&mut registry, 1, ModerationAction::HandOver, "Cem"))[0].0;
    action(&mut registry, 3, ModerationAction::HandOver, "Dee");
    action(&mut registry, 4, ModerationAction::TakeCoHost, "Cem");
    leave(&mut registry, 1, 0);
    leave(&mut registry, 2, 0);
    leave(&mut registry, 4, 0);
    registry.tick(AWAY_MS);
    assert_eq!(room_info(&registry).host, person("Cem"));
    let effects = request(&mut registry, 3, StageRequest::Undo { number });
    assert_eq!(refusal(&effects), Some(Refusal::StandIn));
    assert_eq!(room_info(&registry).owned_by, person("Dee").id);
}

#[test]
fn a_restart_does_not_forget_whom_the_owner_has_chosen() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::MakeCoHost, "Ben");
    leave(&mut registry, 1, 0);
    let took_over = registry.tick(AWAY_MS);
    let is_record = |effect: &Effect| {
        let what = match effect {
            Effect::Persist { what, .. } => Some(what),
            _ => None,
        };
        matches!(what, Some(Persist::Record { .. }))
    };
    assert!(!took_over.iter().any(is_record), "the stored rank stays: {took_over:?}");

    let mut registry = RoomRegistry::new(super::properties::ROOMY, WallClock::new(EPOCH_S, 0));
    let co_host = ModerationRecord {
        rank: Rank::CoHost,
        ..ModerationRecord::default()
    };
    let restored = Restored {
        records: vec![(person("Ben").id, co_host)],
        ..Restored::default()
    };
    registry.apply(Command::Open { info: info(), restored }, 0);
    enter(&mut registry, 3, "Cem");
    enter(&mut registry, 2, "Ben");
    registry.tick(AWAY_MS);
    let info = room_info(&registry);
    assert_eq!((info.host_kind(), &info.host), (HostKind::Appointed, &person("Ben")));
}

#[test]
fn hosting_while_the_owner_is_away_lifts_no_mute() {
    let mut registry = staged();
    for name in ["Ben", "Cem", "Dee"] {
        action(&mut registry, 1, ModerationAction::Mute, name);
    }
    hosted_by_ben(&mut registry);
    assert_eq!(refusal(&unmute(&mut registry, 2)), None);
    enter(&mut registry, 5, "Ada");
    let ben = part(&registry, "Ben");
    assert!(ben.muted && ben.mic_lock == Some(MicLock::ByHost));
}
