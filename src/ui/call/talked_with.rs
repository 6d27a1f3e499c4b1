//! The people with whom you have talked in a call. The code is pure.
//!
//! You have talked with somebody if each of you had an open microphone at some time while both of you were inside.

use crate::model::{
    id::UserId,
    room::{ParticipantInfo, Person},
};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct TalkedWith {
    /// Whether you have been inside.
    has_been_inside: bool,
    /// The people who were inside while your microphone was open.
    listeners: BTreeSet<UserId>,
    /// The people whose microphone was open while you were inside, in this order.
    talkers: Vec<Person>,
}

impl TalkedWith {
    /// Notes who is inside now. Call this while you are inside, after every change. `is_live` says whether your microphone is open.
    pub fn note(&mut self, roster: &[ParticipantInfo], me: &UserId, is_live: bool) {
        self.has_been_inside = true;
        let others = roster.iter().filter(|one| one.person.id != *me);
        for ParticipantInfo { person, muted, .. } in others {
            if is_live && !self.listeners.contains(&person.id) {
                self.listeners.insert(person.id.clone());
            }
            if !muted {
                match self.talkers.iter_mut().find(|known| known.id == person.id) {
                    Some(known) if known != person => *known = person.clone(),
                    Some(_) => {}
                    None => self.talkers.push(person.clone()),
                }
            }
        }
    }

    /// The people with whom you have talked; `None` if you have never been inside.
    pub fn people(&self) -> Option<Vec<Person>> {
        let both = |person: &&Person| self.listeners.contains(&person.id);
        self.has_been_inside
            .then(|| self.talkers.iter().filter(both).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stage::Role;

    fn user(name: &str) -> UserId {
        UserId::parse(&format!("user-{name:a<10}")).expect("an id")
    }

    fn participant(name: &str, muted: bool) -> ParticipantInfo {
        ParticipantInfo {
            muted,
            ..ParticipantInfo::new(Person::named(user(name), name), Role::Speaker, 1)
        }
    }

    fn names(talked_with: &TalkedWith) -> Vec<String> {
        let people = talked_with.people().expect("inside");
        people.into_iter().map(|person| person.name).collect()
    }

    #[test]
    fn both_must_have_had_an_open_microphone_but_not_at_the_same_time() {
        let me = user("Me");
        let mut talked_with = TalkedWith::default();
        assert_eq!(talked_with.people(), None, "you have only looked in");
        let mine = participant("Me", false);
        talked_with.note(
            &[mine.clone(), participant("Tom", false), participant("Jo", true)],
            &me,
            false,
        );
        assert!(names(&talked_with).is_empty(), "you were muted");
        talked_with.note(
            &[mine.clone(), participant("Tom", true), participant("Jo", true)],
            &me,
            true,
        );
        assert_eq!(
            names(&talked_with),
            ["Tom"],
            "Jo was muted, and you are not in the list"
        );
        talked_with.note(&[mine, participant("Jo", false)], &me, false);
        assert_eq!(names(&talked_with), ["Tom", "Jo"], "Tom has left");
    }

    #[test]
    fn somebody_who_left_before_you_spoke_did_not_talk_with_you() {
        let me = user("Me");
        let mut talked_with = TalkedWith::default();
        talked_with.note(&[participant("Mina", false)], &me, false);
        talked_with.note(&[participant("Tom", false)], &me, true);
        assert_eq!(names(&talked_with), ["Tom"]);
    }

    #[test]
    fn a_person_who_was_renamed_has_the_new_name() {
        let me = user("Me");
        let mut talked_with = TalkedWith::default();
        talked_with.note(&[participant("Tom", false)], &me, true);
        let mut renamed = participant("Tom", false);
        renamed.person.name = "Thomas".into();
        talked_with.note(&[renamed], &me, false);
        assert_eq!(names(&talked_with), ["Thomas"]);
    }
}
