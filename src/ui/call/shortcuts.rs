//! Keyboard shortcuts in a room: M mutes and unmutes, and you can talk while you hold Space. The shortcuts can be switched off
//! (WCAG 2.1.4).

use super::{
    events::CallInput,
    letter_key::is_m,
    presence::Presence,
    remembered_switch::RememberedSwitch,
    states::{JoinState, Mic},
};
use crate::browser::{
    keyboard::{self, FocusTarget, PressedKey},
    timer::sleep_ms,
};
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;

/// While the microphone's button has the focus, a short press of Space is a click on the button. If you hold Space for this many
/// milliseconds, you talk until you release Space.
const HOLD_MS: u32 = 250;
const MICROPHONE_BUTTON: &str = "[data-mic]";

/// The state of the space bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Up,
    /// Down on the microphone's button, for less than [`HOLD_MS`].
    Pressed,
    /// Down, and you talk until you release the space bar.
    Talking,
}

#[derive(Clone, Copy)]
struct Keyboard {
    presence: Presence,
    shortcuts: RememberedSwitch,
    space: StoredValue<Space>,
    /// The number of presses so far. When the timer of a press ends, the timer does nothing if there was a newer press.
    presses: StoredValue<u32>,
}

/// Listens to the keys while the page of `presence` is shown.
pub fn listen_to_keys(presence: Presence, shortcuts: RememberedSwitch) {
    let keyboard = Keyboard {
        presence,
        shortcuts,
        space: StoredValue::new(Space::Up),
        presses: StoredValue::new(0),
    };
    let listeners = StoredValue::new(None);
    Effect::new(move |_| {
        let listening = keyboard::listen(
            move |key| keyboard.press(&key),
            move |key| keyboard.release(&key),
            move || keyboard.end_talk(),
        );
        listeners.set_value(Some(SendWrapper::new(listening)));
    });
    on_cleanup(move || {
        // End the talk now. After the listeners are removed, the release of Space would not be noticed, and you would stay live.
        keyboard.end_talk();
        listeners.try_set_value(None);
    });
}

impl Keyboard {
    fn press(self, key: &PressedKey) {
        let listens =
            self.shortcuts.on.get_untracked() && self.presence.join_state.get_untracked() == JoinState::Inside;
        if !listens || key.is_modified() {
            return;
        }
        let name = key.name();
        if is_m(&name, &key.code()) {
            if key.focus_target() != FocusTarget::TextField && !key.is_repeated() {
                key.take();
                self.presence.tell(CallInput::ToggleMicrophone);
            }
            return;
        }
        match name.as_str() {
            " " if key.is_repeated() && self.space.get_value() != Space::Up => key.take(),
            " " if !key.is_repeated() => self.press_space(key),
            _ => {}
        }
    }

    fn press_space(self, key: &PressedKey) {
        if self.presence.mic.get_untracked() != Mic::Muted {
            return;
        }
        if key.is_on(MICROPHONE_BUTTON) {
            self.space.set_value(Space::Pressed);
            self.talk_if_held();
        } else if key.focus_target() == FocusTarget::Page {
            key.take();
            self.talk();
        }
    }

    fn talk_if_held(self) {
        let press = self.presses.get_value() + 1;
        self.presses.set_value(press);
        spawn_local(async move {
            sleep_ms(HOLD_MS).await;
            let is_still_held =
                self.presses.try_get_value() == Some(press) && self.space.try_get_value() == Some(Space::Pressed);
            if is_still_held {
                self.talk();
            }
        });
    }

    fn talk(self) {
        self.space.set_value(Space::Talking);
        self.presence.tell(CallInput::Unmute);
    }

    fn release(self, key: &PressedKey) {
        if key.name() != " " {
            return;
        }
        if self.space.get_value() == Space::Talking {
            // If the microphone's button has the focus, the browser would click the button now, and the click would unmute you again.
            key.take();
        }
        self.end_talk();
    }

    fn end_talk(self) {
        if self.space.try_update_value(|space| std::mem::replace(space, Space::Up)) == Some(Space::Talking) {
            self.presence.tell(CallInput::Mute);
        }
    }
}
