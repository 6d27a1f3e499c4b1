//! Whether a text that a person is typing is a whole code, so that the page can send it by itself.

use super::invisible::without_ignorable;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// How many digits a code has.
const DIGITS: usize = 6;

/// The digits of `typed` as they were typed, if they are a whole code: six digits of any script, and no letter in one word with
/// them. Spaces, hyphens, other words and characters that draw nothing do not matter, so two texts with the same code have the same
/// digits.
///
/// The server decides what a code is. It also knows Unicode's compatible forms, whose tables would be too large for the page, so
/// this function counts characters such as "①" and "⁴" as digits too.
pub fn digits(typed: &str) -> Option<String> {
    let plain = without_ignorable(typed);
    let mut digits = String::new();
    for word in plain.split(|c: char| !is_number(c) && !is_letter(c)) {
        if !word.contains(is_number) {
            continue;
        }
        if !word.chars().all(is_digit) {
            return None;
        }
        digits.push_str(word);
    }
    (digits.chars().count() == DIGITS).then_some(digits)
}

/// What was typed after the code `refused`, if that was still in the field and digits were added behind it. Somebody who types the right code
/// behind the wrong one means only the right one.
pub fn typed_after<'a>(refused: &str, typed: &'a str) -> Option<&'a str> {
    let (end, _) = typed
        .char_indices()
        .find(|(at, _)| digits(&typed[..*at]).as_deref() == Some(refused))?;
    let rest = typed[end..].trim_start();
    rest.contains(is_digit).then_some(rest)
}

fn is_letter(c: char) -> bool {
    matches!(c.general_category_group(), GeneralCategoryGroup::Letter)
}

fn is_number(c: char) -> bool {
    matches!(c.general_category_group(), GeneralCategoryGroup::Number)
}

fn is_digit(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::DecimalNumber | GeneralCategory::OtherNumber
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_of_any_script_are_a_whole_code() {
        for typed in [
            "482913",
            " 482 913 ",
            "482-913",
            "482\u{2011}913",
            "“482.913”",
            "482\u{200B}913",
            "Code: 482 913",
            "482913 is your code for Snug",
            "482\u{3164}913",
        ] {
            assert_eq!(digits(typed).as_deref(), Some("482913"), "{typed:?}");
        }
        for typed in ["４８２９１３", "٤٨٢٩١٣", "४८२९१३", "𝟒𝟖𝟐𝟗𝟏𝟑", "⁴⁸²⁹¹³", "4٨２913"]
        {
            assert_eq!(digits(typed).as_deref(), Some(typed));
        }
    }

    #[test]
    fn digits_behind_a_refused_code_begin_a_new_one() {
        for (typed, rest) in [
            ("1111112", Some("2")),
            ("111 1112", Some("2")),
            ("111111 222222", Some("222222")),
            ("111111", None),
            ("111111 ", None),
            ("11111", None),
            ("1111211", None),
            ("2111111", None),
        ] {
            assert_eq!(typed_after("111111", typed), rest, "{typed:?}");
        }
        assert_eq!(typed_after("٤٨٢٩١٣", "٤٨٢٩١٣٤"), Some("٤"));
    }

    #[test]
    fn more_or_fewer_digits_and_letters_are_no_whole_code() {
        for typed in [
            "",
            "48291",
            "48291 ",
            "4829133",
            "48291a",
            "482913a",
            "Code482913",
            "482913 is your code for Snug 2",
            "48291Ⅻ",
            "四八二九一三",
        ] {
            assert_eq!(digits(typed), None, "{typed:?}");
        }
    }
}
