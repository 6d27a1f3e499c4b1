//! A room on the list: its topic, faces, names, number of people and kind.

use super::{face::Face, icon::Icon};
use crate::model::{room::RoomCard, stage::Mode};
use leptos::prelude::*;
use std::sync::Arc;

/// How many names a card shows if it can't show the names of everybody inside.
const NAMES_MAX: usize = 3;

/// The card of one room. The whole card is a link to the room. An update changes the existing card and does not make a new one, so
/// that the link keeps the focus.
#[component]
pub fn Card(card: Memo<Arc<RoomCard>>) -> impl IntoView {
    let info = move |part: fn(&RoomCard) -> String| move || card.with(|card| part(card));
    let is_stage = Memo::new(move |_| card.with(|card| card.info.rules.mode == Mode::Stage));
    view! {
        <li class="room-card" data-idle=move || card.with(|card| card.count() == 0).then_some("")>
            <h2 dir="auto">
                <a href=info(|card| format!("/rooms/{}", card.info.id))>{info(|card| card.info.topic.clone())}</a>
            </h2>
            <div class="faces" aria-hidden="true">
                <For
                    each=move || card.with(|card| card.faces.clone())
                    key=|person| (person.id.clone(), person.picture.clone())
                    let:person
                >
                    <Face
                        picture=person.picture
                        speaks=Signal::derive(move || card.with(|card| card.speaking.contains(&person.id)))
                    />
                </For>
            </div>
            <p class="names">{move || card.with(|card| names(card))}</p>
            <p class="foot">
                <span class="count">
                    <Icon name="people"/>
                    <span>{info(count)}</span>
                </span>
                <span class="chip">{info(|card| card.info.kind.label().to_owned())}</span>
                {move || is_stage.get().then(|| view! { <span class="chip">{Mode::Stage.label()}</span> })}
            </p>
        </li>
    }
}

fn count(card: &RoomCard) -> String {
    match card.count() {
        0 => "nobody here".to_owned(),
        many => format!("{many} here"),
    }
}

fn names(card: &RoomCard) -> impl IntoView + use<> {
    let all = card.count();
    // If there is only one name more than the maximum, show this name too: it takes no more space than "and 1 more".
    let shown = if all <= NAMES_MAX + 1 { all } else { NAMES_MAX };
    let named = card.names().take(shown).enumerate();
    let named = named.map(|(index, name)| view! { {(index > 0).then_some(", ")} <bdi>{name.to_owned()}</bdi> });
    view! {
        {(all == 0).then_some("Empty. Be the first.")}
        {named.collect_view()}
        {(all > shown).then(|| format!(" and {} more", all - shown))}
    }
}
