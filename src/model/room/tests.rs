//! Tests of topics, of kinds of rooms, and of the search in the list.

use super::*;

#[test]
fn a_topic_has_1_to_80_characters() {
    assert_eq!(
        Topic::parse("  Tea  and\tnothing ").map(|t| t.0),
        Ok("Tea and nothing".into())
    );
    assert!(Topic::parse(&"ß".repeat(80)).is_ok());
    assert!(Topic::parse(&"x".repeat(81)).is_err());
    assert!(Topic::parse(" \n ").is_err());
    assert!(Topic::parse("a\u{7}b").is_err());
    let marks = "\u{301}".repeat(60);
    for topic in ["\u{200B}", "\u{3164}", "\u{202E}aet", &marks, &format!("Tea{marks}")] {
        assert!(Topic::parse(topic).is_err(), "{topic:?}");
    }
}

#[test]
fn a_kind_is_one_of_three() {
    assert_eq!(RoomKind::parse("social"), Ok(RoomKind::Social));
    assert!(RoomKind::parse("Open").is_err());
    assert!(RoomKind::parse("secret").is_err());
}

#[test]
fn only_a_guest_is_called_a_guest_in_sentences_and_in_json() {
    let ada = Person::named(UserId::parse("abcdefghij").expect("an id"), "Ada");
    let gus = Person {
        guest: true,
        ..Person::named(ada.id.clone(), "Gus")
    };
    assert_eq!((ada.called(), gus.called()), ("Ada".into(), "Gus (guest)".into()));
    let json = |person: &Person| serde_json::to_string(person).expect("json");
    assert_eq!(json(&ada), r#"{"id":"abcdefghij","name":"Ada","picture":""}"#);
    assert_eq!(
        json(&gus),
        r#"{"id":"abcdefghij","name":"Gus","picture":"","guest":true}"#
    );
    let old: Person = serde_json::from_str(&json(&ada)).expect("a person");
    assert!(!old.guest, "a row of the log from before this field");
}

#[test]
fn search_finds_topics_and_people() {
    let person = |name: &str| Person::named(UserId::parse("abcdefghij").expect("an id"), name);
    let id = RoomId::parse("abcdefghij").expect("an id");
    let topic = "Borrow checker clinic";
    let info = RoomInfo::new(id, topic, RoomKind::Open, person("Mina"), Rules::default());
    let card = RoomCard {
        info,
        faces: vec![person("Mina"), person("Tom")],
        more: 1,
        listeners: 0,
        active_since_s: None,
        speaking: vec![],
        barred: vec![],
        searched_names: ["Mina", "Tom", "Zoë Six"].map(String::from).into(),
    };
    assert_eq!(card.count(), 3);
    assert!(card.matches("") && card.matches("CLINIC") && card.matches("tom borrow") && card.matches("zoë"));
    assert!(card.matches("\u{FEFF}to\u{AD}m\u{200B}"), "a pasted name");
    assert!(!card.matches("tea") && !card.matches("tom tea"));
}
