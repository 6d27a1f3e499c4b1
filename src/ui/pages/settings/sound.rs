//! Sound: a test of the microphone, and the switches that this browser remembers.

use super::microphone_test::MicrophoneTest;
use crate::ui::{
    components::check_link::CheckButton,
    sound_switches::{HandSoundSwitch, ShortcutSwitch},
};
use leptos::prelude::*;

/// The card. Everything in it needs scripts, so without scripts it is not shown.
#[component]
pub fn SoundCard() -> impl IntoView {
    view! {
        <section class="card stack" data-scripts="" aria-labelledby="sound">
            <h2 id="sound">"Sound"</h2>
            <MicrophoneTest/>
            <p><CheckButton/></p>
            <div>
                <HandSoundSwitch/>
                <ShortcutSwitch/>
                <p class="hint">"This browser remembers what you choose."</p>
            </div>
        </section>
    }
}
