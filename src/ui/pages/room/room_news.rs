//! Tells people with a screen reader who came in, who left, who was removed and who was invited to the stage.

use crate::{
    browser::timer::sleep_ms,
    model::{
        id::UserId,
        moderation_log::{Deed, LogEntry, ModerationPanel},
        room::{ParticipantInfo, Person},
        stage::Role,
    },
    ui::{
        announcer::use_announcer,
        call::{JoinState, Presence},
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::collections::HashMap;

/// If more people than this are in the room, news about several people gives their number and not their names.
const NAMED_UP_TO: usize = 12;
/// How long news is collected before it is read out, in milliseconds: in a small room, and in one with more than [`NAMED_UP_TO`] people.
/// The list of removed people, which only hosts get, arrives after the news that somebody left.
const COLLECTED_MS: u32 = 1_000;
const COLLECTED_IN_LARGE_ROOMS_MS: u32 = 3_000;

/// What has happened since the last announcement. It is about other people only.
#[derive(Debug, Clone, PartialEq, Default)]
struct RoomNews {
    came: Vec<Person>,
    left: Vec<Person>,
    invited: Vec<Person>,
}

impl RoomNews {
    /// What has changed between two states of the roster. `me` is the person whose page this is.
    fn between(before: &[ParticipantInfo], now: &[ParticipantInfo], me: Option<&UserId>) -> Self {
        let (was, is) = (by_id(before), by_id(now));
        let others = |list: &[ParticipantInfo], is_meant: &dyn Fn(&ParticipantInfo) -> bool| -> Vec<Person> {
            let meant = list.iter().filter(|one| Some(&one.person.id) != me && is_meant(one));
            meant.map(|one| one.person.clone()).collect()
        };
        let was_invited = |one: &ParticipantInfo| was.get(&one.person.id).is_some_and(|was| was.invited);
        Self {
            came: others(now, &|one| !was.contains_key(&one.person.id)),
            left: others(before, &|one| !is.contains_key(&one.person.id)),
            invited: others(now, &|one| one.invited && !was_invited(one)),
        }
    }

    /// The news without your own invitations, because a toast says those.
    fn without_invitations(mut self, is_mine: impl Fn(&UserId) -> bool) -> Self {
        self.invited.retain(|person| !is_mine(&person.id));
        self
    }

    fn is_empty(&self) -> bool {
        self.came.is_empty() && self.left.is_empty() && self.invited.is_empty()
    }

    /// Adds later news. Nobody needs to hear of a person who left and came back meanwhile, or came and left.
    fn add(&mut self, later: Self) {
        for person in later.came {
            cancel_or_add(&mut self.left, &mut self.came, person);
        }
        for person in later.left {
            self.invited.retain(|one| one.id != person.id);
            cancel_or_add(&mut self.came, &mut self.left, person);
        }
        self.invited.extend(later.invited);
    }

    /// The sentences, for a room with `many` people. `panel` says who was removed, as far as the reader may know. People whom the reader
    /// has removed are left out, because a toast says that. Only hosts hear of invitations.
    fn sentences(&self, many: usize, panel: &ModerationPanel, me: Option<&UserId>, hosts: bool) -> Vec<String> {
        let (removed, left): (Vec<&Person>, Vec<&Person>) =
            self.left.iter().partition(|person| is_barred(panel, &person.id));
        let removed: Vec<&Person> = removed
            .into_iter()
            .filter(|person| remover(panel, &person.id) != me)
            .collect();
        let came: Vec<&Person> = self.came.iter().collect();
        let invited: Vec<&Person> = self.invited.iter().filter(|_| hosts).collect();
        [
            sentence(&came, many, "came in", "came in"),
            sentence(&left, many, "left", "left"),
            sentence(&removed, many, "was removed", "were removed"),
            sentence(&invited, many, "is invited to the stage", "are invited to the stage"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn by_id(list: &[ParticipantInfo]) -> HashMap<&UserId, &ParticipantInfo> {
    list.iter().map(|one| (&one.person.id, one)).collect()
}

fn cancel_or_add(opposite: &mut Vec<Person>, list: &mut Vec<Person>, person: Person) {
    match opposite.iter().position(|one| one.id == person.id) {
        Some(at) => drop(opposite.remove(at)),
        None => list.push(person),
    }
}

fn is_barred(panel: &ModerationPanel, user: &UserId) -> bool {
    panel.barred.iter().any(|bar| bar.person.id == *user)
}

/// The host who removed or banned this person last.
fn remover<'a>(panel: &'a ModerationPanel, user: &UserId) -> Option<&'a UserId> {
    let is_removal = |entry: &&LogEntry| {
        let is_about = entry.about.as_ref().is_some_and(|about| about.id == *user);
        is_about && matches!(entry.deed, Deed::Removed | Deed::Banned)
    };
    let entry = panel.log.iter().find(is_removal)?;
    entry.by.as_ref().map(|by| &by.id)
}

/// "Tom came in.", "Tom, Ada and Mina came in." or, in a room with many people, "3 people came in."
fn sentence(people: &[&Person], many: usize, one_did: &str, several_did: &str) -> Option<String> {
    let names: Vec<_> = people.iter().map(|person| person.called()).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("{one} {one_did}.")),
        names if many > NAMED_UP_TO => Some(format!("{} people {several_did}.", names.len())),
        [first @ .., last] => Some(format!("{} and {last} {several_did}.", first.join(", "))),
    }
}

/// Announces the news of the room while you are inside and its page is open.
pub fn announce_news(presence: Presence) {
    let announcer = use_announcer();
    let collected = StoredValue::new(RoomNews::default());
    let say_later = move || {
        let many = presence.roster.with_untracked(Vec::len);
        spawn_local(async move {
            sleep_ms(match many > NAMED_UP_TO {
                true => COLLECTED_IN_LARGE_ROOMS_MS,
                false => COLLECTED_MS,
            })
            .await;
            // If the page of the room is gone, so is what was collected.
            let news = collected.try_update_value(std::mem::take).unwrap_or_default();
            let (many, me) = (presence.roster.with_untracked(Vec::len), presence.me.get_untracked());
            let hosts = untrack(|| presence.role()).is_some_and(Role::hosts);
            let sentences = presence
                .panel
                .with_untracked(|panel| news.sentences(many, panel, me.as_ref(), hosts));
            if !sentences.is_empty() {
                announcer.say(sentences.join(" "));
            }
        });
    };
    Effect::new(move |before: Option<Option<Vec<ParticipantInfo>>>| {
        let is_inside = presence.join_state.get() == JoinState::Inside;
        let now = is_inside.then(|| presence.roster.get());
        if let (Some(Some(before)), Some(now)) = (&before, &now) {
            let news = RoomNews::between(before, now, presence.me.get_untracked().as_ref());
            let news = news.without_invitations(|user| presence.has_invited(user));
            if !news.is_empty() {
                let is_first = collected.with_value(RoomNews::is_empty);
                collected.update_value(|collected| collected.add(news));
                if is_first {
                    say_later();
                }
            }
        }
        now
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::moderation_log::Barred;

    fn person(name: &str) -> Person {
        Person::named(UserId::parse(&format!("user-{name:a<10}")).expect("an id"), name)
    }

    fn participant(name: &str) -> ParticipantInfo {
        ParticipantInfo::new(person(name), Role::Speaker, 1)
    }

    fn people(names: &[&str]) -> Vec<ParticipantInfo> {
        names.iter().map(|name| participant(name)).collect()
    }

    fn news(before: &[&str], now: &[&str]) -> RoomNews {
        RoomNews::between(&people(before), &people(now), Some(&person("Me").id))
    }

    /// What somebody hears who is not a host.
    fn said(news: &RoomNews, many: usize) -> Vec<String> {
        news.sentences(many, &ModerationPanel::default(), Some(&person("Me").id), false)
    }

    #[test]
    fn people_who_come_and_leave_are_named_but_not_you() {
        assert_eq!(said(&news(&["Me"], &["Me", "Tom"]), 2), ["Tom came in."]);
        assert_eq!(said(&news(&["Tom"], &["Me"]), 1), ["Tom left."]);
        let three = news(&["Gus"], &["Tom", "Ada", "Mina"]);
        assert_eq!(said(&three, 12), ["Tom, Ada and Mina came in.", "Gus left."]);
        assert!(news(&["Me", "Tom"], &["Me", "Tom"]).is_empty());
    }

    #[test]
    fn above_12_people_news_about_several_people_is_a_number() {
        let three = news(&["Gus"], &["Tom", "Ada", "Mina"]);
        assert_eq!(said(&three, 13), ["3 people came in.", "Gus left."]);
    }

    #[test]
    fn somebody_who_left_and_came_back_is_no_news() {
        let mut both = news(&["Tom"], &[]);
        both.add(news(&[], &["Tom"]));
        assert!(both.is_empty());
        both.add(news(&[], &["Tom"]));
        both.add(news(&["Tom"], &[]));
        assert!(both.is_empty());
    }

    #[test]
    fn only_hosts_hear_that_somebody_was_removed_or_invited_and_a_host_not_of_their_own_removals() {
        let gone = news(&["Tom", "Gus"], &[]);
        assert_eq!(said(&gone, 3), ["Tom and Gus left."]);
        let bar = |name: &str| Barred {
            person: person(name),
            until_s: None,
            guest: false,
        };
        let ban = |by: &str, about: &str| LogEntry {
            number: 1,
            at_s: 0,
            by: Some(person(by)),
            about: Some(person(about)),
            deed: Deed::Banned,
            undone: false,
            can_undo: true,
        };
        let panel = ModerationPanel {
            log: vec![ban("Ada", "Tom"), ban("Me", "Gus")],
            barred: vec![bar("Tom"), bar("Gus")],
        };
        let me = person("Me").id;
        assert_eq!(gone.sentences(3, &panel, Some(&me), true), ["Tom was removed."]);
        let before = people(&["Tom"]);
        let now = [ParticipantInfo {
            invited: true,
            ..participant("Tom")
        }];
        let invited = RoomNews::between(&before, &now, Some(&me));
        assert_eq!(
            invited.sentences(3, &panel, Some(&me), true),
            ["Tom is invited to the stage."]
        );
        assert!(said(&invited, 3).is_empty());
        let by_others = invited.clone().without_invitations(|user| *user == person("Gus").id);
        assert_eq!(by_others, invited);
        let by_nobody_else = invited.without_invitations(|user| *user == person("Tom").id);
        assert!(by_nobody_else.is_empty());
    }
}
