//! The wall clock jumps: removals and the mutes of new accounts last as long as they should, and the log has the new time.

use super::{
    properties::ROOMY,
    stage::{MINUTE_MS, action, is_barred, log_entries, part, request_at, staged},
    *,
};
use crate::{
    model::stage::{MicLock, REMOVED_MINUTES},
    server::voice::roles::ModerationRecord,
};

/// The jumps of the wall clock, in seconds: an hour either way, and a day back.
const JUMPS_S: [i64; 3] = [3_600, -3_600, -86_400];
const REMOVED_MS: u64 = REMOVED_MINUTES as u64 * MINUTE_MS;

/// The unix time, in seconds, at `now_ms` after a jump.
fn unix_s(jump_s: i64, now_ms: u64) -> i64 {
    EPOCH_S + (now_ms / 1_000) as i64 + jump_s
}

/// The wall clock jumps by `jump_s` at `now_ms`.
fn jump(registry: &mut RoomRegistry, jump_s: i64, now_ms: u64) {
    registry.set_wall_clock(WallClock::new(unix_s(jump_s, now_ms), now_ms));
}

fn stored_records(effects: &[Effect]) -> Vec<ModerationRecord> {
    let record = |effect: &Effect| match effect {
        Effect::Persist {
            what: Persist::Record { record, .. },
            ..
        } => Some(record.clone()),
        _ => None,
    };
    effects.iter().filter_map(record).collect()
}

fn end_of_removal(record: &ModerationRecord) -> Option<i64> {
    record.bar.as_ref()?.until_s
}

#[test]
fn a_removal_lasts_ten_minutes_although_the_clock_jumps() {
    for jump_s in JUMPS_S {
        let mut registry = staged();
        action(&mut registry, 1, ModerationAction::Remove, "Ben");
        jump(&mut registry, jump_s, MINUTE_MS);
        registry.tick(MINUTE_MS);
        assert!(is_barred(&registry, "Ben", REMOVED_MS - 1), "{jump_s}");
        assert!(!is_barred(&registry, "Ben", REMOVED_MS), "{jump_s}");
        registry.tick(REMOVED_MS - 1);
        assert_eq!(registry.cards()[0].barred, [person("Ben").id], "{jump_s}");
        registry.tick(REMOVED_MS);
        assert!(registry.cards()[0].barred.is_empty(), "{jump_s}");
    }
}

#[test]
fn the_end_of_a_removal_is_shown_and_stored_in_the_new_time() {
    for jump_s in JUMPS_S {
        let mut registry = staged();
        let removed = action(&mut registry, 1, ModerationAction::Remove, "Ben");
        let end_s = EPOCH_S + i64::from(REMOVED_MINUTES) * 60;
        assert_eq!(end_of_removal(&stored_records(&removed)[0]), Some(end_s));
        jump(&mut registry, jump_s, MINUTE_MS);
        let stored = stored_records(&registry.tick(MINUTE_MS));
        assert_eq!(end_of_removal(&stored[0]), Some(end_s + jump_s));
        let (_, bar) = registry
            .find_role_and_ban(&room(), &person("Ben").id, MINUTE_MS)
            .expect("a room");
        let until_s = bar.and_then(|bar| bar.until_s).expect("removed for a while");
        assert_eq!(until_s - unix_s(jump_s, MINUTE_MS), 9 * 60, "{jump_s}");
        assert!(stored_records(&registry.tick(MINUTE_MS + 1)).is_empty(), "stored once");
        let number = 1;
        let undone = request_at(&mut registry, 1, StageRequest::Undo { number }, MINUTE_MS);
        assert_eq!(super::stage::refusal(&undone), None, "a jump does not prevent an undo");
        assert!(!is_barred(&registry, "Ben", MINUTE_MS));
    }
}

