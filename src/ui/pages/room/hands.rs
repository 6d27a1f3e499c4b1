//! The region "Hands": the queue of raised hands, for hosts.

use crate::{
    model::{
        room::{ParticipantInfo, Person},
        stage::{ModerationAction, Role, StageRequest},
    },
    ui::{call::Presence, components::face::Face},
};
use leptos::prelude::*;

/// The raised hands, for hosts, in the order in which they were raised.
#[component]
pub fn Hands(presence: Presence) -> impl IntoView {
    let hosts = Memo::new(move |_| presence.role().is_some_and(Role::hosts));
    let hands = Memo::new(move |_| {
        presence.roster.with(|roster| {
            let mut up: Vec<ParticipantInfo> = roster.iter().filter(|one| one.hand.is_some()).cloned().collect();
            up.sort_by_key(|one| one.hand);
            up
        })
    });
    let is_shown = Memo::new(move |_| hosts.get() && hands.with(|hands| !hands.is_empty()));
    let message = move || {
        let names = hands.with(|hands| {
            hands
                .iter()
                .map(|one| one.person.called().into_owned())
                .collect::<Vec<_>>()
        });
        match names.as_slice() {
            [] => String::new(),
            [one] => format!("{one} raised a hand."),
            [first, ..] => format!("{} hands are up, {first}’s first.", names.len()),
        }
    };
    view! {
        <p class="visually-hidden" role="status">{move || hosts.get().then(message)}</p>
        {move || is_shown.get().then(|| view! {
            <section class="hands" aria-label="Hands">
                <h2>"Hands"</h2>
                <ol role="list">
                    <For each=move || hands.get() key=|one| (one.person.id.clone(), one.hand) let:one>
                        {hand(presence, hands, one)}
                    </For>
                </ol>
            </section>
        })}
    }
}

fn hand(presence: Presence, hands: Memo<Vec<ParticipantInfo>>, one: ParticipantInfo) -> impl IntoView {
    let called = one.person.called().into_owned();
    let Person {
        id,
        name,
        picture,
        guest,
    } = one.person;
    let about = id.clone();
    let is_asked = Memo::new(move |_| hands.with(|hands| hands.iter().any(|one| one.person.id == id && one.invited)));
    let invite = move |_| {
        if !is_asked.get_untracked() {
            presence.request(StageRequest::Moderate {
                about: about.clone(),
                action: ModerationAction::Invite,
            });
        }
    };
    let label = move || {
        if is_asked.get() {
            format!("{called} is invited to the stage")
        } else {
            format!("Invite {called}")
        }
    };
    // The button is the same element before and after the click, so that the focus stays on it.
    view! {
        <li>
            <Face picture size="s"/>
            <b dir="auto">{name}</b>
            {guest.then(|| view! { <small>"guest"</small> })}
            <button
                class="btn" data-kind="quiet" data-small="" type="button"
                aria-disabled=move || is_asked.get().then_some("true") aria-label=label on:click=invite
            >
                {move || if is_asked.get() { "Invited" } else { "Invite" }}
            </button>
        </li>
    }
}
