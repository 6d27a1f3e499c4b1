//! Your own button. If a host has invited you to the stage, the button brings you up. If you are a listener, it raises or lowers your
//! hand. If a host has muted you, or if your account is too new to talk, it only says so. Otherwise it mutes or unmutes your
//! microphone. People who can talk have a second button for their hand.

use crate::{
    browser::page,
    model::{
        room::ParticipantInfo,
        stage::{MicLock, Role, StageRequest},
    },
    ui::{
        call::{Mic, Presence, events::CallInput, use_call},
        components::{icon::Icon, mic_button::MicFace},
        toasts::use_toasts,
    },
};
use leptos::{ev::MouseEvent, prelude::*};

/// A selector that finds the button in every state.
pub const OWN_BUTTON: &str = "[data-own]";

/// What your own button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    /// Accepts an invitation to the stage.
    ComeUp,
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
            (Role::Listener, _) if part.invited => Self::ComeUp,
            (Role::Listener, _) => Self::Hand {
                up: part.hand.is_some(),
            },
            (_, Some(hold)) => Self::Locked(hold),
            _ => Self::Microphone,
        }
    }
}

/// Your own button, and beside it "Not now" while you are invited. The button is always the same element, so that the focus stays on
/// it when its function changes.
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
    let is_microphone = move || matches!(own.get(), Own::Locked(_) | Own::Microphone);
    let kind = move || match own.get() {
        Own::ComeUp | Own::Hand { up: false } => None,
        Own::Microphone if live.get() && !presence.cut_off.get() => Some("lamp"),
        _ => Some("quiet"),
    };
    let first = StoredValue::new(Own::Microphone);
    let press = move |event: MouseEvent| {
        let own = own.get_untracked();
        // The second click of a double click does nothing if the first one has changed what the button does. Otherwise a double
        // click on "Come up" could unmute.
        if event.detail() < 2 {
            first.set_value(own);
        } else if first.get_value() != own {
            return;
        }
        match own {
            Own::ComeUp => presence.request(StageRequest::Answer { accept: true }),
            Own::Hand { up } => presence.request(StageRequest::Hand { up: !up }),
            Own::Locked(_) => {}
            Own::Microphone => presence.tell(CallInput::ToggleMicrophone),
        }
    };
    tell_if_your_hand_goes_down(presence);
    view! {
        <button
            class="btn" type="button" data-own="" data-kind=kind
            data-mic=move || is_microphone().then_some("") data-hand=move || is_hand().then_some("")
            data-come-up=move || (own.get() == Own::ComeUp).then_some("")
            aria-disabled=move || matches!(own.get(), Own::Locked(_)).then_some("true")
            aria-keyshortcuts=move || (own.get() == Own::Microphone && keys.get()).then_some("M")
            aria-busy=move || (presence.mic.get() == Mic::Opening).then_some("true")
            on:click=press
        >
            {move || match own.get() {
                Own::Microphone => view! { <MicFace live level=presence.level.into()/> }.into_any(),
                Own::Locked(lock) => worded("mic-off", match lock {
                    MicLock::ByHost => "Muted by a host",
                    MicLock::NewAccount => "You can't talk yet",
                }),
                Own::Hand { up } => worded("hand", hand_words(up)),
                Own::ComeUp => worded("come-up", "Come up"),
            }}
        </button>
        <NotNowButton presence is_invited=Memo::new(move |_| own.get() == Own::ComeUp)/>
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
    move || {
        is_invited.get().then(|| {
            view! {
                <button class="btn" type="button" data-kind="quiet" data-not-now="" on:click=decline>
                    "Not now"
                </button>
            }
        })
    }
}

/// The button that raises or lowers your hand if you can talk. If you are a listener, your own button does that.
#[component]
pub fn HandButton(presence: Presence) -> impl IntoView {
    let is_up = Memo::new(move |_| {
        let up = |own: &ParticipantInfo| own.role.talks().then_some(own.hand.is_some());
        presence.own_info.with(|own| own.as_ref().and_then(up))
    });
    let is_shown = Memo::new(move |_| is_up.get().is_some());
    let up = move || is_up.get() == Some(true);
    let press = move |_| {
        let up = is_up.get_untracked() == Some(true);
        presence.request(StageRequest::Hand { up: !up });
    };
    move || {
        is_shown.get().then(|| {
            view! {
                <button
                    class="btn" type="button" data-kind="quiet" data-raise="" data-up=move || up().then_some("")
                    on:click=press
                >
                    {move || worded("hand", hand_words(up()))}
                </button>
            }
        })
    }
}

// The page can't know who lowered the hand: a host, or the room, for example when its mode changes.
fn tell_if_your_hand_goes_down(presence: Presence) {
    let toasts = use_toasts();
    Effect::new(move |before: Option<u32>| {
        let times = presence.hand_lowered.get();
        if before.is_some_and(|before| before < times) {
            toasts.say("Your hand is down.".to_owned());
        }
        times
    });
}

fn hand_words(up: bool) -> &'static str {
    if up { "Lower hand" } else { "Raise hand" }
}

fn worded(icon: &'static str, words: &'static str) -> AnyView {
    view! { <Icon name=icon/> <span>{words}</span> }.into_any()
}
