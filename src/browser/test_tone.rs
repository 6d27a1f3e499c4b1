//! A quiet tone as the track of a connection. It shows how many packets come back without a microphone, and nobody hears it.

use super::{
    audio_context::{close, resume},
    chime::has_been_used,
};
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AudioContext, AudioNode, MediaStream, MediaStreamTrack};

/// Dropping this value ends the tone.
pub struct TestTone {
    context: AudioContext,
    track: MediaStreamTrack,
}

impl TestTone {
    /// `None` if the browser makes no sound for this page, because nobody has clicked on it yet.
    pub fn begin() -> Option<Self> {
        has_been_used().then(|| Self::make().ok()).flatten()
    }

    fn make() -> Result<Self, JsValue> {
        let context = AudioContext::new()?;
        resume(&context);
        let make_node: Function = Reflect::get(&context, &"createMediaStreamDestination".into())?.dyn_into()?;
        let node: AudioNode = make_node.call0(&context)?.dyn_into()?;
        let stream: MediaStream = Reflect::get(&node, &"stream".into())?.dyn_into()?;
        let track: MediaStreamTrack = stream.get_audio_tracks().get(0).dyn_into()?;
        let tone = context.create_oscillator()?;
        tone.connect_with_audio_node(&node)?;
        tone.start()?;
        Ok(Self { context, track })
    }

    pub fn track(&self) -> &MediaStreamTrack {
        &self.track
    }
}

impl Drop for TestTone {
    fn drop(&mut self) {
        self.track.stop();
        close(&self.context);
    }
}
