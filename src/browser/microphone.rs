//! The microphone: asked for when somebody first wants to be heard, and why it may stay closed.

pub use super::media::Closed;

use super::media::{self, Stream};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{AnalyserNode, AudioContext, MediaStream, MediaStreamConstraints, MediaStreamTrack};

/// So many samples make a level: 21 ms at 48 kHz.
const SAMPLES: usize = 1_024;

/// An open microphone. It sends nothing until [`Microphone::set_live`]; dropping it gives it back to the browser.
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
    /// The sentence for the screen where this keeps the microphone closed.
    pub fn without_microphone(self) -> &'static str {
        match self {
            Closed::Denied => {
                "The browser keeps the microphone closed, so you are listening. Open the padlock beside the address, allow the microphone, then try again."
            }
            Closed::Missing => "There is no microphone here, so you are listening. Plug one in, then try again.",
            Closed::InUse => {
                "Another program has the microphone, so you are listening. Close that program, then try again."
            }
            Closed::Unsupported => {
                "This browser gives no page the microphone, so you are listening. To talk, open the link in another browser."
            }
        }
    }
}

impl Microphone {
    /// Asks for the microphone, with echo cancellation, noise suppression and gain control, one channel. `on_system_mute` hears
    /// when the system takes its sound (`true`) and gives it back (Media Capture and Streams section 4.3.1).
    ///
    /// # Errors
    /// Why it stays closed.
    pub async fn open(on_system_mute: impl Fn(bool) + Clone + 'static) -> Result<Self, Closed> {
        let constraints = js_sys::Object::new();
        for constraint in ["echoCancellation", "noiseSuppression", "autoGainControl"] {
            let _ = js_sys::Reflect::set(&constraints, &constraint.into(), &JsValue::TRUE);
        }
        let _ = js_sys::Reflect::set(&constraints, &"channelCount".into(), &1.into());
        let constraints = MediaStreamConstraints::new();
        constraints.set_audio(&constraints);
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

    /// Whether its sound goes out. While it does not, only silence does.
    pub fn set_live(&self, live: bool) {
        self.track.set_enabled(live);
    }

    /// Whether the device was unplugged, or taken away by the browser.
    pub fn has_ended(&self) -> bool {
        js_sys::Reflect::get(&self.track, &"readyState".into()).is_ok_and(|state| state == "ended")
    }

    /// How loud it is now, from 0 to 1 (root mean square).
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
