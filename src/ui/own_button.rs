//! Your own button, on the page of a room and in the bar that shows your call on other pages. If a host has invited you to the stage, the
//! button brings you up. If you are a listener, it raises or lowers your hand. If a host has muted you, or if your account is too new to
//! talk, it only says so. Otherwise it mutes or unmutes your microphone.

use super::{
    call::{Mic, Presence, events::CallInput, use_call},
    components::{icon::Icon, mic_face::MicFace},
    toasts::use_toasts,
};
use crate::model::{
    room::ParticipantInfo,
    stage::{MicLock, Role, StageRequest},
};
use leptos::{ev::MouseEvent, prelude::*};

/// What your own button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAction {
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

impl OwnAction {
    /// What the button does now.
    pub fn of(presence: Presence) -> Memo<Self> {
        Memo::new(move |_| {
            let waiting_hand = presence.waiting_hand.get();
            let of = |own: &ParticipantInfo| Self::of_participant(own, waiting_hand);
            presence.own_info.with(|own| own.as_ref().map_or(Self::Microphone, of))
        })
    }

    /// `waiting_hand` is what you wanted for your hand while the connection was lost. The button already shows it.
    fn of_participant(own: &ParticipantInfo, waiting_hand: Option<bool>) -> Self {
        match (own.role, own.mic_lock) {
            (Role::Listener, _) if own.invited => Self::ComeUp,
            (Role::Listener, _) => Self::Hand {
                up: waiting_hand.unwrap_or(own.hand.is_some()),
            },
            (_, Some(lock)) => Self::Locked(lock),
            _ => Self::Microphone,
        }
    }
}

/// The button. It is always the same element, so that the focus stays on it when its function changes. On the page of the room
/// (`on_room_page`), scripts and styles find it by `data-own`, and the key M presses it.
#[component]
pub fn OwnButton(presence: Presence, own: Memo<OwnAction>, #[prop(optional)] on_room_page: bool) -> impl IntoView {
    let keys = use_call().shortcuts.on;
    let live = Signal::derive(move || presence.mic.get() == Mic::Live);
    let is_hand = move || matches!(own.get(), OwnAction::Hand { .. });
    let is_busy = move || presence.mic.get() == Mic::Opening || (is_hand() && presence.waiting_hand.get().is_some());
    let is_locked = move || matches!(own.get(), OwnAction::Locked(_));
    let is_microphone = move || own.get() == OwnAction::Microphone;
    let first = StoredValue::new(OwnAction::Microphone);
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
            OwnAction::ComeUp => presence.request(StageRequest::Answer { accept: true }),
            OwnAction::Hand { up } => presence.request(StageRequest::Hand { up: !up }),
            OwnAction::Locked(_) => {}
            OwnAction::Microphone => presence.tell(CallInput::ToggleMicrophone),
        }
    };
    tell_if_your_hand_goes_down(presence);
    view! {
        <button
            class="btn" type="button" data-own=on_room_page.then_some("")
            data-kind=move || match own.get() {
                OwnAction::ComeUp | OwnAction::Hand { up: false } => None,
                OwnAction::Microphone if live.get() && !presence.cut_off.get() => Some("lamp"),
                _ => Some("quiet"),
            }
            data-mic=move || (is_microphone() || is_locked()).then_some("") data-hand=move || is_hand().then_some("")
            data-come-up=move || (own.get() == OwnAction::ComeUp).then_some("")
            aria-disabled=move || is_locked().then_some("true")
            aria-keyshortcuts=move || (on_room_page && is_microphone() && keys.get()).then_some("M")
            aria-busy=move || is_busy().then_some("true")
            on:click=press
        >
            {move || match own.get() {
                OwnAction::Microphone => view! { <MicFace live level=presence.level.into()/> }.into_any(),
                OwnAction::Locked(lock) => worded("mic-off", match lock {
                    MicLock::ByHost => "Muted by a host",
                    MicLock::NewAccount => "You can't talk yet",
                }),
                OwnAction::Hand { up } => worded("hand", hand_words(up)),
                OwnAction::ComeUp => worded("come-up", "Come up"),
            }}
        </button>
    }
}

/// The word on a button for your hand.
pub fn hand_words(up: bool) -> &'static str {
    if up { "Lower hand" } else { "Raise hand" }
}

/// The content of a button: an icon and words.
pub fn worded(icon: &'static str, words: &'static str) -> AnyView {
    view! { <Icon name=icon/> <span>{words}</span> }.into_any()
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn own(role: Role, change: impl FnOnce(&mut ParticipantInfo)) -> OwnAction {
        let json = json!({ "id": "abcdefghij", "name": "Tom", "picture": "", "role": role, "muted": true, "voice": 1 });
        let mut own = serde_json::from_value(json).expect("a participant");
        change(&mut own);
        OwnAction::of_participant(&own, None)
    }

    #[test]
    fn a_listener_has_no_microphone_to_unmute() {
        assert_eq!(own(Role::Listener, |_| {}), OwnAction::Hand { up: false });
        assert_eq!(
            own(Role::Listener, |one| one.hand = Some(3)),
            OwnAction::Hand { up: true }
        );
        assert_eq!(own(Role::Listener, |one| one.invited = true), OwnAction::ComeUp);
    }

    #[test]
    fn people_who_can_talk_have_their_microphone_unless_it_is_locked() {
        for role in [Role::Speaker, Role::CoHost, Role::Host] {
            assert_eq!(own(role, |one| one.hand = Some(3)), OwnAction::Microphone);
            for lock in [MicLock::ByHost, MicLock::NewAccount] {
                assert_eq!(own(role, |one| one.mic_lock = Some(lock)), OwnAction::Locked(lock));
            }
        }
    }
}