#[test]
fn a_removal_from_before_a_restart_ends_at_its_time_and_after_ten_minutes_at_most() {
    for (until_s, left_ms) in [
        (EPOCH_S - 1, 0),
        (EPOCH_S + 60, MINUTE_MS),
        (EPOCH_S + 86_400, REMOVED_MS),
    ] {
        let mut registry = RoomRegistry::new(ROOMY, WallClock::new(EPOCH_S, 0));
        let bar = Some(Barred {
            person: person("Ben"),
            until_s: Some(until_s),
            guest: false,
        });
        let record = ModerationRecord {
            bar,
            ..ModerationRecord::default()
        };
        let restored = Restored {
            records: vec![(person("Ben").id, record)],
            log: vec![],
            owner_left_at_s: None,
        };
        registry.apply(Command::Open { info: info(), restored }, 0);
        assert!(!is_barred(&registry, "Ben", left_ms), "{until_s}");
        assert!(
            left_ms == 0 || is_barred(&registry, "Ben", left_ms - 1),
            "ended early: {until_s}"
        );
    }
}

#[test]
fn the_mute_of_a_new_account_ends_when_it_should_although_the_clock_jumps() {
    for jump_s in JUMPS_S {
        let mut registry = registry();
        enter(&mut registry, 1, "Ada");
        let ben = RoomVisitor {
            known_since_s: EPOCH_S - 60,
            ..visitor("Ben")
        };
        watch_as(&mut registry, 2, room(), ben);
        join(&mut registry, 2);
        let minutes = 5;
        request_at(&mut registry, 1, StageRequest::MuteNewAccounts { minutes }, 0);
        jump(&mut registry, jump_s, MINUTE_MS);
        registry.tick(4 * MINUTE_MS - 1);
        assert_eq!(part(&registry, "Ben").mic_lock, Some(MicLock::NewAccount), "{jump_s}");
        registry.tick(4 * MINUTE_MS);
        assert_eq!(part(&registry, "Ben").mic_lock, None, "{jump_s}");
    }
}

#[test]
fn a_person_who_comes_in_after_a_jump_has_the_age_of_the_new_time() {
    for jump_s in JUMPS_S {
        let mut registry = registry();
        enter(&mut registry, 1, "Ada");
        jump(&mut registry, jump_s, 0);
        let ben = RoomVisitor {
            known_since_s: unix_s(jump_s, 0) - 240,
            ..visitor("Ben")
        };
        watch_as(&mut registry, 2, room(), ben);
        join(&mut registry, 2);
        let minutes = 5;
        request_at(&mut registry, 1, StageRequest::MuteNewAccounts { minutes }, 0);
        assert_eq!(part(&registry, "Ben").mic_lock, Some(MicLock::NewAccount), "{jump_s}");
        registry.tick(MINUTE_MS);
        assert_eq!(part(&registry, "Ben").mic_lock, None, "{jump_s}");
    }
}

#[test]
fn the_log_has_the_new_time_after_a_jump() {
    for jump_s in JUMPS_S {
        let mut registry = staged();
        jump(&mut registry, jump_s, MINUTE_MS);
        let mode = Mode::Everyone;
        let switched = request_at(&mut registry, 1, StageRequest::Mode { mode }, 2 * MINUTE_MS);
        let times: Vec<i64> = log_entries(&switched).iter().map(|entry| entry.at_s).collect();
        assert_eq!(times, [unix_s(jump_s, 2 * MINUTE_MS)]);
    }
}

#[test]
fn a_card_says_in_the_new_time_since_when_the_room_has_been_active() {
    for jump_s in JUMPS_S {
        let mut registry = registry();
        enter(&mut registry, 1, "Ada");
        assert_eq!(registry.cards()[0].active_since_s, Some(EPOCH_S));
        let same = WallClock::new(unix_s(0, MINUTE_MS), MINUTE_MS);
        assert!(!registry.set_wall_clock(same), "no jump");
        let jumped = WallClock::new(unix_s(jump_s, MINUTE_MS), MINUTE_MS);
        assert!(registry.set_wall_clock(jumped), "{jump_s}");
        assert_eq!(registry.cards()[0].active_since_s, Some(EPOCH_S + jump_s));
    }
}
