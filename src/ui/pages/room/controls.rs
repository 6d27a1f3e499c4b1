//! The controls at the thumb: the way in, then one's own microphone.

use super::own_role::{OwnRole, StageInvitation, StepDownButton};
use crate::{
    browser::page,
    model::{
        room::ParticipantInfo,
        stage::{MicLock, Mode, Role, StageRequest},
    },
    ui::{
        call::{JoinState, Mic, Presence, events::CallInput, use_call},
        components::{icon::Icon, mic_button::MicFace},
        session::use_session,
    },
};
use leptos::prelude::*;

/// One's own button, whatever it does just now.
pub const OWN_BUTTON: &str = "[data-mic], [data-hand]";

#[component]
pub fn Controls(presence: Presence) -> impl IntoView {
    let is_inside = Memo::new(move |_| presence.join_state.get() == JoinState::Inside);
    let is_over = Memo::new(move |_| presence.is_over());
    view! {
        <div class="controls" role="group" aria-label="Your voice" hidden=move || is_over.get()>
            {move || match (is_over.get(), is_inside.get()) {
                // What to do now stands beside why.
                (true, _) => ().into_any(),
                (_, true) => view! { <Inside presence/> }.into_any(),
                (_, false) => view! { <LobbyControls presence/> }.into_any(),
            }}
        </div>
    }
}

/// One click, and one hears the room.
#[component]
fn LobbyControls(presence: Presence) -> impl IntoView {
    let (session, call) = (use_session(), use_call());
    let is_joining = move || presence.join_state.get() == JoinState::Joining;
    let hint = move || match is_joining() {
        true => "One moment…",
        false => "You are looking in. Nobody sees you yet.",
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
        <StageInvitation presence/>
        <OwnRole presence/>
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

/// What one's own button does just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    /// A listener's.
    Hand {
        up: bool,
    },
    /// A host, or the room, holds the microphone.
    Locked(MicLock),
    Microphone,
}

impl Own {
    fn of(part: &ParticipantInfo) -> Self {
        match (part.role, part.mic_lock) {
            (Role::Listener, _) => Self::Hand {
                up: part.hand.is_some(),
            },
            (_, Some(hold)) => Self::Locked(hold),
            _ => Self::Microphone,
        }
    }
}

/// The microphone, or what stands in its place: one and the same button, so that the focus stays on it.
#[component]
fn OwnButton(presence: Presence) -> impl IntoView {
    let keys = use_call().shortcuts.on;
    let own = Memo::new(move |_| {
        presence
            .own_info
            .with(|part| part.as_ref().map_or(Own::Microphone, Own::of))
    });
    let live = Signal::derive(move || presence.mic.get() == Mic::Live);
    let is_hand = move || matches!(own.get(), Own::Hand { .. });
    let kind = move || match own.get() {
        Own::Hand { up: false } => None,
        Own::Microphone if live.get() => Some("lamp"),
        _ => Some("quiet"),
    };
    let press = move |_| match own.get_untracked() {
        Own::Hand { up } => presence.request(StageRequest::Hand { up: !up }),
        Own::Locked(_) => {}
        Own::Microphone => presence.tell(CallInput::ToggleMicrophone),
    };
    view! {
        <button
            class="btn" type="button" data-kind=kind
            data-mic=move || (!is_hand()).then_some("") data-hand=move || is_hand().then_some("")
            aria-disabled=move || matches!(own.get(), Own::Locked(_)).then_some("true")
            aria-keyshortcuts=move || (own.get() == Own::Microphone && keys.get()).then_some("M")
            aria-busy=move || (presence.mic.get() == Mic::Opening).then_some("true")
            on:click=press
        >
            {move || match own.get() {
                Own::Microphone => view! { <MicFace live level=presence.level.into()/> }.into_any(),
                Own::Locked(lock) => worded("mic-off", match lock {
                    MicLock::ByHost => "Muted by a host",
                    MicLock::NewAccount => "Listening first",
                }),
                Own::Hand { up } => worded("hand", if up { "Lower hand" } else { "Raise hand" }),
            }}
        </button>
    }
}

fn worded(icon: &'static str, words: &'static str) -> AnyView {
    view! { <Icon name=icon/> <span>{words}</span> }.into_any()
}
