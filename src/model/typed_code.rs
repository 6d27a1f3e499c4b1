//! Whether a text that a person is typing is a whole code, so that the page can send it by itself.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// How many digits a code has.
const DIGITS: usize = 6;

/// The digits of `typed` as they were typed, if they are a whole code: six digits of any script, and no letter. Spaces, hyphens and
/// characters that draw nothing do not matter, so two texts with the same code have the same digits.
///
/// The server decides what a code is. It also knows Unicode's compatible forms, whose tables would be too large for the page, so
/// this function counts characters such as "①" and "⁴" as digits too.
pub fn digits(typed: &str) -> Option<String> {
    let mut digits = String::new();
    for c in typed.chars() {
        match (c.general_category(), c.general_category_group()) {
            (GeneralCategory::DecimalNumber | GeneralCategory::OtherNumber, _) => digits.push(c),
            (GeneralCategory::LetterNumber, _) | (_, GeneralCategoryGroup::Letter) => return None,
            _ => {}
        }
    }
    (digits.chars().count() == DIGITS).then_some(digits)
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
        ] {
            assert_eq!(digits(typed).as_deref(), Some("482913"), "{typed:?}");
        }
        for typed in ["４８２９１３", "٤٨٢٩١٣", "४८२९१३", "𝟒𝟖𝟐𝟗𝟏𝟑", "⁴⁸²⁹¹³", "4٨２913"]
        {
            assert_eq!(digits(typed).as_deref(), Some(typed));
        }
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
            "48291Ⅻ",
            "四八二九一三",
        ] {
            assert_eq!(digits(typed), None, "{typed:?}");
        }
    }
}
