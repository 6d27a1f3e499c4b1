//! Short sounds that the page itself makes. They go only to the loudspeaker: they are not connected to the microphone, to a voice
//! connection or to the elements that play voices.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::AudioContext;

/// A short sound.
struct ShortSound {
    /// From 0 to 1.
    volume: f32,
    pitch_hz: f32,
    length_s: f64,
}

/// A voice is many times louder. The pitch is C6, above most voices.
const CHIME: ShortSound = ShortSound {
    volume: 0.03,
    pitch_hz: 1_046.5,
    length_s: 0.35,
};
/// About as loud as a voice, so that people who can hear a voice hear it. The pitch is A4.
const TEST_SOUND: ShortSound = ShortSound {
    volume: 0.2,
    pitch_hz: 440.0,
    length_s: 1.0,
};
/// How long the sound takes to reach its volume. Without this, it would begin with a click.
const RISE_S: f64 = 0.02;

/// Plays the sound. Does nothing if nobody has clicked on this page or pressed a key yet: the browser would play the sound later, at
/// the first click, when it means nothing any more.
pub fn ring() {
    if has_been_used() {
        // Without the sound, the page still shows what it is about.
        let _ = play(&CHIME);
    }
}

/// Plays a sound that says whether the loudspeaker works. Call this in a click handler; false if the browser makes no sound.
pub fn play_test_sound() -> bool {
    play(&TEST_SOUND).is_ok()
}

/// Whether somebody has clicked on this page or pressed a key (HTML section 6.4, `navigator.userActivation`).
pub(super) fn has_been_used() -> bool {
    let navigator = web_sys::window().map(|window| window.navigator());
    let get = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).ok();
    navigator
        .and_then(|navigator| get(&navigator, "userActivation"))
        .and_then(|activation| get(&activation, "hasBeenActive"))
        .is_some_and(|active| active.is_truthy())
}

fn play(sound: &ShortSound) -> Result<(), JsValue> {
    let context = AudioContext::new()?;
    let _ = context.resume()?;
    let (tone, loudness) = (context.create_oscillator()?, context.create_gain()?);
    let begin_s = context.current_time();
    tone.frequency().set_value(sound.pitch_hz);
    let gain = loudness.gain();
    gain.set_value_at_time(0.0, begin_s)?;
    gain.linear_ramp_to_value_at_time(sound.volume, begin_s + RISE_S)?;
    gain.linear_ramp_to_value_at_time(0.0, begin_s + sound.length_s)?;
    tone.connect_with_audio_node(&loudness)?;
    loudness.connect_with_audio_node(&context.destination())?;
    // A browser allows only a few open contexts, so close this one after the sound.
    let played = context.clone();
    let close = Closure::once_into_js(move || {
        let _ = played.close();
    });
    tone.set_onended(Some(close.unchecked_ref()));
    tone.start()?;
    tone.stop_with_when(begin_s + sound.length_s)
}
