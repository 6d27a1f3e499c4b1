//! The microphone: opens it, measures its level, and explains why it can't be used.

pub use super::media::Closed;

use super::media::{self, Stream};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{AnalyserNode, AudioContext, MediaStream, MediaStreamConstraints, MediaStreamTrack};

/// The number of samples from which the loudness is measured: 21 ms of sound at 48 kHz.
const SAMPLES: usize = 1_024;

/// An open microphone. It sends only silence until you call [`Microphone::set_live`]. Dropping this value switches the
/// microphone off.
pub struct Microphone {
    track: MediaStreamTrack,
    meter: Option<Meter>,
    _stream: Stream,
    _on_mute: [Closure<dyn Fn()>; 2],
}

struct Meter {
    context: AudioContext,
    analyser: AnalyserNode,
}

impl Closed {
    /// The sentence for the screen that says why the microphone can't be used.
    pub fn without_microphone(self) -> &'static str {
        match self {
            Closed::Denied => {
                "The browser blocks the microphone, so you can only listen. Open the padlock beside the address, allow the microphone, then try again."
            }
            Closed::Missing => "This device has no microphone, so you can only listen. Plug one in, then try again.",
            Closed::InUse => {
                "Another program is using the microphone, so you can only listen. Close that program, then try again."
            }
            Closed::Unsupported => {
                "This browser can't use a microphone here, so you can only listen. To talk, open this page in another browser."
            }
        }
    }
}

impl Microphone {
    /// Asks for the microphone, with echo cancellation, noise suppression and gain control, in one channel.
    /// `on_system_mute` is called with `true` when the system mutes the track, and with `false` when the system unmutes
    /// it (Media Capture and Streams section 4.3.1).
    ///
    /// # Errors
    /// The reason why the microphone can't be used.
    pub async fn open(on_system_mute: impl Fn(bool) + Clone + 'static) -> Result<Self, Closed> {
        let audio = js_sys::Object::new();
        for constraint in ["echoCancellation", "noiseSuppression", "autoGainControl"] {
            let _ = js_sys::Reflect::set(&audio, &constraint.into(), &JsValue::TRUE);
        }
        let _ = js_sys::Reflect::set(&audio, &"channelCount".into(), &1.into());
        let constraints = MediaStreamConstraints::new();
        constraints.set_audio(&audio);
        let stream = media::ask(&constraints).await?;
        let track: MediaStreamTrack = stream
            .0
            .get_audio_tracks()
            .get(0)
            .dyn_into()
            .map_err(|_| Closed::Missing)?;
        track.set_enabled(false);
        let on_mute = [true, false].map(|is_muted| {
            let report = on_system_mute.clone();
            Closure::<dyn Fn()>::new(move || report(is_muted))
        });
        track.set_onmute(Some(on_mute[0].as_ref().unchecked_ref()));
        track.set_onunmute(Some(on_mute[1].as_ref().unchecked_ref()));
        let meter = Meter::on(&stream.0).ok();
        Ok(Self {
            track,
            meter,
            _stream: stream,
            _on_mute: on_mute,
        })
    }

    pub fn track(&self) -> &MediaStreamTrack {
        &self.track
    }

    /// Makes the microphone send its sound (`true`) or silence (`false`).
    pub fn set_live(&self, live: bool) {
        self.track.set_enabled(live);
    }

    /// Whether the device was unplugged, or the browser has taken it away.
    pub fn has_ended(&self) -> bool {
        js_sys::Reflect::get(&self.track, &"readyState".into()).is_ok_and(|state| state == "ended")
    }

    /// How loud the sound is now, from 0 to 1 (root mean square).
    pub fn level(&self) -> f32 {
        self.meter.as_ref().map_or(0.0, Meter::level)
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        self.track.set_onmute(None);
        self.track.set_onunmute(None);
        if let Some(meter) = &self.meter {
            let _ = meter.context.close();
        }
    }
}

impl Meter {
    fn on(stream: &MediaStream) -> Result<Self, JsValue> {
        let context = AudioContext::new()?;
        let analyser = context.create_analyser()?;
        analyser.set_fft_size(SAMPLES as u32);
        context
            .create_media_stream_source(stream)?
            .connect_with_audio_node(&analyser)?;
        let _ = context.resume()?;
        Ok(Self { context, analyser })
    }

    fn level(&self) -> f32 {
        let mut samples = [0.0; SAMPLES];
        self.analyser.get_float_time_domain_data(&mut samples);
        let power: f32 = samples.iter().map(|sample| sample * sample).sum();
        (power / SAMPLES as f32).sqrt()
    }
}
