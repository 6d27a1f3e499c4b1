//! How often hosts may change things: what is over the limit is refused, changes nothing and is announced to nobody.

use super::{
    properties::ROOMY,
    stage::{MINUTE_MS, action, is_barred, leave, refusal, request, request_at, role, staged},
    *,
};
use crate::server::voice::host_pace::Paced;

/// How many of 100 switches of the mode by this connection are granted at `now_ms`. Checks that a refused one does nothing.
fn granted_switches(registry: &mut RoomRegistry, connection: u64, now_ms: u64) -> usize {
    let mut granted = 0;
    for _ in 0..100 {
        let before = registry.page(&room()).expect("a room");
        let mode = match before.info.rules.mode {
            Mode::Everyone => Mode::Stage,
            Mode::Stage => Mode::Everyone,
        };
        let effects = request_at(registry, connection, StageRequest::Mode { mode }, now_ms);
        match refusal(&effects) {
            None => granted += 1,
            Some(why) => {
                assert!(matches!(why, Refusal::TooFast { wait_s: 1..=60 }), "{why:?}");
                assert_eq!(effects, [Effect::refuse(ConnectionId(connection), why)]);
                assert_eq!(registry.page(&room()), Some(before));
            }
        }
    }
    granted
}

#[test]
fn of_100_switches_within_a_minute_12_are_granted_also_after_leaving_and_coming_back() {
    let mut registry = staged();
    assert_eq!(granted_switches(&mut registry, 1, 0), 12);
    leave(&mut registry, 1, 0);
    enter(&mut registry, 5, "Ada");
    assert_eq!(granted_switches(&mut registry, 5, MINUTE_MS - 1), 0);
    assert_eq!(granted_switches(&mut registry, 5, MINUTE_MS), 12);
}

#[test]
fn undo_permanence_new_accounts_and_handing_over_count_with_the_mode() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::MakeCoHost, "Ben");
    assert_eq!(granted_switches(&mut registry, 1, 0), 12);
    let refused = [
        StageRequest::Undo { number: 1 },
        StageRequest::SetPermanent { on: true },
        StageRequest::MuteNewAccounts { minutes: 5 },
        StageRequest::Moderate {
            about: person("Cem").id,
            action: ModerationAction::HandOver,
        },
    ];
    for asked in refused {
        let why = refusal(&request(&mut registry, 1, asked.clone()));
        assert_eq!(why, Some(Refusal::TooFast { wait_s: 60 }), "{asked:?}");
    }
}

#[test]
fn a_host_who_switched_too_often_can_still_ban() {
    let mut registry = staged();
    granted_switches(&mut registry, 1, 0);
    assert_eq!(refusal(&action(&mut registry, 1, ModerationAction::Ban, "Dee")), None);
    assert!(is_barred(&registry, "Dee", 0));
}

#[test]
fn muting_and_unmuting_somebody_is_limited_to_60_a_minute() {
    let mut registry = staged();
    let mut granted = 0;
    for at in 0..200 {
        let deed = [ModerationAction::Mute, ModerationAction::LetUnmute][at % 2];
        let effects = action(&mut registry, 1, deed, "Ben");
        granted += usize::from(!effects.is_empty() && refusal(&effects).is_none());
    }
    assert_eq!(granted, Paced::Action.most_of_person());
}

#[test]
fn two_co_hosts_who_use_up_the_120_actions_of_a_minute_do_not_keep_the_owner_from_banning_them() {
    let mut registry = staged();
    for name in ["Ben", "Cem"] {
        assert_eq!(
            refusal(&action(&mut registry, 1, ModerationAction::MakeCoHost, name)),
            None
        );
    }
    let mut granted = 0;
    for at in 0..200 {
        // Ben mutes Dee, Cem lets Dee unmute, and so on.
        let (connection, deed) = [(2, ModerationAction::Mute), (3, ModerationAction::LetUnmute)][at % 2];
        let effects = action(&mut registry, connection, deed, "Dee");
        granted += usize::from(!effects.is_empty() && refusal(&effects).is_none());
    }
    assert_eq!(granted, Paced::Action.most_in_room());
    assert_eq!(
        refusal(&action(&mut registry, 1, ModerationAction::TakeCoHost, "Ben")),
        None
    );
    assert_eq!(refusal(&action(&mut registry, 1, ModerationAction::Ban, "Cem")), None);
    assert!(role(&registry, "Ben") == Role::Speaker && is_barred(&registry, "Cem", 0));
}

#[test]
fn requests_that_change_nothing_do_not_count() {
    let mut registry = staged();
    for _ in 0..100 {
        let mode = Mode::Stage;
        let why = refusal(&request(&mut registry, 1, StageRequest::Mode { mode }));
        assert_eq!(why, Some(Refusal::NotPossible));
    }
    assert_eq!(granted_switches(&mut registry, 1, 0), 12);
}

#[test]
fn without_limits_on_people_hosts_are_not_limited() {
    let caps = VoiceCaps {
        hosts_are_paced: false,
        ..ROOMY
    };
    let mut registry = RoomRegistry::new(caps, WallClock::new(EPOCH_S, 0));
    open(&mut registry, info());
    enter(&mut registry, 1, "Ada");
    assert_eq!(granted_switches(&mut registry, 1, 0), 100);
}
