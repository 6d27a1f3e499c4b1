//! Codes as people type them, and the codes of a browser that work.

use super::*;
use crate::model::typed_code;
use proptest::prelude::*;

#[test]
fn a_code_is_six_digits_however_it_was_pasted() {
    for typed in [
        "482913",
        " 482 913 ",
        "482-913",
        "482\u{a0}913",
        "４８２９１３",
        "٤٨٢٩١٣",
        "۴۸۲۹۱۳",
        "४८२९१३",
        "𝟒𝟖𝟐𝟗𝟏𝟑",
        "⁴⁸²⁹¹³",
        "482\u{2011}913",
        "482\u{2013}913",
        "482\u{200B}913",
        "\u{202A}482913\u{202C}",
        "4\u{FE0F}\u{20E3}8\u{FE0F}\u{20E3}2\u{FE0F}\u{20E3}9\u{FE0F}\u{20E3}1\u{FE0F}\u{20E3}3\u{FE0F}\u{20E3}",
        "“482.913”",
        "4٨２913",
        "Code: 482 913",
        "482913 is your code for Snug",
        "482913 ist Ihr Code für Ada’s Snug.",
        "482\u{3164}913",
        "482\u{115F}\u{1160}\u{FFA0}913",
    ] {
        assert_eq!(parse(typed).as_deref(), Some("482913"), "{typed:?}");
        assert!(
            typed_code::digits(typed).is_some(),
            "the page sends {typed:?} by itself"
        );
    }
    let long = "-".repeat(600) + "482913";
    for typed in [
        "",
        "48291",
        "4829133",
        "48291a",
        "482913a",
        "48291a3",
        "Code482913",
        "48291Ⅻ",
        "48291 Ⅻ",
        "482913Ⅻ",
        "482913 ➊",
        "482913 is your code for Snug 2",
        "四八二九一三",
        "四八二九一三 48291",
        long.as_str(),
    ] {
        assert_eq!(parse(typed), None, "{typed:?}");
    }
    assert!(parse(&generate()).is_some());
}

/// Codes of one browser with these digits and ends, the newest first.
fn issued(keyring: &Keyring, codes: &[(&str, i64)]) -> Vec<IssuedCode> {
    let code = |(index, (digits, expires_at)): (usize, &(&str, i64))| IssuedCode {
        id: format!("row-{index}"),
        email: "ada@example.org".into(),
        mac: mac(keyring, &format!("row-{index}"), digits),
        expires_at: *expires_at,
    };
    codes.iter().enumerate().map(code).collect()
}

#[test]
fn the_three_newest_codes_that_have_not_expired_work() {
    let keyring = Keyring::for_tests();
    let codes = issued(
        &keyring,
        &[
            ("111111", 100),
            ("222222", 700),
            ("333333", 650),
            ("444444", 640),
            ("555555", 630),
            ("666666", 90),
        ],
    );
    let verdict = |typed| judge(&keyring, &codes, typed, 600);
    for (typed, index) in [("222222", 1), ("333333", 2), ("444444", 3)] {
        assert_eq!(verdict(typed), Verdict::Right(&codes[index]));
    }
    assert_eq!(verdict("555555"), Verdict::Replaced);
    assert_eq!(verdict("111111"), Verdict::Expired);
    assert_eq!(verdict("666666"), Verdict::Expired);
    assert_eq!(verdict("777777"), Verdict::Wrong);
    assert_eq!(judge(&keyring, &codes, "222222", 700), Verdict::Expired);
}

proptest! {
    /// The zeros of some scripts, and characters that may be between the digits of a code.
    #[test]
    fn six_digits_of_any_script_are_the_code_that_they_show(
        digits in prop::collection::vec(0u32..10, 6),
        zeros in prop::collection::vec(prop::sample::select("0٠۰०০๐０𝟎𝟘𞥐".chars().collect::<Vec<_>>()), 6),
        between in prop::collection::vec(prop::sample::select(" -\u{a0}\u{2011}\u{2013}\u{2212}\u{200B}\u{FEFF}\u{200F}.".chars().collect::<Vec<_>>()), 6),
    ) {
        let typed: String = digits.iter().zip(&zeros).zip(&between)
            .flat_map(|((digit, zero), space)| [char::from_u32(u32::from(*zero) + digit).expect("a digit"), *space])
            .collect();
        let shown: String = digits.iter().map(|digit| char::from_digit(*digit, 10).expect("a digit")).collect();
        prop_assert_eq!(parse(&typed), Some(shown.clone()));
        prop_assert!(typed_code::digits(&typed).is_some());
        prop_assert_eq!(parse(&shown), Some(shown));
    }

    #[test]
    fn what_is_accepted_is_six_ascii_digits(typed in any::<String>()) {
        if let Some(code) = parse(&typed) {
            prop_assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
