//! The microphone's button. While you are muted, the button is outlined and its icon is crossed out. While the microphone is live and you
//! are not cut off, the button is filled with the colour `--lamp` (`style/tokens.css`).

use super::icon::Icon;
use leptos::prelude::*;

/// The button of your own microphone. `level` is the loudness of your voice. `opening` is true while the browser asks for permission, and
/// `dimmed` while perhaps nobody hears you.
#[component]
pub fn MicButton(
    #[prop(into)] live: Signal<bool>,
    #[prop(into)] opening: Signal<bool>,
    #[prop(into)] dimmed: Signal<bool>,
    #[prop(into)] level: Signal<Option<u8>>,
    press: Callback<()>,
) -> impl IntoView {
    let kind = move || if live.get() && !dimmed.get() { "lamp" } else { "quiet" };
    view! {
        <button
            class="btn" type="button" data-mic="" data-kind=kind
            aria-busy=move || opening.get().then_some("true") on:click=move |_| press.run(())
        >
            <MicFace live level/>
        </button>
    }
}

/// The icon, the word and the level on the microphone's button.
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
