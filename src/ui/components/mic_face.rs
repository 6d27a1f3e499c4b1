//! What is on the microphone's button. While you are muted, the icon is crossed out.

use super::icon::Icon;
use leptos::prelude::*;

/// The icon, the word and the level on the microphone's button. `level` is the loudness of your voice.
#[component]
pub fn MicFace(live: Signal<bool>, level: Signal<Option<u8>>) -> impl IntoView {
    view! {
        {move || match live.get() {
            true => view! { <Icon name="mic"/> <span>"Mute"</span> }.into_any(),
            false => view! { <Icon name="mic-off"/> <span>"Unmute"</span> }.into_any(),
        }}
        <span class="level" aria-hidden="true" hidden=move || !live.get() data-level=move || shown(level.get())></span>
    }
}

/// A level as an attribute's value, "0" to "4"; `None` in silence.
pub fn shown(level: Option<u8>) -> Option<String> {
    level.map(|level| level.to_string())
}
