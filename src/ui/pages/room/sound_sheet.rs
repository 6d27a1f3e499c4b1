//! The sheet "Sound": the microphone test, what goes through your voice connection, and the switch for keyboard shortcuts. They are used
//! rarely, so they are not among the controls.

use super::voice_facts::VoiceFactsView;
use crate::{
    browser::page,
    ui::{
        call::{JoinState, Presence, events::CallInput},
        components::{check_link::CheckButton, icon::Icon, mic_button::shown, sheet_header::SheetHeader},
        sound_switches::ShortcutSwitch,
    },
};
use leptos::prelude::*;

const SHEET: &str = "sound";
/// The sheet while it is open.
const OPEN_SHEET: &str = "#sound:popover-open";
const TEST_HINT: &str = "hear-yourself-hint";

/// The button that opens the sheet.
#[component]
pub fn SoundButton() -> impl IntoView {
    view! {
        <button class="btn" data-kind="quiet" type="button" aria-haspopup="dialog" popovertarget=SHEET>
            <Icon name="sound"/>
            <span>"Sound"</span>
        </button>
    }
}

#[component]
pub fn SoundSheet(presence: Presence) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let watched = Memo::new(move |_| {
        let is_inside = presence.join_state.get() == JoinState::Inside;
        presence.me.get().filter(|_| is_open.get() && is_inside)
    });
    view! {
        <dialog
            class="sheet sound-sheet" id=SHEET popover="auto" aria-labelledby="sound-title"
            on:toggle=move |_| is_open.set(page::has(OPEN_SHEET))
        >
            <SheetHeader sheet=SHEET title="sound-title" heading="Sound"/>
            <div class="stack">
                <HearYourself presence/>
                {move || watched.get().map(|of| view! { <VoiceFactsView presence of/> })}
                <p><CheckButton/></p>
                <ShortcutSwitch/>
            </div>
        </dialog>
    }
}

#[component]
fn HearYourself(presence: Presence) -> impl IntoView {
    // While the connection is lost for a moment, there is nobody to send your voice back.
    let is_inside = Memo::new(move |_| presence.join_state.get() == JoinState::Inside);
    let press = move |_| {
        if is_inside.get_untracked() {
            presence.tell(CallInput::HearYourself);
        }
    };
    view! {
        <div class="hear-yourself">
            <button
                class="btn" data-kind="quiet" type="button" aria-describedby=TEST_HINT
                aria-pressed=move || presence.echo.get().to_string()
                aria-disabled=move || (!is_inside.get()).then_some("true") on:click=press
            >
                <Icon name="headphones"/>
                <span>"Hear yourself"</span>
                <span
                    class="level" aria-hidden="true" hidden=move || !presence.echo.get()
                    data-level=move || shown(presence.level.get())
                ></span>
            </button>
            <p class="hint" id=TEST_HINT>
                "Say something: for five seconds you hear your own voice. While you are muted, nobody else hears it."
            </p>
            // This is not a live region, because the notices behind the sheet contain the same sentence, and screen readers already
            // read it out from there.
            {move || presence.mic_closed.get().map(|why| view! { <p class="notice">{why.without_microphone()}</p> })}
        </div>
    }
}
