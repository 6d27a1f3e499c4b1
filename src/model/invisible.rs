//! Characters that draw nothing. They arrive with text that was copied from letters, web pages and chats, and nobody sees them.

/// Whether this is a character that draws nothing, and that a program may ignore in a comparison: Unicode's property
/// `Default_Ignorable_Code_Point` (UAX #44), and the marks of interlinear annotations. White space is not among them.
pub fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether this is one of Unicode's explicit embeddings, overrides and isolates (UAX #9 section 2). A name that opens one of these
/// and does not close it also changes the direction of the text *after* the name.
pub fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The text without the characters that draw nothing.
pub fn without_ignorable(text: &str) -> String {
    text.chars().filter(|c| !is_ignorable(*c)).collect()
}

/// The token in `text`, the end of a pasted link. Chats and letters add other characters to links: characters that draw
/// nothing, spaces, and the full stop or bracket after the link. These are left out. A token consists of letters, digits, `-`, `_`
/// and `.`, and does not end with a full stop.
pub fn pasted_token(text: &str) -> String {
    let is_of_token = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let token: String = text.chars().filter(is_of_token).collect();
    token.trim_end_matches('.').to_owned()
}

/// Splits the text of a search into its words, in lower case and without characters that draw nothing.
pub fn search_words(typed: &str) -> Vec<String> {
    folded(typed).split_whitespace().map(str::to_owned).collect()
}

/// The text in the form in which it is searched: lower case, without characters that draw nothing.
pub fn folded(text: &str) -> String {
    without_ignorable(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_without_what_was_copied_with_the_link() {
        for pasted in [
            "abc.D-_9",
            " abc.D-_9\n",
            "abc.D-_9\u{200B}",
            "\u{FEFF}abc.D-_9.",
            "abc.D-_9).",
            "abc.D-_9>",
        ] {
            assert_eq!(pasted_token(pasted), "abc.D-_9", "{pasted:?}");
        }
    }

    #[test]
    fn a_search_ignores_case_and_characters_that_draw_nothing() {
        assert_eq!(search_words(" \u{FEFF}Zo\u{AD}Ë\u{200B} \u{202E}tea"), ["zoë", "tea"]);
        assert_eq!(search_words("\u{200B}"), Vec::<String>::new());
        assert_eq!(folded("نامه\u{200C}ها"), "نامهها");
    }
}
