//! Which key press is the letter M, on every keyboard layout. The code is pure.

/// All Latin letters of keyboards are before this character, the first of the Unicode block "Spacing Modifier Letters", except those of
/// [`is_late_latin`].
const AFTER_LATIN: char = '\u{02b0}';

/// Whether a key press is the letter M. `key` is the character that the layout writes, and `code` the place of the key (UI Events
/// sections 5.2 and 5.3). A layout with Latin letters decides by the letter, because on a French keyboard another key is in that place.
/// A layout without them, such as Russian or Greek, has no M, so there the place counts.
pub fn is_m(key: &str, code: &str) -> bool {
    key.eq_ignore_ascii_case("m") || (code == "KeyM" && is_letter_of_another_script(key))
}

fn is_letter_of_another_script(key: &str) -> bool {
    let mut letters = key.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => letter.is_alphabetic() && letter >= AFTER_LATIN && !is_late_latin(letter),
        _ => false,
    }
}

/// Letters with two accents, as Vietnamese has, and full-width letters.
fn is_late_latin(letter: char) -> bool {
    matches!(letter, '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff5a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m_is_found_by_its_letter_on_every_latin_layout() {
        for (key, code, wanted) in [
            ("m", "KeyM", true),
            ("M", "KeyM", true),
            // French: the key to the right of L.
            ("m", "Semicolon", true),
            (",", "KeyM", false),
            // Turkish F: the letter S is in the place of M.
            ("s", "KeyM", false),
            ("ß", "KeyM", false),
            ("µ", "KeyM", false),
            ("ạ", "KeyM", false),
            ("n", "KeyN", false),
            ("", "KeyM", false),
            ("Dead", "KeyM", false),
            ("Process", "KeyM", false),
            ("Unidentified", "KeyM", false),
        ] {
            assert_eq!(is_m(key, code), wanted, "{key} at {code}");
        }
    }

    #[test]
    fn m_is_found_by_its_place_on_a_layout_without_latin_letters() {
        // Russian, Greek, Hebrew, Arabic, Persian, Hindi, Thai, Georgian, Armenian, Korean.
        for key in ["ь", "Ь", "μ", "צ", "ة", "ئ", "स", "ท", "მ", "մ", "ㅡ"] {
            assert!(is_m(key, "KeyM"), "{key}");
            assert!(!is_m(key, "KeyV"), "{key}");
        }
        assert!(!is_m("м", "KeyV"), "a Cyrillic letter that looks like an M");
    }
}
