//! How long the owner of a room has been away, also over a restart, and what follows after 24 hours.

use super::{
    properties::ROOMY,
    stage::{MINUTE_MS, endings, leave, refusal, request_at, staged},
    stand_ins::{AWAY_MS, hosted_by_ben, room_info},
    *,
};
use crate::model::host_kind::OWNER_AWAY_HOURS;

pub(super) const LONG_MS: u64 = OWNER_AWAY_HOURS as u64 * 60 * MINUTE_MS;

#[test]
fn a_stand_in_ends_an_ordinary_room_only_after_the_owner_was_away_for_24_h() {
    let mut registry = staged();
    hosted_by_ben(&mut registry);
    registry.tick(LONG_MS - 1);
    let too_early = request_at(&mut registry, 2, StageRequest::End, LONG_MS - 1);
    assert_eq!(refusal(&too_early), Some(Refusal::StandIn));
    let told = registry.tick(LONG_MS);
    let offers_end = |effect: &Effect| match effect {
        Effect::Tell {
            signal: ServerSignal::RoomInfo { info },
            ..
        } => info.lets_host_request(&StageRequest::End),
        _ => false,
    };
    assert!(told.iter().any(offers_end), "the page learns it: {told:?}");
    let effects = request_at(&mut registry, 2, StageRequest::End, LONG_MS);
    assert_eq!(endings(&effects), [Ending::RoomEnded { by: Some("Ben".into()) }]);
}

#[test]
fn the_24_h_begin_again_when_the_owner_was_inside() {
    let mut registry = staged();
    hosted_by_ben(&mut registry);
    enter(&mut registry, 5, "Ada");
    leave(&mut registry, 5, LONG_MS - 1);
    registry.tick(LONG_MS + AWAY_MS);
    assert_eq!(room_info(&registry).host, person("Ben"));
    let effects = request_at(&mut registry, 2, StageRequest::End, LONG_MS + AWAY_MS);
    assert_eq!(refusal(&effects), Some(Refusal::StandIn));
}

/// When the owner left, as it is stored by these effects; `None` if they store nothing about it.
fn stored_leaving(effects: &[Effect]) -> Option<Option<i64>> {
    effects.iter().find_map(|effect| match effect {
        Effect::Persist {
            what: Persist::OwnerLeft { at_s },
            ..
        } => Some(*at_s),
        _ => None,
    })
}

#[test]
fn the_time_when_the_owner_left_is_stored_and_counts_after_a_restart() {
    let mut registry = staged();
    leave(&mut registry, 1, 5_000);
    let left_at_s = EPOCH_S + 5;
    assert_eq!(stored_leaving(&registry.tick(5_000 + AWAY_MS)), Some(Some(left_at_s)));
    registry.set_wall_clock(WallClock::new(EPOCH_S + 3_600, 0));
    let stored = stored_leaving(&registry.tick(6_000 + AWAY_MS));
    assert_eq!(stored, Some(Some(left_at_s + 3_600)), "the wall clock has jumped");
    assert_eq!(stored_leaving(&enter(&mut registry, 5, "Ada")), Some(None));

    // The server was down for 23 hours after Ada had left, and has run for another hour.
    let hour_s = 3_600;
    let mut registry = RoomRegistry::new(ROOMY, WallClock::new(EPOCH_S, 0));
    let restored = Restored {
        owner_left_at_s: Some(EPOCH_S - 23 * hour_s),
        ..Restored::default()
    };
    registry.apply(Command::Open { info: info(), restored }, 0);
    enter(&mut registry, 2, "Ben");
    registry.tick(AWAY_MS);
    let hour_ms = 60 * MINUTE_MS;
    let too_early = request_at(&mut registry, 2, StageRequest::End, hour_ms - 1);
    assert_eq!(refusal(&too_early), Some(Refusal::StandIn));
    registry.tick(hour_ms);
    let effects = request_at(&mut registry, 2, StageRequest::End, hour_ms);
    assert_eq!(endings(&effects), [Ending::RoomEnded { by: Some("Ben".into()) }]);
}

#[test]
fn a_clock_that_was_a_day_ahead_at_the_start_does_not_make_the_absence_longer() {
    let hour_s = 3_600;
    let mut registry = RoomRegistry::new(ROOMY, WallClock::new(EPOCH_S + 24 * hour_s, 0));
    let restored = Restored {
        owner_left_at_s: Some(EPOCH_S - hour_s),
        ..Restored::default()
    };
    registry.apply(Command::Open { info: info(), restored }, 0);
    enter(&mut registry, 2, "Ben");
    registry.tick(AWAY_MS);
    let for_long = |registry: &RoomRegistry| room_info(registry).absent_owner.map(|owner| owner.for_long);
    assert_eq!(for_long(&registry), Some(true));
    registry.set_wall_clock(WallClock::new(EPOCH_S, 0));
    let effects = registry.tick(AWAY_MS + 1);
    assert_eq!(stored_leaving(&effects), None, "the stored time was right");
    assert_eq!(for_long(&registry), Some(false));
    // A jump ahead while the server runs changes nothing.
    registry.set_wall_clock(WallClock::new(EPOCH_S + 48 * hour_s, 0));
    let end_ms = LONG_MS - 60 * MINUTE_MS;
    registry.tick(end_ms - 1);
    let too_early = request_at(&mut registry, 2, StageRequest::End, end_ms - 1);
    assert_eq!(refusal(&too_early), Some(Refusal::StandIn));
    registry.tick(end_ms);
    let effects = request_at(&mut registry, 2, StageRequest::End, end_ms);
    assert_eq!(endings(&effects), [Ending::RoomEnded { by: Some("Ben".into()) }]);
}
