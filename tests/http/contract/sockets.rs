//! The messages of the two WebSockets. `sockets.md` describes them, and the tests here compare its examples with the types in
//! Rust. So a test fails until a new message, or a new field of a message, is described there.

use super::document::in_repository;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use snug::model::{
    moderation_log::Deed,
    signal::{ClientSignal, Ending, ListSignal, Refusal, ServerSignal},
    stage::{ModerationAction, StageRequest},
};
use std::fs;

/// The section of `docs/protocol.md` about the messages, word for word.
const SECTION: &str = include_str!("sockets.md");

pub fn describe() -> String {
    format!("\n{SECTION}")
}

/// The cells of the table below a heading, row by row. The first cell of every row is code.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let title = format!("### {heading}\n");
    let (_, below) = SECTION
        .split_once(title.as_str())
        .unwrap_or_else(|| panic!("sockets.md has no heading {heading}"));
    // The table ends where another heading or another table begins.
    let table = below
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .take_while(|line| line.starts_with('|'));
    let rows = table.filter(|line| line.starts_with("| `"));
    let cells = |row: &'static str| row.trim_matches('|').trim().split(" | ");
    rows.map(|row| cells(row).map(|cell| cell.trim_matches('`')).collect())
        .collect()
}

/// The example, with each word in capitals replaced by the JSON of the object that it names.
fn fill(example: &str) -> String {
    let objects = rows("Objects in messages");
    objects
        .iter()
        .fold(example.to_owned(), |text, object| text.replace(object[0], object[1]))
}

/// The examples below a heading. Asserts that each example has all the fields of a `T`, and no others.
fn examples<T: Serialize + DeserializeOwned>(heading: &str) -> Vec<Value> {
    let rows = rows(heading);
    assert!(!rows.is_empty(), "sockets.md has no examples below {heading}");
    let read = |row: &Vec<&str>| {
        let example = row[0];
        let json: Value = serde_json::from_str(&fill(example)).unwrap_or_else(|error| panic!("{example}: {error}"));
        let message: T = serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{example}: {error}"));
        assert_eq!(serde_json::to_value(&message).expect("JSON"), json, "{example}");
        json
    };
    rows.iter().map(read).collect()
}

/// The names of the examples below a heading: the text in the field `tag`, or the whole example if there is no such field.
fn names_in_document<T: Serialize + DeserializeOwned>(heading: &str, tag: Option<&str>) -> Vec<String> {
    let name = |example: &Value| {
        let name = tag.map_or(example, |tag| &example[tag]);
        name.as_str().expect("a name").to_owned()
    };
    let mut names: Vec<String> = examples::<T>(heading).iter().map(name).collect();
    names.sort();
    names
}

/// The names of the variants of `T` on the wire. Serde lists them in its error about an unknown name.
fn names_in_rust<T: DeserializeOwned>(tag: Option<&str>) -> Vec<String> {
    let unknown = match tag {
        Some(tag) => json!({ tag: "?" }),
        None => json!("?"),
    };
    let Err(error) = serde_json::from_value::<T>(unknown) else {
        panic!("no variant is called ?");
    };
    // "unknown variant `?`, expected one of `join`, `mute`"
    let message = error.to_string();
    let mut names: Vec<String> = message.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    names.sort();
    names
}

/// The variants of `ClientSignal` on the wire, except those of `StageRequest`. They are read from the source, because serde's
/// error does not list the variants of an enum that has an untagged variant.
fn own_client_signals() -> Vec<String> {
    let source = fs::read_to_string(in_repository("src/model/signal.rs")).expect("the source of the signals");
    let (_, after) = source.split_once("pub enum ClientSignal {").expect("the enum");
    let (variants, _) = after.split_once("\n}").expect("the end of the enum");
    let lines = variants.lines().filter_map(|line| line.strip_prefix("    "));
    let lines = lines.filter(|line| line.starts_with(|letter: char| letter.is_ascii_uppercase()));
    let names = lines.filter_map(|line| line.split(|letter: char| !letter.is_ascii_alphanumeric()).next());
    names.filter(|name| *name != "StageRequest").map(snake_case).collect()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn assert_documented<T: Serialize + DeserializeOwned>(heading: &str, tag: Option<&str>) {
    assert_eq!(
        names_in_document::<T>(heading, tag),
        names_in_rust::<T>(tag),
        "sockets.md, {heading}: the page (left) and the types in Rust (right) differ"
    );
}

#[test]
fn every_message_from_the_server_is_documented() {
    assert_documented::<ServerSignal>("Messages from the server", Some("type"));
    assert_documented::<Refusal>("Why a request is refused", Some("reason"));
    assert_documented::<Ending>("Why a socket ends", Some("why"));
    assert_documented::<Deed>("Entries of the log", Some("did"));
    assert_eq!(examples::<ListSignal>("The list of rooms").len(), 1);
}

#[test]
fn every_message_from_a_page_is_documented() {
    let own = own_client_signals();
    assert!(own.contains(&"hear_yourself".to_owned()), "{own:?}");
    let mut names = [own, names_in_rust::<StageRequest>(Some("type"))].concat();
    names.sort();
    let documented = names_in_document::<ClientSignal>("Messages from the page", Some("type"));
    assert_eq!(
        documented, names,
        "sockets.md (left) and the types in Rust (right) differ"
    );
    assert_documented::<ModerationAction>("Actions", None);
}
