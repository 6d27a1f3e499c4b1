//! One slot of a connection: plays its sound, reports whose voice is on it, and silences a voice that was muted.

use js_sys::{Array, Function, Reflect};
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlAudioElement, MediaStream, RtcRtpReceiver};

/// If no new packet has arrived on a slot for this many milliseconds, the slot carries no voice.
const STALE_MS: f64 = 250.0;

/// When a speaker mutes, a listener's browser still has some of the speaker's voice in its buffer. After this many
/// milliseconds, the browser has played all of it.
const TAIL_MS: f64 = 600.0;

/// A voice on a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeardVoice {
    /// The contributing source (CSRC, RFC 3550 section 5.1), a number that names the speaker.
    pub source: u32,
    /// The loudness of the voice, from 0 to 1.
    pub level: f32,
}

/// A slot: an audio track from the server, and the element that plays it.
pub struct Slot {
    receiver: RtcRtpReceiver,
    sound: HtmlAudioElement,
    /// The RTP timestamp of the newest packet, and the time at which it was first seen, in milliseconds.
    last: RefCell<(f64, f64)>,
    /// The CSRC of the voice that must not be heard on this slot, and the time in milliseconds at which that silence
    /// ends.
    hushed: Cell<Option<(u32, f64)>>,
    _on_pause: Closure<dyn Fn()>,
}

impl Slot {
    /// A slot whose sound is ready to play. `on_pause` is called when something outside the page pauses it.
    ///
    /// # Errors
    /// The error that the browser threw.
    pub fn new(receiver: RtcRtpReceiver, on_pause: impl Fn() + 'static) -> Result<Self, JsValue> {
        let stream = MediaStream::new_with_tracks(&Array::of1(&receiver.track()))?;
        let sound = HtmlAudioElement::new()?;
        sound.set_autoplay(true);
        sound.set_attribute("playsinline", "")?;
        sound.set_hidden(true);
        sound.set_src_object(Some(&stream));
        let on_pause = Closure::<dyn Fn()>::new(on_pause);
        sound.set_onpause(Some(on_pause.as_ref().unchecked_ref()));
        if let Some(body) = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.body())
        {
            body.append_child(&sound)?;
        }
        Ok(Self {
            receiver,
            sound,
            last: RefCell::default(),
            hushed: Cell::new(None),
            _on_pause: on_pause,
        })
    }

    /// Plays the slot. If the browser's autoplay policy does not allow that, calls `on_refused`.
    pub fn play(&self, on_refused: impl FnOnce() + 'static) {
        let Ok(playing) = self.sound.play() else { return };
        spawn_local(async move {
            let refused = |error: JsValue| {
                error
                    .dyn_ref::<web_sys::DomException>()
                    .is_some_and(|error| error.name() == "NotAllowedError")
            };
            if JsFuture::from(playing).await.is_err_and(refused) {
                on_refused();
            }
        });
    }

    /// The voice that is on the slot now.
    pub fn voice(&self, now_ms: f64) -> Option<HeardVoice> {
        // If another voice is on the slot now, end the silence of the muted voice early. Otherwise the first word of
        // the other voice would not be heard.
        let source = self.source();
        self.end_hush(|hushed, until_ms| now_ms >= until_ms || source.is_some_and(|source| source != hushed));
        let newest = self.newest("getContributingSources")?;
        let rtp_time = number(&newest, "rtpTimestamp")?;
        let mut last = self.last.borrow_mut();
        if last.0 != rtp_time {
            *last = (rtp_time, now_ms);
        }
        if now_ms - last.1 > STALE_MS {
            return None;
        }
        // Some browsers report no level for contributing sources. Then take the level of the whole slot, which is the
        // same because a slot carries one voice.
        let of_slot = || number(&self.newest("getSynchronizationSources")?, "audioLevel");
        let level = number(&newest, "audioLevel").or_else(of_slot)?;
        Some(HeardVoice {
            source: number(&newest, "source")? as u32,
            level: level as f32,
        })
    }

    /// The CSRC of the newest packet.
    fn source(&self) -> Option<u32> {
        Some(number(&self.newest("getContributingSources")?, "source")? as u32)
    }

    /// Silences this voice, if it is on the slot, until the browser has played what is left of it in its buffer.
    pub fn hush(&self, source: u32, now_ms: f64) {
        if self.source() == Some(source) {
            self.hushed.set(Some((source, now_ms + TAIL_MS)));
            self.receiver.track().set_enabled(false);
        }
    }

    /// Lets this voice be heard again, if it was silenced.
    pub fn unhush(&self, source: u32) {
        self.end_hush(|hushed, _| hushed == source);
    }

    fn end_hush(&self, is_over: impl Fn(u32, f64) -> bool) {
        if self
            .hushed
            .get()
            .is_some_and(|(source, until_ms)| is_over(source, until_ms))
        {
            self.hushed.set(None);
            self.receiver.track().set_enabled(true);
        }
    }

    fn newest(&self, method: &str) -> Option<JsValue> {
        let list: Function = Reflect::get(&self.receiver, &method.into()).ok()?.dyn_into().ok()?;
        let sources: Array = list.call0(&self.receiver).ok()?.dyn_into().ok()?;
        let time = |source: &JsValue| {
            Reflect::get(source, &"timestamp".into())
                .ok()
                .and_then(|time| time.as_f64())
        };
        sources
            .iter()
            .max_by(|one, other| time(one).unwrap_or(0.0).total_cmp(&time(other).unwrap_or(0.0)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.sound.set_onpause(None);
        self.sound.set_src_object(None);
        self.sound.remove();
    }
}

/// The number in a property of a JavaScript object.
pub fn number(of: &JsValue, key: &str) -> Option<f64> {
    Reflect::get(of, &key.into()).ok()?.as_f64()
}
