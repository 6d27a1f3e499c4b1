//! The queue of raised hands: its order, and somebody's place in it. The code is pure.

use crate::model::room::ParticipantInfo;
use std::borrow::Cow;

static ORDINALS: [&str; 10] = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
];

/// The people whose hands are up, in the order in which they raised them.
pub fn in_order(roster: &[ParticipantInfo]) -> Vec<ParticipantInfo> {
    let mut up: Vec<ParticipantInfo> = roster.iter().filter(|one| one.hand.is_some()).cloned().collect();
    up.sort_by_key(|one| one.hand);
    up
}

/// The place of this person in the queue, from 1; `None` if their hand is down.
pub fn place_of(one: &ParticipantInfo, roster: &[ParticipantInfo]) -> Option<usize> {
    let own = one.hand?;
    let before = roster.iter().filter_map(|other| other.hand).filter(|hand| *hand < own);
    Some(before.count() + 1)
}

/// A place in words, such as "second" or "21st".
pub fn ordinal(place: usize) -> Cow<'static, str> {
    if let Some(word) = place.checked_sub(1).and_then(|at| ORDINALS.get(at).copied()) {
        return Cow::Borrowed(word);
    }
    let ending = match (place % 100, place % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    Cow::Owned(format!("{place}{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{id::UserId, room::Person};

    fn participant(name: &str, hand: Option<u32>) -> ParticipantInfo {
        // As a page gets it: the fields that are missing have their defaults.
        let json = r#"{"id":"user-aaaaaa","name":"","picture":"","role":"listener","muted":true,"voice":1}"#;
        let id = UserId::parse(&format!("user-{name:a<10}")).expect("an id");
        ParticipantInfo {
            person: Person::named(id, name),
            hand,
            ..serde_json::from_str(json).expect("a participant")
        }
    }

    #[test]
    fn the_hand_that_was_raised_first_is_first_wherever_the_person_is_on_the_roster() {
        let roster = [
            participant("Ben", Some(7)),
            participant("Cem", None),
            participant("Dee", Some(3)),
        ];
        let names: Vec<String> = in_order(&roster).into_iter().map(|one| one.person.name).collect();
        assert_eq!(names, ["Dee", "Ben"]);
        let places = roster.each_ref().map(|one| place_of(one, &roster));
        assert_eq!(places, [Some(2), None, Some(1)]);
    }

    #[test]
    fn a_place_is_a_word_up_to_ten_and_then_a_number() {
        let words = [1, 2, 10, 11, 12, 21, 22, 33, 111].map(ordinal);
        assert_eq!(
            words,
            [
                "first", "second", "tenth", "11th", "12th", "21st", "22nd", "33rd", "111th"
            ]
        );
    }
}
