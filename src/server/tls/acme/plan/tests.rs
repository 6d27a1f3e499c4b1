//! Tests of when a certificate is ordered, and for which names.

use super::*;
use proptest::prelude::*;

const DIRECTORY: &str = "https://ca.example/directory";
const START: i64 = 1_800_000_000;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// A certificate for a.example that is valid for `days`, and was ordered when it became valid.
fn held(days: i64, jitter: u16) -> HeldCertificate {
    HeldCertificate {
        names: names(&["a.example"]),
        not_before_s: START,
        not_after_s: START + days * DAY_S,
        directory: DIRECTORY.into(),
        ordered_at_s: START,
        jitter,
    }
}

fn step(held: Option<&HeldCertificate>, window: Option<RenewalWindow>, now_s: i64) -> RenewalStep {
    next_step(&names(&["a.example"]), DIRECTORY, held, window, now_s)
}

fn days(count: i64) -> i64 {
    START + count * DAY_S
}

#[test]
fn a_missing_certificate_and_one_for_other_names_or_from_another_authority_are_ordered_at_once() {
    let one = held(90, 0);
    assert_eq!(step(None, None, START), RenewalStep::Order(OrderReason::First));
    let more = names(&["a.example", "b.example"]);
    let other = next_step(&more, DIRECTORY, Some(&one), None, START);
    assert_eq!(other, RenewalStep::Order(OrderReason::OtherNames));
    let staging = next_step(
        &names(&["a.example"]),
        "https://staging.example",
        Some(&one),
        None,
        START,
    );
    assert_eq!(staging, RenewalStep::Order(OrderReason::OtherAuthority));
    let mut both = one.clone();
    both.names = names(&["b.example", "a.example"]);
    let same = next_step(&more, DIRECTORY, Some(&both), None, START);
    assert!(
        matches!(same, RenewalStep::WaitUntil(_)),
        "the order of names does not matter"
    );
}

#[test]
fn without_a_window_two_thirds_of_the_life_go_by_first() {
    let one = held(90, 0);
    assert_eq!(step(Some(&one), None, START), RenewalStep::WaitUntil(days(60)));
    assert_eq!(step(Some(&one), None, days(60) - 1), RenewalStep::WaitUntil(days(60)));
    assert_eq!(step(Some(&one), None, days(60)), RenewalStep::Order(OrderReason::Due));
    // The jitter makes it up to a thirtieth of the life earlier.
    let early = held(90, u16::MAX);
    let RenewalStep::WaitUntil(at) = step(Some(&early), None, START) else {
        panic!("it is not due");
    };
    assert!((days(57)..days(58)).contains(&at), "{at}");
    // Six days: renewed on the fourth.
    assert_eq!(step(Some(&held(6, 0)), None, START), RenewalStep::WaitUntil(days(4)));
}

#[test]
fn the_window_of_the_authority_decides_and_is_not_left_until_the_end() {
    let window = |start, end| {
        Some(RenewalWindow {
            start_s: days(start),
            end_s: days(end),
        })
    };
    let half = held(90, 32_768);
    assert_eq!(
        step(Some(&half), window(20, 22), START),
        RenewalStep::WaitUntil(days(21))
    );
    assert_eq!(
        step(Some(&half), window(20, 22), days(21)),
        RenewalStep::Order(OrderReason::Due)
    );
    // A certificate that will be revoked: the window is over already.
    assert_eq!(
        step(Some(&half), window(1, 2), days(9)),
        RenewalStep::Order(OrderReason::Due)
    );
    assert_eq!(
        step(Some(&half), window(88, 90), START),
        RenewalStep::WaitUntil(days(81))
    );
    // A window without a length says nothing.
    assert_eq!(
        step(Some(&held(90, 0)), window(5, 5), START),
        RenewalStep::WaitUntil(days(60))
    );
}

#[test]
fn a_clock_that_is_far_ahead_orders_only_once_a_day() {
    let mut one = held(90, 0);
    // By this clock, the certificate was ordered, and seems to have ended a year ago.
    one.ordered_at_s = days(455);
    assert_eq!(
        step(Some(&one), None, days(455) + 60),
        RenewalStep::WaitUntil(days(456))
    );
    assert_eq!(step(Some(&one), None, days(456)), RenewalStep::Order(OrderReason::Due));
    // The clock was set right again.
    assert_eq!(step(Some(&one), None, days(1)), RenewalStep::WaitUntil(days(60)));
}

