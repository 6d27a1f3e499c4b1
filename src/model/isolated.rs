//! Names and topics inside plain sentences: titles, accessible names and error messages, where no element can set the direction.

use std::borrow::Cow;

/// Encloses `text` in the characters U+2068 and U+2069 if it contains letters that are written from right to left. Without these two
/// characters, such a text would also change the order of the words around it (UAX #9 section 2.4). Any other text is not changed.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_right_to_left) {
        Cow::Owned(format!("\u{2068}{text}\u{2069}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A topic inside a sentence, in quotation marks, so that it is clear where the topic ends: “Kitchen table” is closed.
pub fn quoted(topic: &str) -> String {
    format!("“{}”", isolated(topic))
}

/// Whether this is in one of the blocks of Unicode whose characters are written from right to left.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{200F}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_text_with_letters_from_right_to_left_is_isolated() {
        for plain in ["", "Ada", "李小龍 🦉", "Zoë"] {
            assert_eq!(isolated(plain), plain);
        }
        for name in ["ليلى", "Ada אדה"] {
            assert_eq!(isolated(name), format!("\u{2068}{name}\u{2069}"));
        }
    }

    #[test]
    fn the_marks_around_a_topic_keep_their_place_in_the_sentence() {
        assert_eq!(quoted("Tea"), "“Tea”");
        assert_eq!(quoted("שלום"), "“\u{2068}שלום\u{2069}”");
    }
}
