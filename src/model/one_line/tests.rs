//! Examples and properties of a line that other people will read.

use super::*;
use proptest::prelude::*;

fn line(text: &str) -> Result<String, Unfit> {
    parse(text, 40)
}

#[test]
fn a_shortened_line_is_cut_between_characters_as_people_see_them() {
    let family = "👨\u{200D}👩\u{200D}👧";
    assert_eq!(shortened("Tea", 3), "Tea");
    assert_eq!(shortened("Teas", 3), "Tea…");
    assert_eq!(shortened(&family.repeat(3), 2), format!("{}…", family.repeat(2)));
}

#[test]
fn a_clipped_line_fits_and_is_cut_between_characters_as_people_see_them() {
    let family = "👨\u{200D}👩\u{200D}👧";
    assert_eq!(family.len(), 18);
    assert_eq!(clipped(&family.repeat(3), 54), family.repeat(3));
    assert_eq!(clipped(&family.repeat(3), 53), format!("{}…", family.repeat(2)));
    assert_eq!(clipped(&family.repeat(3), 38), format!("{family}…"));
    assert_eq!(clipped("Ada Lovelace", 7), "Ada…", "no space before the dots");
    assert_eq!(clipped(family, 17), "…");
    assert_eq!(clipped("", 0), "");
}

#[test]
fn a_line_is_trimmed_and_has_single_spaces() {
    assert_eq!(line("  Ada \u{3000}\t Lovelace\n").as_deref(), Ok("Ada Lovelace"));
}

#[test]
fn a_line_without_a_visible_character_is_empty() {
    let empty = "| \t |\u{200B}|\u{2800} \u{2800}|\u{3164}|\u{FFA0}|\u{FEFF}|\u{AD}|\u{200D}\u{FE0F}|\u{301}|\u{1D159}|\
        \u{E0041}\u{E007F}|\u{115F}\u{1160}|\u{FFFC}|\u{180E}|\u{2028}|\u{600}";
    for text in empty.split('|') {
        assert_eq!(line(text), Err(Unfit::Empty), "{text:?}");
    }
}

#[test]
fn a_line_has_no_control_characters_and_no_direction_overrides() {
    for text in [
        "Ada\nLovelace",
        "Ada\u{7}",
        "\u{202E}adA",
        "Ada\u{2066}",
        "A\0da",
        "\u{202A}",
        "Ada\u{85}x",
    ] {
        assert_eq!(line(text), Err(Unfit::Control), "{text:?}");
    }
}

#[test]
fn characters_that_draw_nothing_are_dropped_unless_a_script_or_an_emoji_needs_them() {
    for (typed, kept) in [
        ("A\u{200B}d\u{AD}a\u{FEFF}", "Ada"),
        ("\u{200D}Ada\u{200D}", "Ada"),
        ("Ada\u{200D} \u{200C}Byron", "Ada Byron"),
        ("👩\u{200D}\u{200D}🚀", "👩\u{200D}🚀"),
        ("Ada\u{E0041}\u{E0042}", "Ada"),
        ("نامه\u{200C}ها", "نامه\u{200C}ها"),
        ("❤\u{FE0F}", "❤\u{FE0F}"),
        ("1\u{FE0F}\u{20E3}", "1\u{FE0F}\u{20E3}"),
        ("\u{FE0F}Tea", "Tea"),
        ("Tea \u{FE0F}\u{FE0E}at 5", "Tea at 5"),
    ] {
        assert_eq!(line(typed).as_deref(), Ok(kept), "{typed:?}");
    }
    let england = "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}";
    assert_eq!(line(england).as_deref(), Ok(england));
}

#[test]
fn letters_keep_the_marks_that_languages_need_and_no_more() {
    for text in ["Zoë", "Nguyễn", "လျှို့ဝှက်", "क्षत्रिय", "בְּרֵאשִׁ֖ית", "สวัสดีที่นี่", "བསྒྲུབས"]
    {
        let kept: String = text.nfc().collect();
        assert_eq!(line(text), Ok(kept), "{text}");
    }
    assert_eq!(line(&format!("Ada{}", "\u{301}".repeat(60))), Err(Unfit::TooManyMarks));
    assert_eq!(line(&"\u{301}".repeat(60)), Err(Unfit::Empty));
    assert_eq!(line("\u{301}Ada"), Err(Unfit::LoneMark));
    let hidden = "a\u{301}\u{302}\u{303}\u{200D}\u{304}\u{305}\u{306}\u{307}";
    assert_eq!(line(hidden), Err(Unfit::TooManyMarks));
}

#[test]
fn a_decomposed_letter_is_stored_as_one() {
    assert_eq!(line("Zoe\u{308}").as_deref(), Ok("Zoë"));
}

#[test]
fn the_length_is_counted_in_characters_on_screen_and_in_bytes() {
    let family = "👨\u{200D}👩\u{200D}👧\u{200D}👦";
    assert_eq!(line(&family.repeat(40)), Ok(family.repeat(40)));
    assert_eq!(line(&family.repeat(41)), Err(Unfit::TooLong { characters: 41 }));
    assert_eq!(line(&"é".repeat(41)), Err(Unfit::TooLong { characters: 41 }));
    assert_eq!(parse(&family.repeat(80), 80), Ok(family.repeat(80)));
    assert_eq!(parse(&family.repeat(90), 1_000), Err(Unfit::TooManyBytes));
    // A chain of emoji is one cluster, but no font draws it as one.
    let chain = vec!["👩"; 250].join("\u{200D}");
    assert_eq!(parse(&chain, 20), Err(Unfit::TooLong { characters: 32 }));
}

/// Texts that are mostly odd: marks, joiners, spaces, overrides, emoji and letters of several scripts.
fn odd_text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(
        "ab Zé\u{301}\u{302}\u{489}\u{200B}\u{200C}\u{200D}\u{200E}\u{AD}\u{FE0F}\u{FEFF}\u{3164}\u{2800}\u{34F}👩🏴\
         \u{E0067}\u{E007F}🇩🇪ليلىשלוםक्षကျ\u{1100}\u{1161}\u{11A8}\u{2126}\u{212B}\u{2000}\t"
            .chars()
            .collect::<Vec<char>>(),
    );
    let any = prop_oneof![8 => odd, 1 => any::<char>()];
    prop::collection::vec(any, 0..60).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn what_is_accepted_shows_something_and_fits_its_box(text in odd_text(), most in 1usize..50) {
        if let Ok(line) = parse(&text, most) {
            prop_assert!(line.chars().any(|c| c.is_alphanumeric() || !(c.is_whitespace() || is_ignorable(c) || is_mark(c))));
            prop_assert!(line.graphemes(true).count() <= most && line.len() <= BYTES_MAX);
            prop_assert!(!line.chars().any(|c| c.is_control() || is_direction_override(c)));
            prop_assert!(line.trim() == line && !line.contains("  "));
            let mut marks = 0;
            for c in line.chars().filter(|c| !is_joiner(*c)) {
                marks = if is_mark(c) { marks + 1 } else { 0 };
                prop_assert!(marks <= MARKS_MAX);
            }
        }
    }

    #[test]
    fn what_is_accepted_is_accepted_again_unchanged(text in odd_text()) {
        if let Ok(line) = parse(&text, 60) {
            prop_assert_eq!(parse(&line, 60), Ok(line));
        }
    }
}
