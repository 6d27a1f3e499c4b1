//! The microphone: opens it, measures its level, and explains why it can't be used.

pub use super::media::Closed;

use super::{
    level_meter::LevelMeter,
    media::{self, Stream},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MediaStreamConstraints, MediaStreamTrack};

/// An open microphone. It sends only silence until you call [`Microphone::set_live`]. Dropping this value switches the
/// microphone off.
pub struct Microphone {
    track: MediaStreamTrack,
    meter: Option<LevelMeter>,
    _stream: Stream,
    _on_event: [Closure<dyn Fn()>; 3],
}

/// What happens to an open microphone without the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MicrophoneEvent {
    /// The system mutes the microphone (`true`), for example for a phone call, or gives it back (Media Capture and Streams section 4.3.1).
    SystemMuted(bool),
    /// The device was unplugged, or the browser has taken it away.
    Ended,
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
    /// `report` is called with each event, and once before this function returns, with whether the system has muted the microphone. It must
    /// not drop the microphone while it runs.
    ///
    /// # Errors
    /// The reason why the microphone can't be used.
    pub async fn open(report: impl Fn(MicrophoneEvent) + Clone + 'static) -> Result<Self, Closed> {
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
        report(MicrophoneEvent::SystemMuted(track.muted()));
        let events = [
            MicrophoneEvent::SystemMuted(true),
            MicrophoneEvent::SystemMuted(false),
            MicrophoneEvent::Ended,
        ];
        let on_event = events.map(|event| {
            let report = report.clone();
            Closure::<dyn Fn()>::new(move || report(event))
        });
        track.set_onmute(Some(on_event[0].as_ref().unchecked_ref()));
        track.set_onunmute(Some(on_event[1].as_ref().unchecked_ref()));
        track.set_onended(Some(on_event[2].as_ref().unchecked_ref()));
        let meter = LevelMeter::on(&stream.0).ok();
        Ok(Self {
            track,
            meter,
            _stream: stream,
            _on_event: on_event,
        })
    }

    /// The browser's name for the device; `None` if it tells none.
    pub fn name(&self) -> Option<String> {
        Some(self.track.label()).filter(|name| !name.is_empty())
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

    /// How loud the sound is now, from 0 to 1 (root mean square). `None` if the browser can't measure it now.
    pub fn level(&self) -> Option<f32> {
        self.meter.as_ref().and_then(LevelMeter::level)
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        self.track.set_onmute(None);
        self.track.set_onunmute(None);
        self.track.set_onended(None);
    }
}
