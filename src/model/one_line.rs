//! Checks a line of text that other people will read, such as a person's name.

/// The text, trimmed, with each run of white space replaced by one space. The result is empty if the text has no visible
/// character, and `None` if the text contains a control character or a character that changes the direction of other text.
pub fn parse(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.chars().any(|c| c.is_control() || is_direction_override(c)) {
        return None;
    }
    if trimmed.chars().all(is_invisible) {
        return Some(String::new());
    }
    Some(trimmed.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whether this is one of Unicode's explicit embeddings, overrides and isolates. If a name contains one and does not close it,
/// the text *after* the name is reversed, too.
fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether this is white space, or a character that only changes how other characters look. A text must not consist of such
/// characters alone. Beside visible characters they are allowed, because Emoji and Persian names need some of them (joiners).
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_has_single_spaces() {
        assert_eq!(parse("  Ada \u{3000} Lovelace\n").as_deref(), Some("Ada Lovelace"));
        assert_eq!(parse("👩\u{200D}🚀").as_deref(), Some("👩\u{200D}🚀"));
    }

    #[test]
    fn a_line_without_a_visible_character_is_empty() {
        for text in ["", " \t ", "\u{200B}", "\u{2800} \u{2800}"] {
            assert_eq!(parse(text).as_deref(), Some(""), "{text:?}");
        }
    }

    #[test]
    fn a_line_has_no_control_characters_and_no_direction_overrides() {
        for text in ["Ada\nLovelace", "Ada\u{7}", "\u{202E}adA", "Ada\u{2066}"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
