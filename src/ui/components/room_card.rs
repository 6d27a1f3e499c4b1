//! A room on the list: topic, faces, names, how many, kind.

use super::{face::Face, icon::Icon};
use crate::model::{
    room::{Person, RoomCard},
    stage::Mode,
};
use leptos::prelude::*;

/// How many faces a card shows.
const FACES_MAX: usize = 5;
/// How many names it tells where it can't tell all.
const NAMES_MAX: usize = 3;

/// The card of one lit room; the whole of it leads in.
#[component]
pub fn Card(card: RoomCard) -> impl IntoView {
    let faces: Vec<_> = card
        .people
        .iter()
        .take(FACES_MAX)
        .map(|person| (person.picture.clone(), card.speaking.contains(&person.id)))
        .collect();
    view! {
        <li class="room-card" data-dark=card.people.is_empty().then_some("")>
            <h2>
                <a href=format!("/rooms/{}", card.sign.id)>{card.sign.topic.clone()}</a>
            </h2>
            <div class="faces" aria-hidden="true">
                {faces.into_iter().map(|(picture, speaks)| view! { <Face picture speaks/> }).collect_view()}
            </div>
            <p class="names">{names(&card.people)}</p>
            <p class="foot">
                <span class="count">
                    <Icon name="people"/>
                    {match card.people.len() {
                        0 => "nobody here".to_owned(),
                        many => format!("{many} here"),
                    }}
                </span>
                <span class="chip">{card.sign.kind.label()}</span>
                {(card.sign.rules.mode == Mode::Stage).then(|| view! { <span class="chip">{Mode::Stage.label()}</span> })}
            </p>
        </li>
    }
}

fn names(people: &[Person]) -> String {
    let told: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    match told.len() {
        0 => "It stands open, and dark.".to_owned(),
        1..=NAMES_MAX => told.join(", "),
        // One name fits where "and 1 more" would stand.
        4 => told.join(", "),
        all => format!("{} and {} more", told[..NAMES_MAX].join(", "), all - NAMES_MAX),
    }
}