#[test]
fn a_clock_that_is_far_behind_orders_nothing() {
    assert_eq!(step(Some(&held(90, 0)), None, 0), RenewalStep::WaitUntil(days(60)));
}

#[test]
fn addresses_get_short_lived_certificates_if_the_authority_has_them() {
    let offered = names(&["classic", "shortlived"]);
    for (identifiers, offered, wanted) in [
        (names(&["a.example"]), &offered, None),
        (names(&["203.0.113.7"]), &offered, Some("shortlived")),
        (names(&["a.example", "2001:db8::7"]), &offered, Some("shortlived")),
        (names(&["203.0.113.7"]), &vec![], None),
    ] {
        assert_eq!(profile_for(&identifiers, offered), wanted, "{identifiers:?}");
    }
    assert_eq!(identifier("[2001:db8::7]"), "2001:db8::7");
}

#[test]
fn failures_are_tried_again_more_and_more_rarely_over_the_other_port() {
    let waits: Vec<i64> = (1..8)
        .map(|failures| retry_after_s(failures, false, 0) / MINUTE_S)
        .collect();
    assert_eq!(waits, [2, 15, 60, 180, 360, 720, 720]);
    assert_eq!(retry_after_s(1, true, 0), RATE_LIMITED_S);
    assert_eq!(challenges_after(0)[0], ChallengeKind::TlsAlpn);
    assert_eq!(challenges_after(1)[0], ChallengeKind::Http);
}

#[test]
fn a_restart_waits_for_the_rest_of_the_time_after_a_failure() {
    let target = OrderTarget::new(&names(&["a.example"]), DIRECTORY, String::new());
    let none = OrderFailures::none(target);
    assert_eq!(none.remaining_s(START, u16::MAX), 0);
    let twice = none.plus_one(false, START - HOUR_S).plus_one(false, START);
    assert_eq!(twice.remaining_s(START + 5 * MINUTE_S, 0), 10 * MINUTE_S);
    assert_eq!(twice.remaining_s(START + 15 * MINUTE_S, 0), 0);
    assert_eq!(twice.remaining_s(days(9), 0), 0);
    // The clock was set back.
    assert_eq!(twice.remaining_s(START - DAY_S, 0), 15 * MINUTE_S);
    assert_eq!(twice.remaining_s(i64::MIN, 0), 15 * MINUTE_S);
    let limited = none.plus_one(true, START);
    assert_eq!(limited.remaining_s(START + HOUR_S, 0), RATE_LIMITED_S - HOUR_S);
}

#[test]
fn other_names_another_authority_and_other_roots_are_another_target() {
    let target =
        |wanted: &[&str], directory: &str, roots: &str| OrderTarget::new(&names(wanted), directory, roots.to_owned());
    let one = target(&["a.example", "b.example"], DIRECTORY, "");
    assert_eq!(one, target(&["b.example", "a.example", "b.example"], DIRECTORY, ""));
    assert_ne!(one, target(&["a.example"], DIRECTORY, ""));
    assert_ne!(one, target(&["a.example", "b.example"], "https://staging.example", ""));
    assert_ne!(one, target(&["a.example", "b.example"], DIRECTORY, "4F:0C"));
}

proptest! {
    #[test]
    fn a_renewal_is_planned_while_the_certificate_is_valid(
        life_s in HOUR_S..(400 * DAY_S),
        start_s in 0_i64..(500 * DAY_S),
        length_s in -DAY_S..(100 * DAY_S),
        jitter: u16,
    ) {
        let mut one = held(1, jitter);
        one.not_after_s = one.not_before_s + life_s;
        let window = RenewalWindow { start_s: START + start_s, end_s: START + start_s + length_s };
        for window in [None, Some(window)] {
            let at = due_at(&one, window);
            prop_assert!(at <= one.not_after_s - life_s / 10, "{} of {}", at - START, life_s);
        }
    }
}
