//! Short sounds that the page itself makes. They go only to the loudspeaker: they are not connected to the microphone, to a voice
//! connection or to the elements that play voices.

use super::{
    audio_context::{close, resume},
    timer::{now_ms, sleep_ms},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AudioContext, AudioContextState};

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
/// If a browser has not begun to play a sound after this many milliseconds, it does not play it.
const BEGINS_WITHIN_MS: u32 = 1_000;
const LOOK_EVERY_MS: u32 = 50;

/// Plays the sound. Does nothing if nobody has clicked on this page or pressed a key yet: the browser would play the sound later, at
/// the first click, when it means nothing any more.
pub fn ring() {
    if has_been_used() {
        // Without the sound, the page still shows what it is about.
        let _ = play(&CHIME);
    }
}

/// Plays a sound that says whether the loudspeaker works. Call this in a click handler. The future returns whether the browser has begun to
/// play: it does not while the system has interrupted the sound of the page, for example for a phone call.
pub fn play_test_sound() -> impl Future<Output = bool> {
    let started = play(&TEST_SOUND);
    async move {
        let Ok(context) = started else { return false };
        let until_ms = now_ms() + f64::from(BEGINS_WITHIN_MS);
        while context.state() != AudioContextState::Running && now_ms() < until_ms {
            sleep_ms(LOOK_EVERY_MS).await;
        }
        let plays = context.state() == AudioContextState::Running;
        if !plays {
            close(&context);
        }
        plays
    }
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

/// Starts a sound in a context of its own, which is closed after the time of the sound. Otherwise, a sound that the system does not let play
/// would be heard at the end of a phone call, when it means nothing any more.
fn play(sound: &ShortSound) -> Result<AudioContext, JsValue> {
    let context = AudioContext::new()?;
    let started = start(&context, sound);
    let (played, for_ms) = (context.clone(), (sound.length_s * 1_000.0) as u32 + BEGINS_WITHIN_MS);
    spawn_local(async move {
        sleep_ms(for_ms).await;
        close(&played);
    });
    started.map(|()| context)
}

fn start(context: &AudioContext, sound: &ShortSound) -> Result<(), JsValue> {
    resume(context);
    let (tone, loudness) = (context.create_oscillator()?, context.create_gain()?);
    let begin_s = context.current_time();
    tone.frequency().set_value(sound.pitch_hz);
    let gain = loudness.gain();
    gain.set_value_at_time(0.0, begin_s)?;
    gain.linear_ramp_to_value_at_time(sound.volume, begin_s + RISE_S)?;
    gain.linear_ramp_to_value_at_time(0.0, begin_s + sound.length_s)?;
    tone.connect_with_audio_node(&loudness)?;
    loudness.connect_with_audio_node(&context.destination())?;
    tone.start()?;
    tone.stop_with_when(begin_s + sound.length_s)
}
