//! The microphone's button: outlined and struck through while muted, the one lit lamp on the page while live.

use super::icon::Icon;
use leptos::prelude::*;

/// One's own microphone. `level` shows that one is heard; `opening` while the browser asks for it.
#[component]
pub fn MicButton(
    #[prop(into)] live: Signal<bool>,
    #[prop(into)] opening: Signal<bool>,
    #[prop(into)] level: Signal<Option<u8>>,
    press: Callback<()>,
) -> impl IntoView {
    let kind = move || if live.get() { "lamp" } else { "quiet" };
    view! {
        <button
            class="btn" type="button" data-mic="" data-kind=kind
            aria-busy=move || opening.get().then_some("true") on:click=move |_| press.run(())
        >
            <MicFace live level/>
        </button>
    }
}

/// What stands on that button.
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

/// A level as an attribute: "0" to "4", absent in silence.
pub fn shown(level: Option<u8>) -> Option<String> {
    level.map(|level| level.to_string())
}
