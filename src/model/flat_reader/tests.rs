//! Tests that people, rooms and what a Snug says about itself are read as they are written.

use super::*;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// `whole` must have a value in each field that is only sent if it has one.
fn assert_reads_what_it_writes<T: Serialize + DeserializeOwned + PartialEq + Debug>(whole: &T, fields: &[&str]) {
    let json = serde_json::to_value(whole).expect("JSON");
    let mut written: Vec<&str> = json
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    written.sort_unstable();
    let mut known = fields.to_vec();
    known.sort_unstable();
    assert_eq!(written, known, "a new field needs a line in its reader");
    assert_eq!(serde_json::from_value::<T>(json).expect("the object"), *whole);
}

fn ada() -> Person {
    Person {
        picture: "/faces/a.svg".into(),
        guest: true,
        ..Person::named(UserId::parse("abcdefghij").expect("an id"), "Ada")
    }
}

fn kitchen() -> RoomInfo {
    let rules = Rules {
        mode: Mode::Stage,
        permanent: true,
        new_account_minutes: 5,
    };
    RoomInfo {
        owned_by: UserId::parse("bbbbbbbbbb").expect("an id"),
        absent_owner: Some(AbsentOwner {
            name: "Ben".into(),
            appointed: true,
            for_long: false,
        }),
        ..RoomInfo::new(
            RoomId::parse("abcdefghij").expect("an id"),
            "Kitchen table",
            RoomKind::Social,
            ada(),
            rules,
        )
    }
}

fn participant() -> ParticipantInfo {
    ParticipantInfo {
        hand: Some(3),
        hand_since_s: Some(17),
        invited: true,
        mic_lock: Some(MicLock::NewAccount),
        away: true,
        ..ParticipantInfo::new(ada(), Role::CoHost, 7)
    }
}

const PERSON: [&str; 4] = ["id", "name", "picture", "guest"];
const INFO: [&str; 10] = [
    "id",
    "topic",
    "kind",
    "host",
    "opened_by",
    "kept_by",
    "absent_owner",
    "mode",
    "standing",
    "hold_minutes",
];

#[test]
fn people_are_read_as_they_are_written() {
    let user = User {
        person: ada(),
        activated: true,
        owner: true,
    };
    assert_reads_what_it_writes(&user, &[&PERSON[..], &["activated", "owner"][..]].concat());
    let own = [
        "role",
        "hand",
        "hand_since_s",
        "invited",
        "hold",
        "away",
        "muted",
        "voice",
    ];
    assert_reads_what_it_writes(&participant(), &[&PERSON[..], &own[..]].concat());
}

#[test]
fn rooms_are_read_as_they_are_written() {
    assert_reads_what_it_writes(&kitchen(), &INFO);
    let card = RoomCard {
        info: kitchen(),
        faces: vec![ada()],
        more: 2,
        listeners: 1,
        active_since_s: Some(5),
        speaking: vec![ada().id],
        barred: vec![],
        searched_names: vec![],
    };
    let own = ["faces", "more", "listeners", "since", "speaking"];
    assert_reads_what_it_writes(&card, &[&INFO[..], &own[..]].concat());
    let page = RoomPage {
        info: kitchen(),
        roster: vec![participant()],
        let_in_by: Some("Ben".into()),
    };
    assert_reads_what_it_writes(&page, &[&INFO[..], &["roster", "let_in_by"][..]].concat());
}

#[test]
fn a_card_without_faces_and_a_page_without_a_roster_are_refused() {
    let info = serde_json::to_string(&kitchen()).expect("JSON");
    let error = |error: serde_json::Error| error.to_string();
    let card = serde_json::from_str::<RoomCard>(&info).map_err(error);
    assert!(card.is_err_and(|error| error.starts_with("missing field `faces`")));
    let page = serde_json::from_str::<RoomPage>(&info).map_err(error);
    assert!(page.is_err_and(|error| error.starts_with("missing field `roster`")));
}

#[test]
fn what_a_snug_says_about_itself_is_read_as_it_is_written() {
    let info = SnugInfo {
        text: SnugText::parse("Ada's Snug", "Tea").expect("a name"),
        host: Some(SnugHost {
            name: "Ada".into(),
            picture: "/faces/a.svg".into(),
        }),
    };
    assert_reads_what_it_writes(&info, &["name", "line", "host"]);
}
