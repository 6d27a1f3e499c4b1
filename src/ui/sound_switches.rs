//! The switches about sound: the room's sheet "Sound" and the settings show them.

use super::call::{RememberedSwitch, use_call};
use leptos::prelude::*;

/// The switch for keyboard shortcuts. It is shown only to people who have a mouse, because they probably have a keyboard, too.
#[component]
pub fn ShortcutSwitch() -> impl IntoView {
    let shortcuts = use_call().shortcuts;
    view! {
        <label class="switch" data-keys="">
            <input
                type="checkbox" prop:checked=move || shortcuts.on.get()
                on:change=move |event| shortcuts.switch(event_target_checked(&event))
            />
            <span>"Keyboard shortcuts: " <kbd>"M"</kbd> " mute, hold " <kbd>"Space"</kbd> " to talk"</span>
        </label>
    }
}

/// The switch for the sound that tells hosts of a raised hand.
#[component]
pub fn HandSoundSwitch() -> impl IntoView {
    let hand_sound = RememberedSwitch::hand_sound();
    view! {
        <label class="switch">
            <input
                type="checkbox" prop:checked=move || hand_sound.on.get()
                on:change=move |event| hand_sound.switch(event_target_checked(&event))
            />
            <span>"Soft sound when somebody raises a hand in a room that you host"</span>
        </label>
    }
}
