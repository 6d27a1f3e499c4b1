//! Raised hands: who may raise and lower them, for how long they are up, and what ends them.

use super::{
    stage::{MINUTE_MS, action, entries, part, refusal, request, request_at, staged, unmute},
    *,
};

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
