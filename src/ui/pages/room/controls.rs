//! The controls at the thumb: the way in, then one's own microphone.

use super::part::{HandButton, Part, StageInvitation, StepDownButton};
use crate::browser::page;
use crate::model::stage::{Hold, Mode, Role};
use crate::ui::{
    call::{Mic, Place, Presence, use_call},
    components::{icon::Icon, mic_button::MicButton},
    session::use_session,
};
use leptos::prelude::*;

#[component]
pub fn Controls(presence: Presence) -> impl IntoView {
    let is_inside = Memo::new(move |_| presence.place.get() == Place::Inside);
    view! {
        <div class="controls" role="group" aria-label="Your voice">
            {move || match is_inside.get() {
                true => view! { <Inside presence/> }.into_any(),
                false => view! { <AtTheDoor presence/> }.into_any(),
            }}
        </div>
    }
}

/// One click, and one hears the room.
#[component]
fn AtTheDoor(presence: Presence) -> impl IntoView {
    let (session, call) = (use_session(), use_call());
    let is_joining = move || presence.place.get() == Place::Joining;
    let is_over = move || presence.ended.get().is_some();
    let hint = move || match (is_joining(), is_over()) {
        (true, _) => "One moment…",
        (_, true) => "",
        _ => "You are looking in. Nobody sees you yet.",
    };
    view! {
        <button
            class="btn" type="button" data-join="" data-scripts=""
            disabled=move || !session.ready.get() || is_over()
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
    let talk = presence.talk;
    let call = use_call();
    let shortcuts = call.shortcuts;
    Effect::new(move |_| {
        presence.role();
        if call.focus_microphone.try_update_value(std::mem::take) == Some(true) {
            page::focus("[data-mic], [data-hand]");
        }
    });
    let hears_self = move || talk.echo.get();
    let role = Memo::new(move |_| presence.role());
    let hold = Memo::new(move |_| presence.part.with(|part| part.as_ref().and_then(|part| part.hold)));
    let has_stage = Memo::new(move |_| presence.sign.with(|sign| sign.rules.mode) == Mode::Stage);
    let microphone = move || match (role.get(), hold.get()) {
        (Some(Role::Listener), _) => view! { <HandButton presence/> }.into_any(),
        (_, Some(held)) => view! { <HeldButton held/> }.into_any(),
        _ => view! {
            <MicButton
                live=Signal::derive(move || talk.mic.get() == Mic::Live)
                opening=Signal::derive(move || talk.mic.get() == Mic::Opening)
                level=talk.level
                keys=shortcuts.on
                press=Callback::new(move |()| talk.toggle(presence))
            />
        }
        .into_any(),
    };
    view! {
        <StageInvitation presence/>
        <Part presence/>
        {microphone}
        {move || (has_stage.get() && role.get() == Some(Role::Speaker)).then(|| view! { <StepDownButton presence/> })}
        <button
            class="btn" type="button" data-kind="quiet"
            aria-pressed=move || hears_self().to_string()
            on:click=move |_| talk.hear_yourself(presence)
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

/// In the microphone's place, where a host or the room holds it.
#[component]
fn HeldButton(held: Hold) -> impl IntoView {
    let words = match held {
        Hold::ByHost => "Muted by a host",
        Hold::New => "Listening first",
    };
    view! {
        <button class="btn" type="button" data-mic="" data-kind="quiet" disabled>
            <Icon name="mic-off"/>
            <span>{words}</span>
        </button>
    }
}
