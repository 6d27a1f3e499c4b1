//! The controls at the bottom of a room: the button to join and, after you have joined, the button of your own microphone.

use super::{
    invite::InviteButton,
    own_button::{HandButton, OWN_BUTTON, OwnButton},
    own_role::{OwnRole, StepDownButton},
};
use crate::{
    browser::page,
    model::stage::{Mode, Role},
    ui::{
        call::{JoinState, Presence, events::CallInput, use_call},
        components::icon::Icon,
        session::use_session,
    },
};
use leptos::prelude::*;

#[component]
pub fn Controls(presence: Presence) -> impl IntoView {
    let is_inside = Memo::new(move |_| presence.join_state.get() == JoinState::Inside);
    let is_over = Memo::new(move |_| presence.is_over());
    view! {
        <div class="controls" role="group" aria-label="Your voice" hidden=move || is_over.get()>
            {move || match (is_over.get(), is_inside.get()) {
                // The room has ended for you. The notice that says so has its own button.
                (true, _) => ().into_any(),
                (_, true) => view! { <Inside presence/> }.into_any(),
                (_, false) => view! { <LobbyControls presence/> }.into_any(),
            }}
            <InviteButton presence/>
        </div>
    }
}

/// The button to join. After one click, you hear the room.
#[component]
fn LobbyControls(presence: Presence) -> impl IntoView {
    let (session, call) = (use_session(), use_call());
    let is_joining = move || presence.join_state.get() == JoinState::Joining;
    let hint = move || match is_joining() {
        true => "One moment…",
        false => "You have not joined yet, so nobody sees you.",
    };
    view! {
        <button
            class="btn" type="button" data-join="" data-scripts=""
            disabled=move || !session.ready.get()
            aria-busy=move || is_joining().then_some("true")
            on:click=move |_| {
                call.focus_microphone.set_value(true);
                call.join(presence);
            }
        >
            <Icon name="ear"/>
            <span>"Join"</span>
        </button>
        <span class="hint" role="status">{hint}</span>
        <noscript>
            <span class="hint">"Hearing and talking need scripts. Switch them on for this page, then load it again."</span>
        </noscript>
    }
}

#[component]
fn Inside(presence: Presence) -> impl IntoView {
    let call = use_call();
    let shortcuts = call.shortcuts;
    Effect::new(move |_| {
        presence.role();
        if call.focus_microphone.try_update_value(std::mem::take) == Some(true) {
            page::focus(OWN_BUTTON);
        }
    });
    let hears_self = move || presence.echo.get();
    let role = Memo::new(move |_| presence.role());
    let has_stage = Memo::new(move |_| presence.info.with(|info| info.rules.mode) == Mode::Stage);
    view! {
        <OwnRole presence/>
        <HandButton presence/>
        <OwnButton presence/>
        {move || (has_stage.get() && role.get() == Some(Role::Speaker)).then(|| view! { <StepDownButton presence/> })}
        <button
            class="btn" type="button" data-kind="quiet"
            aria-pressed=move || hears_self().to_string()
            on:click=move |_| presence.tell(CallInput::HearYourself)
        >
            <Icon name="ear"/>
            <span>"Hear yourself"</span>
        </button>
        <label class="keys">
            <input
                type="checkbox" prop:checked=move || shortcuts.on.get()
                on:change=move |event| shortcuts.switch(event_target_checked(&event))
            />
            <span>"Keys: " <kbd>"M"</kbd> " mutes and unmutes, hold " <kbd>"Space"</kbd> " to talk"</span>
        </label>
    }
}
