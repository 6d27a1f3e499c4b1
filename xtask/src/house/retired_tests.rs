//! Tests what counts as a name, and which names are refused.

use super::{RETIRED, Retired, find_retired, parts_of};

const WORDS: &[Retired] = &[Retired {
    forms: &["gadget", "gadgets", "hang"],
    instead: "`Device`",
}];

fn lines(file: &str, source: &str) -> Vec<usize> {
    let found = find_retired(file, source, WORDS);
    found.into_iter().map(|(line, _)| line).collect()
}

#[test]
fn a_name_is_split_into_its_words() {
    assert_eq!(parts_of("GadgetPlace"), ["gadget", "place"]);
    assert_eq!(parts_of("GADGET_PLACE"), ["gadget", "place"]);
    assert_eq!(parts_of("tellOfGadget"), ["tell", "of", "gadget"]);
    assert_eq!(parts_of("JSONGadget"), ["json", "gadget"]);
    assert_eq!(parts_of("--gadget-2"), ["gadget", "2"]);
    assert_eq!(parts_of("change"), ["change"]);
}

#[test]
fn a_retired_word_is_refused_as_a_part_of_any_name() {
    assert_eq!(lines("src/a.rs", "struct GadgetPlace;\nlet my_gadgets = 1;"), [1, 2]);
    assert_eq!(lines("src/gadget.rs", ""), [1]);
    assert_eq!(lines("style/a.css", ".a {}\n.the-gadget { --gadget: 1px }"), [2, 2]);
}

#[test]
fn comments_strings_longer_words_and_hanging_up_are_allowed() {
    assert!(lines("src/a.rs", "// a gadget\nlet a = \"gadget\";").is_empty());
    assert!(lines("src/a.rs", "fn change() { hang_up() }").is_empty());
    assert!(lines("style/a.css", "/* a gadget\n gadget */ .gadgetry {}").is_empty());
}

#[test]
fn each_retired_word_is_refused_with_the_name_to_use_instead() {
    for entry in RETIRED {
        assert!(!entry.instead.is_empty());
        for form in entry.forms {
            let found = find_retired("src/a.rs", &format!("fn a_{form}_b() {{}}"), RETIRED);
            assert!(
                found.iter().any(|(_, sentence)| sentence.contains(entry.instead)),
                "{form}"
            );
        }
    }
}
