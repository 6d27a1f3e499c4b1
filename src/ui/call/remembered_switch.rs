//! Switches that a browser remembers: keyboard shortcuts, and the soft sound that tells hosts of a raised hand.

use crate::browser::page;
use leptos::prelude::*;

const SHORTCUTS: &str = "snug-shortcuts";
const HAND_SOUND: &str = "snug-hand-sound";

/// A switch that is on until somebody switches it off in this browser. The browser's local storage remembers the choice.
#[derive(Clone, Copy)]
pub struct RememberedSwitch {
    pub on: RwSignal<bool>,
    key: &'static str,
}

impl RememberedSwitch {
    /// The switch for keyboard shortcuts (WCAG 2.1.4).
    pub fn shortcuts() -> Self {
        Self::recalled(SHORTCUTS)
    }

    /// The switch for the soft sound that tells hosts of a raised hand.
    pub fn hand_sound() -> Self {
        Self::recalled(HAND_SOUND)
    }

    fn recalled(key: &'static str) -> Self {
        let on = RwSignal::new(true);
        Effect::new(move |_| on.set(is_on(key)));
        Self { on, key }
    }

    pub fn switch(self, on: bool) {
        self.on.set(on);
        page::remember(self.key, if on { "on" } else { "off" });
    }
}

/// Whether a raised hand makes a sound. This reads the storage, so a choice that was made in another tab counts.
pub fn has_hand_sound() -> bool {
    is_on(HAND_SOUND)
}

fn is_on(key: &str) -> bool {
    page::recall(key).as_deref() != Some("off")
}
