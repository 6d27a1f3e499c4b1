//! Measures how loud a stream is. Systems interrupt the measuring, for example for a phone call, and then it goes on as soon as the browser
//! allows it.

use super::{
    audio_context::{close, resume},
    page::EventListener,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{AnalyserNode, AudioContext, AudioContextState, MediaStream};

/// The number of samples from which the loudness is measured: 21 ms of sound at 48 kHz.
const SAMPLES: usize = 1_024;
/// After an interruption, some browsers start the context again only in one of these events.
const TRY_AGAIN_AT: [&str; 3] = ["pointerdown", "keydown", "visibilitychange"];

/// A meter on one stream. Dropping it ends the measuring.
pub struct LevelMeter {
    context: AudioContext,
    analyser: AnalyserNode,
    _on_state: Closure<dyn Fn()>,
    _on_use: [EventListener; 3],
}

impl LevelMeter {
    /// # Errors
    /// The error that the browser threw.
    pub fn on(stream: &MediaStream) -> Result<Self, JsValue> {
        let context = AudioContext::new()?;
        let analyser = context.create_analyser()?;
        analyser.set_fft_size(SAMPLES as u32);
        context
            .create_media_stream_source(stream)?
            .connect_with_audio_node(&analyser)?;
        let watched = context.clone();
        let on_state = Closure::<dyn Fn()>::new(move || resume(&watched));
        context.set_onstatechange(Some(on_state.as_ref().unchecked_ref()));
        let on_use = TRY_AGAIN_AT.map(|event| {
            let watched = context.clone();
            EventListener::on_window(event, move |_| resume(&watched))
        });
        resume(&context);
        Ok(Self {
            context,
            analyser,
            _on_state: on_state,
            _on_use: on_use,
        })
    }

    /// How loud the sound is now, from 0 to 1 (root mean square). `None` while the measuring is interrupted.
    pub fn level(&self) -> Option<f32> {
        if self.context.state() != AudioContextState::Running {
            return None;
        }
        let mut samples = [0.0; SAMPLES];
        self.analyser.get_float_time_domain_data(&mut samples);
        let power: f32 = samples.iter().map(|sample| sample * sample).sum();
        Some((power / SAMPLES as f32).sqrt())
    }
}

impl Drop for LevelMeter {
    fn drop(&mut self) {
        self.context.set_onstatechange(None);
        close(&self.context);
    }
}
