//! Tests of which names guests must not take, and of the names that are proposed instead.

use super::*;

fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).expect("a name")
}

fn around(reserved: &[(&str, TrustedPosition)], inside: &[&str]) -> NamesAround {
    let mut around = NamesAround::default();
    for (number, (name, position)) in reserved.iter().enumerate() {
        let id = UserId::parse(&format!("user-holder-{number}")).expect("an id");
        around.reserve(&Person::named(id, *name), *position);
    }
    around.inside = inside.iter().map(|name| (*name).to_owned()).collect();
    around
}

#[test]
fn the_refusal_says_whose_name_it_is_and_proposes_two_others() {
    let around = around(&[("Ada", TrustedPosition::Host)], &["Ada"]);
    let refusal = around
        .find_clash(None, &name("ADA"))
        .expect("a clash")
        .refusal("this room");
    assert_eq!(
        refusal.detail,
        "Ada is hosting this room, so a guest can't use that name. Try ADA B. or ADA 2."
    );
    assert_eq!(
        (refusal.kind, refusal.names),
        (Kind::Invalid, vec!["ADA B.".into(), "ADA 2".into()])
    );
    assert_eq!(around.find_clash(None, &name("Adam")), None);
}

#[test]
fn each_position_is_named_in_the_refusal() {
    for (position, words) in [
        (TrustedPosition::Host, "Ada is hosting this room,"),
        (TrustedPosition::CoHost, "Ada is a co-host of this room,"),
        (TrustedPosition::RoomOwner, "Ada owns this room,"),
        (TrustedPosition::RoomOpener, "Ada opened this room,"),
        (TrustedPosition::SnugOwner, "Ada runs this Snug,"),
    ] {
        let around = around(&[("Ada", position)], &[]);
        let clash = around.find_clash(None, &name("ada")).expect("a clash");
        assert!(clash.refusal("this room").detail.starts_with(words), "{words}");
    }
}

#[test]
fn the_proposals_pass_the_same_check_and_are_not_the_names_of_people_inside() {
    let reserved = [
        ("Ada", TrustedPosition::Host),
        ("ada b.", TrustedPosition::CoHost),
        ("Ada C.", TrustedPosition::SnugOwner),
    ];
    let around = around(&reserved, &["Ada", "Ada 2", "ADA 3"]);
    let clash = around.find_clash(None, &name("Ada")).expect("a clash");
    assert_eq!(clash.free, ["Ada D.", "Ada 4"]);
    for free in &clash.free {
        assert_eq!(around.find_clash(None, &name(free)), None, "{free}");
    }
}

#[test]
fn a_proposal_for_the_longest_name_is_shortened_to_40_characters() {
    for letter in ["x", "👨\u{200D}👩\u{200D}👧\u{200D}👦"] {
        let long = letter.repeat(40);
        let around = around(&[(long.as_str(), TrustedPosition::Host)], &[]);
        let clash = around.find_clash(None, &name(&long)).expect("a clash");
        assert_eq!(
            clash.free,
            [format!("{} B.", letter.repeat(37)), format!("{} 2", letter.repeat(38))]
        );
    }
}

#[test]
fn people_do_not_stand_in_their_own_way() {
    let me = UserId::parse("user-gus-1").expect("an id");
    let mut around = NamesAround::default();
    let gus = Person {
        picture: generated_face::address("Gus"),
        ..Person::named(me.clone(), "Gus")
    };
    around.reserve(&gus, TrustedPosition::CoHost);
    assert_eq!(around.find_face(Some(&me), &gus.picture), None);
    assert!(around.find_face(None, &gus.picture).is_some());
    assert_eq!(around.find_face(None, &generated_face::address("tea")), None);
    assert_eq!(around.find_face(None, ""), None);
    assert_eq!(around.find_clash(Some(&me), &name("gus")), None);
    assert!(around.find_clash(None, &name("gus")).is_some());
}
