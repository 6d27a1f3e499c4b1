//! Your own button. If you are a listener, the button raises or lowers your hand. If a host has muted you, or if your account is
//! too new to talk, the button only says so. Otherwise the button mutes or unmutes your microphone.

use crate::{
    model::{
        room::ParticipantInfo,
        stage::{MicLock, Role, StageRequest},
    },
    ui::{
        call::{Mic, Presence, events::CallInput, use_call},
        components::{icon::Icon, mic_button::MicFace},
    },
};
use leptos::prelude::*;

/// A selector that finds the button in every state.
pub const OWN_BUTTON: &str = "[data-mic], [data-hand]";

/// What your own button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    /// Raises or lowers the hand, for listeners.
    Hand {
        up: bool,
    },
    /// Nothing: a host has muted you, or your account is too new.
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

/// Your own button. It is always the same element, so that the focus stays on it when its function changes.
#[component]
pub fn OwnButton(presence: Presence) -> impl IntoView {
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
