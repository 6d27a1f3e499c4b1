//! `decide` and `proves_arrival`, case by case, just before and just after each limit in time.

use super::*;

const C: i64 = 120;

fn row() -> Row {
    Row {
        cur_hash: "now".into(),
        prev_hash: "before".into(),
        served_at: 1_000,
        confirmed: false,
        revoked: false,
        expires_at: 9_000,
    }
}

fn decided(row: &Row, hash: &str, now_s: i64) -> Decision {
    decide(Some(row), Presented::Ours(hash), now_s, C)
}

#[test]
fn an_ended_session_refuses_every_token() {
    assert_eq!(decide(None, Presented::Ours("now"), 1_000, C), Decision::Ended);
    let revoked = Row { revoked: true, ..row() };
    for hash in ["now", "before", "other"] {
        assert_eq!(decided(&revoked, hash, 1_000), Decision::Ended);
        assert_eq!(decided(&row(), hash, 9_000), Decision::Ended);
    }
}

#[test]
fn the_current_token_rotates_only_once_it_is_old_enough() {
    assert_eq!(decided(&row(), "now", 1_119), Decision::Keep);
    assert_eq!(decided(&row(), "now", 1_120), Decision::Rotate);
    assert_eq!(decided(&row(), "now", 8_999), Decision::Rotate);
}

#[test]
fn a_token_from_before_a_jump_back_rotates_unless_it_could_be_new() {
    for (now_s, decision) in [(881, Decision::Keep), (880, Decision::Rotate), (0, Decision::Rotate)] {
        assert_eq!(decided(&row(), "now", now_s), decision, "{now_s}");
    }
    let in_the_day_before = 1_000 - 86_400;
    assert!(proves_arrival(1_000, in_the_day_before, C) && !proves_arrival(1_000, 881, C));
}

#[test]
fn nothing_is_old_enough_while_the_clock_is_not_steady() {
    for now_s in [1_000, 1_120, 8_999, 0] {
        let decision = decide(Some(&row()), Presented::Ours("now"), now_s, 1 << 60);
        assert_eq!(decision, Decision::Keep);
        assert!(!proves_arrival(1_000, now_s, 1 << 60));
    }
    assert_eq!(
        decide(Some(&row()), Presented::Ours("older"), 1_001, 1 << 60),
        Decision::Reuse,
        "a thief is caught at any time"
    );
}

#[test]
fn the_previous_token_is_valid_until_its_successor_is_confirmed() {
    assert_eq!(decided(&row(), "before", 8_999), Decision::Again);
    let confirmed = Row {
        confirmed: true,
        ..row()
    };
    assert_eq!(decided(&confirmed, "before", 1_001), Decision::Reuse);
}

#[test]
fn an_older_token_counts_as_reuse() {
    assert_eq!(decided(&row(), "older", 1_001), Decision::Reuse);
}

#[test]
fn a_forged_token_is_unknown_whatever_the_session() {
    for row in [Some(&row()), None] {
        assert_eq!(decide(row, Presented::Foreign, 9_999, C), Decision::Unknown);
    }
}

#[test]
fn an_access_token_proves_arrival_only_once_it_is_old_enough() {
    assert!(!proves_arrival(1_000, 1_119, C));
    assert!(proves_arrival(1_000, 1_120, C));
}
