//! In the host tools: the people who have raised a hand, in their order.

use crate::{
    model::{
        room::ParticipantInfo,
        stage::{ModerationAction, Role, StageRequest},
    },
    ui::{call::Presence, components::face::Face},
};
use leptos::prelude::*;

#[component]
pub fn RaisedHands(presence: Presence) -> impl IntoView {
    let hands = Memo::new(move |_| {
        let mut up: Vec<ParticipantInfo> = presence
            .roster
            .with(|roster| roster.iter().filter(|one| one.hand.is_some()).cloned().collect());
        up.sort_by_key(|one| one.hand);
        up
    });
    // This is no region of its own: the page behind the sheet has the region of the hands.
    view! {
        <div hidden=move || hands.with(Vec::is_empty)>
            <h3>"Hands"</h3>
            <ol class="rows" role="list">
                <For each=move || hands.get() key=|one| (one.person.id.clone(), one.hand, one.invited, one.role.talks()) let:one>
                    {hand_row(presence, one)}
                </For>
            </ol>
        </div>
    }
}

fn hand_row(presence: Presence, one: ParticipantInfo) -> impl IntoView {
    let called = one.person.called().into_owned();
    let about = one.person.id.clone();
    let invite = move |_| {
        presence.request(StageRequest::Moderate {
            about: about.clone(),
            action: ModerationAction::Invite,
        });
    };
    let button = match (one.role, one.invited) {
        (Role::Listener, false) => view! {
            <button
                class="btn" data-kind="quiet" data-small="" type="button"
                aria-label=format!("Invite {called} to the stage") on:click=invite
            >
                "Invite"
            </button>
        }
        .into_any(),
        (Role::Listener, true) => view! { <span class="hint">"invited"</span> }.into_any(),
        // In a room where everyone can talk, a hand only asks for attention.
        _ => ().into_any(),
    };
    view! {
        <li>
            <Face picture=one.person.picture size="s"/>
            <p>
                <bdi><b>{one.person.name}</b></bdi>
                {one.person.guest.then(|| view! { <span class="hint">" guest"</span> })}
            </p>
            {button}
        </li>
    }
}
