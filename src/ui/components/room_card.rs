//! A room on the list: its topic, its host, the faces and names of the people inside, and what makes it different from an open room.

use super::{face::Face, icon::Icon};
use crate::model::{
    id::RoomId,
    room::{RoomCard, RoomKind},
    stage::Mode,
};
use leptos::{ev::MouseEvent, prelude::*};
use std::sync::Arc;

/// How many names a card shows if it can't show the names of everybody inside.
const NAMES_MAX: usize = 3;

/// The two ways into a room from its card. Both lead to the room's page.
#[derive(Clone, Copy)]
pub struct WaysIn {
    /// The person joins the room.
    pub join: Callback<RoomId>,
    /// The person sees who is in the room, and does not join it.
    pub look_in: Callback<RoomId>,
    /// Whether the page reacts to clicks.
    pub ready: Signal<bool>,
}

/// The card of one room. The whole card is a link to the room. An update changes the existing card and does not make a new one, so
/// that the link keeps the focus. `now_s` is the server's time, in unix seconds.
#[component]
pub fn Card(card: Memo<Arc<RoomCard>>, #[prop(into)] now_s: Signal<i64>, ways_in: WaysIn) -> impl IntoView {
    let id = card.with_untracked(|card| card.info.id.clone());
    let link = format!("topic-{id}");
    let described_by = link.clone();
    let press = move |event: MouseEvent| {
        if opens_here(&event) {
            ways_in.join.run(id.clone());
        }
    };
    let info = move |part: fn(&RoomCard) -> String| move || card.with(|card| part(card));
    let is_active = Memo::new(move |_| card.with(|card| card.count() > 0));
    let host = Memo::new(move |_| card.with(|card| card.info.host.name.clone()));
    let minutes = Memo::new(move |_| {
        card.with(|card| card.active_since_s)
            .map(|since_s| (now_s.get() - since_s) / 60)
    });
    let chips = Memo::new(move |_| card.with(|card| chips(card)));
    view! {
        <li class="room-card" data-idle=move || (!is_active.get()).then_some("")>
            <h2 dir="auto">
                <a id=link href=info(|card| format!("/rooms/{}", card.info.id)) on:click=press>
                    {info(|card| card.info.topic.clone())}
                </a>
            </h2>
            {move || is_active.get().then(|| view! {
                <p class="sub">
                    <span class="host" data-names="">
                        "Hosted by "
                        <bdi translate="no">{move || host.get()}</bdi>
                    </span>
                    {move || minutes.get().map(|minutes| view! { <Age minutes/> })}
                </p>
            })}
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
            <p class="names" data-names="">{move || card.with(|card| names(card))}</p>
            <p class="foot">
                {move || is_active.get().then(|| view! { <Counts card/> })}
                <span class="chips">
                    {move || chips.get().into_iter().map(|chip| view! { <span class="chip">{chip}</span> }).collect_view()}
                </span>
                // An empty room has nobody to look at.
                {move || is_active.get().then(|| view! { <LookIn card ways_in described_by=described_by.clone()/> })}
            </p>
        </li>
    }
}

/// The button to see who is in the room without joining it. Without scripts it is not needed, because the card's link looks in.
#[component]
fn LookIn(card: Memo<Arc<RoomCard>>, ways_in: WaysIn, described_by: String) -> impl IntoView {
    let look_in = move |_| ways_in.look_in.run(card.with_untracked(|card| card.info.id.clone()));
    view! {
        <button
            class="look-in" type="button" data-scripts="" aria-describedby=described_by disabled=move || !ways_in.ready.get()
            on:click=look_in
        >
            "Look in first"
        </button>
    }
}

/// Whether a click on a link opens it on this page. A click with one of these keys opens another tab or window, or downloads.
fn opens_here(click: &MouseEvent) -> bool {
    click.button() == 0 && !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key())
}

/// How long the room has been active.
#[component]
fn Age(minutes: i64) -> impl IntoView {
    let words = match minutes {
        ..1 => return view! { <span class="age">"just started"</span> }.into_any(),
        1..60 => format!("{minutes} min"),
        60..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    };
    view! {
        <span class="age">
            <span class="visually-hidden">"live for "</span>
            {words}
        </span>
    }
    .into_any()
}

/// How many people are inside. In a room with a stage, people who can talk and people who listen are counted apart, because these
/// numbers tell a chat from a lecture.
#[component]
fn Counts(card: Memo<Arc<RoomCard>>) -> impl IntoView {
    let is_stage = Memo::new(move |_| card.with(|card| card.info.rules.mode == Mode::Stage));
    let count = move |of: fn(&RoomCard) -> usize| move || card.with(|card| of(card));
    let on_stage = count(|card| card.count() - card.listeners.min(card.count()));
    let in_audience = count(|card| card.listeners);
    let inside = count(RoomCard::count);
    move || match is_stage.get() {
        true => view! {
            <span class="count">
                <Icon name="mic"/>
                <span>{on_stage} <span class="visually-hidden">" on stage"</span></span>
            </span>
            <span class="count">
                <Icon name="ear"/>
                <span>{in_audience} <span class="visually-hidden">" listening"</span></span>
            </span>
        }
        .into_any(),
        false => view! {
            <span class="count">
                <Icon name="people"/>
                <span>{inside} " here"</span>
            </span>
        }
        .into_any(),
    }
}

/// What makes the room different from an open room in which everyone can talk and which ends when everybody has left.
fn chips(card: &RoomCard) -> Vec<&'static str> {
    let (kind, rules) = (card.info.kind, card.info.rules);
    let kind = (kind != RoomKind::Open).then(|| kind.label());
    let stage = (rules.mode == Mode::Stage).then(|| Mode::Stage.label());
    let permanent = rules.permanent.then_some("Permanent");
    [kind, stage, permanent].into_iter().flatten().collect()
}

fn names(card: &RoomCard) -> impl IntoView + use<> {
    let all = card.count();
    // If there is only one name more than the maximum, show this name too: it takes no more space than "and 1 more".
    let shown = if all <= NAMES_MAX + 1 { all } else { NAMES_MAX };
    let named = card.names().take(shown).enumerate();
    let named =
        named.map(|(index, name)| view! { {(index > 0).then_some(", ")} <bdi translate="no">{name.to_owned()}</bdi> });
    view! {
        {(all == 0).then_some("Empty. Be the first.")}
        {named.collect_view()}
        {(all > shown).then(|| format!(" and {} more", all - shown))}
    }
}
