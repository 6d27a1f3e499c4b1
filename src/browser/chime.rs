//! A short, soft sound that the page itself makes. It goes only to the loudspeaker: it is not connected to the microphone, to a voice
//! connection or to the elements that play voices.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::AudioContext;

/// How loud the sound is, from 0 to 1. A voice is many times louder.
const VOLUME: f32 = 0.03;
/// The pitch in hertz: C6, above most voices.
const PITCH_HZ: f32 = 1_046.5;
const LENGTH_S: f64 = 0.35;
/// How long the sound takes to reach its volume. Without this, it would begin with a click.
const RISE_S: f64 = 0.02;

/// Plays the sound. Does nothing if nobody has clicked on this page or pressed a key yet: the browser would play the sound later, at
/// the first click, when it means nothing any more.
pub fn ring() {
    if has_been_used() {
        // Without the sound, the page still shows what it is about.
        let _ = play();
    }
}

/// Whether somebody has clicked on this page or pressed a key (HTML section 6.4, `navigator.userActivation`).
fn has_been_used() -> bool {
    let navigator = web_sys::window().map(|window| window.navigator());
    let get = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).ok();
    navigator
        .and_then(|navigator| get(&navigator, "userActivation"))
        .and_then(|activation| get(&activation, "hasBeenActive"))
        .is_some_and(|active| active.is_truthy())
}

fn play() -> Result<(), JsValue> {
    let context = AudioContext::new()?;
    let _ = context.resume()?;
    let (tone, loudness) = (context.create_oscillator()?, context.create_gain()?);
    let begin_s = context.current_time();
    tone.frequency().set_value(PITCH_HZ);
    let gain = loudness.gain();
    gain.set_value_at_time(0.0, begin_s)?;
    gain.linear_ramp_to_value_at_time(VOLUME, begin_s + RISE_S)?;
    gain.linear_ramp_to_value_at_time(0.0, begin_s + LENGTH_S)?;
    tone.connect_with_audio_node(&loudness)?;
    loudness.connect_with_audio_node(&context.destination())?;
    // A browser allows only a few open contexts, so close this one after the sound.
    let played = context.clone();
    let close = Closure::once_into_js(move || {
        let _ = played.close();
    });
    tone.set_onended(Some(close.unchecked_ref()));
    tone.start()?;
    tone.stop_with_when(begin_s + LENGTH_S)
}
