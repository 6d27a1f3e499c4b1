//! The title of a room's page, as the browser's tab shows it. It says who is speaking. For a host who is looking at another tab, it says
//! who has raised a hand since.

use super::hand_queue::in_order;
use crate::{
    model::{id::UserId, isolated::isolated, room::ParticipantInfo, stage::Role},
    ui::call::Presence,
};
use leptos::{leptos_dom::helpers::is_browser, prelude::*};
use leptos_meta::Title;

#[component]
pub fn RoomTitle(presence: Presence, topic: String) -> impl IntoView {
    let speakers = Memo::new(move |_| presence.speakers());
    let hands = unseen_hands(presence);
    // After the render, `is_browser` can't tell any more.
    let text = title(is_browser(), hands.into(), speakers.into(), topic);
    view! { <Title text/> }
}

/// The title, for which the browser reads the signals. On the server, Leptos reads the title after the render, when the signals and
/// their arena may be gone, and reading a signal without an arena panics. So the server's title is only the topic.
fn title(
    in_browser: bool,
    hands: Signal<Vec<String>>,
    speakers: Signal<Vec<String>>,
    topic: String,
) -> impl Fn() -> String {
    move || {
        if !in_browser {
            return title_of_speakers(&[], &topic);
        }
        let (hands, speakers) = (hands.get(), speakers.get());
        match hands.is_empty() {
            true => title_of_speakers(&speakers, &topic),
            false => title_of_hands(&hands, &topic),
        }
    }
}

/// For hosts: the names of the people who have raised a hand since the page was last visible, in the order of the queue.
fn unseen_hands(presence: Presence) -> RwSignal<Vec<String>> {
    let names = RwSignal::new(vec![]);
    let hosts = Memo::new(move |_| presence.role().is_some_and(Role::hosts));
    Effect::new(move |seen: Option<Vec<(UserId, Option<u32>)>>| {
        let hands = presence.roster.with(|roster| in_order(roster));
        let seen = match presence.page_hidden.get() && hosts.get() {
            true => seen.unwrap_or_default(),
            false => hands.iter().map(key).collect(),
        };
        let unseen = hands.iter().filter(|one| !seen.contains(&key(one)));
        let unseen: Vec<String> = unseen.map(|one| one.person.name.clone()).collect();
        if names.with_untracked(|before| *before != unseen) {
            names.set(unseen);
        }
        seen
    });
    names
}

/// Tells a hand from all others, also from one that the same person raised before.
fn key(one: &ParticipantInfo) -> (UserId, Option<u32>) {
    (one.person.id.clone(), one.hand)
}

fn title_of_speakers(speakers: &[String], topic: &str) -> String {
    let topic = isolated(topic);
    match speakers {
        [] => topic.into_owned(),
        [one] => format!("{} speaks · {topic}", isolated(one)),
        [one, other] => format!("{} and {} speak · {topic}", isolated(one), isolated(other)),
        [one, others @ ..] => format!("{} and {} more speak · {topic}", isolated(one), others.len()),
    }
}

fn title_of_hands(names: &[String], topic: &str) -> String {
    let topic = isolated(topic);
    match names {
        [] => topic.into_owned(),
        [one] => format!("✋ {} · {topic}", isolated(one)),
        [one, others @ ..] => format!("✋ {} and {} more · {topic}", isolated(one), others.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_server_reads_the_title_when_the_signals_are_gone() {
        let owner = Owner::new();
        let text = owner.with(|| {
            let speakers = RwSignal::new(names(&["Tom"]));
            title(
                false,
                RwSignal::new(vec![]).into(),
                speakers.into(),
                "Kitchen table".into(),
            )
        });
        drop(owner);
        // Another thread has no arena.
        let read = std::thread::spawn(text).join();
        assert_eq!(read.ok().as_deref(), Some("Kitchen table"));
    }

    #[test]
    fn the_title_names_who_speaks_or_whose_hand_a_host_has_not_seen() {
        assert_eq!(title_of_speakers(&names(&[]), "Kitchen table"), "Kitchen table");
        assert_eq!(
            title_of_speakers(&names(&["Tom"]), "Kitchen table"),
            "Tom speaks · Kitchen table"
        );
        assert_eq!(
            title_of_hands(&names(&["Tom"]), "Kitchen table"),
            "✋ Tom · Kitchen table"
        );
        let three = names(&["Tom", "Ada", "Jo"]);
        assert_eq!(
            title_of_hands(&three, "Kitchen table"),
            "✋ Tom and 2 more · Kitchen table"
        );
    }
}
