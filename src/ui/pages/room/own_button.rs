//! Your own button among the controls of the room, with "Not now" beside it while you are invited to the stage, and the second button
//! that people who can talk have for their hand.

use crate::{
    browser::page,
    model::{room::ParticipantInfo, stage::StageRequest},
    ui::{
        call::Presence,
        own_button::{OwnAction, OwnButton, hand_words, worded},
    },
};
use leptos::prelude::*;

/// A selector that finds your own button in every state.
pub const OWN_BUTTON: &str = "[data-own]";

/// Your own button, and beside it "Not now" while you are invited.
#[component]
pub fn OwnButtons(presence: Presence) -> impl IntoView {
    let own = OwnAction::of(presence);
    view! {
        <OwnButton presence own on_room_page=true/>
        <NotNowButton presence is_invited=Memo::new(move |_| own.get() == OwnAction::ComeUp)/>
    }
}

/// Declines an invitation to the stage.
#[component]
fn NotNowButton(presence: Presence, is_invited: Memo<bool>) -> impl IntoView {
    let decline = move |_| presence.request(StageRequest::Answer { accept: false });
    // When this button disappears while it has the focus, the button beside it gets the focus. Until then, that button would accept.
    Effect::new(move |was: Option<bool>| {
        let is_invited = is_invited.get();
        if was == Some(true) && !is_invited {
            request_animation_frame(|| page::rescue_focus(OWN_BUTTON));
        }
        is_invited
    });
    view! {
        {move || {
            is_invited.get().then(|| {
                view! {
                    <button class="btn" type="button" data-kind="quiet" data-not-now="" on:click=decline>
                        "Not now"
                    </button>
                }
            })
        }}
    }
}

/// The button that raises or lowers your hand if you can talk. If you are a listener, your own button does that.
#[component]
pub fn HandButton(presence: Presence) -> impl IntoView {
    let is_up = Memo::new(move |_| {
        let waiting = presence.waiting_hand.get();
        let up = |own: &ParticipantInfo| own.role.talks().then_some(waiting.unwrap_or(own.hand.is_some()));
        presence.own_info.with(|own| own.as_ref().and_then(up))
    });
    let is_shown = Memo::new(move |_| is_up.get().is_some());
    let up = move || is_up.get() == Some(true);
    let press = move |_| {
        let up = is_up.get_untracked() == Some(true);
        presence.request(StageRequest::Hand { up: !up });
    };
    view! {
        {move || {
            is_shown.get().then(|| {
                view! {
                    <button
                        class="btn" type="button" data-kind="quiet" data-raise="" data-up=move || up().then_some("")
                        aria-busy=move || presence.waiting_hand.get().map(|_| "true") on:click=press
                    >
                        {move || worded("hand", hand_words(up()))}
                    </button>
                }
            })
        }}
    }
}
