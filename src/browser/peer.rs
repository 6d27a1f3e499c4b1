//! One `RTCPeerConnection`. It sends the sound of the microphone, plays three slots, and reports whose voice is on each
//! slot. A slot is an audio track from the server that carries one voice at a time.

use crate::model::signal::SLOTS;
use js_sys::{Array, Function, Reflect};
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
pub use web_sys::RtcIceConnectionState as IceState;
use web_sys::{
    HtmlAudioElement, MediaStream, MediaStreamTrack, RtcPeerConnection, RtcPeerConnectionState, RtcRtpReceiver,
    RtcRtpSender, RtcRtpTransceiverDirection, RtcRtpTransceiverInit, RtcSdpType, RtcSessionDescriptionInit,
};

/// If no new packet has arrived on a slot for this many milliseconds, the slot carries no voice.
const STALE_MS: f64 = 250.0;

/// When a speaker mutes, a listener's browser still has some of the speaker's voice in its buffer. After this many
/// milliseconds, the browser has played all of it.
const TAIL_MS: f64 = 600.0;

/// What a peer reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerEventKind {
    /// The connection is established: sound can go through.
    Connected,
    /// The connection has failed, and will not recover by itself.
    Failed,
    /// The browser's autoplay policy does not allow sound before the next click or tap.
    PlayRefused,
    /// The state of ICE (RFC 8445). Packets can be lost for seconds before this state becomes `Failed`.
    Ice(IceState),
    /// Something outside the page paused the sound, such as a phone call or a button of a headset.
    Paused,
    /// How many packets have gone through so far.
    Traffic(Traffic),
}

/// The number of packets of a connection since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    pub sent: u64,
    pub received: u64,
}

/// A voice on a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeardVoice {
    /// The contributing source (CSRC, RFC 3550 section 5.1), a number that names the speaker.
    pub source: u32,
    /// The loudness of the voice, from 0 to 1.
    pub level: f32,
}

/// A connection. Dropping this value closes the connection.
pub struct PeerConnection {
    connection: RtcPeerConnection,
    microphone: RtcRtpSender,
    slots: Vec<Slot>,
    _on_state: [Closure<dyn Fn()>; 2],
}

struct Slot {
    receiver: RtcRtpReceiver,
    sound: HtmlAudioElement,
    /// The RTP timestamp of the newest packet, and the time at which it was first seen, in milliseconds.
    last: RefCell<(f64, f64)>,
    /// The CSRC of the voice that must not be heard on this slot, and the time in milliseconds at which that silence
    /// ends.
    hushed: Cell<Option<(u32, f64)>>,
    _on_pause: Closure<dyn Fn()>,
}

impl PeerConnection {
    /// Makes a connection with a microphone and all slots. The slots begin to play at once, which browsers allow only
    /// after a click. So call this function in a click handler.
    ///
    /// # Errors
    /// The error that the browser threw.
    pub fn new(report: impl Fn(PeerEventKind) + Clone + 'static) -> Result<Self, JsValue> {
        let connection = RtcPeerConnection::new()?;
        // The microphone is offered without a track. Adding one later with `replaceTrack` needs no new offer.
        let microphone = transceiver(&connection, RtcRtpTransceiverDirection::Sendonly)?.sender();
        let slots: Vec<Slot> = (0..SLOTS)
            .map(|_| {
                let receiver = transceiver(&connection, RtcRtpTransceiverDirection::Recvonly)?.receiver();
                let tell = report.clone();
                Slot::new(receiver, move || tell(PeerEventKind::Paused))
            })
            .collect::<Result<_, JsValue>>()?;
        let (watched, tell) = (connection.clone(), report.clone());
        let on_state = Closure::<dyn Fn()>::new(move || match watched.connection_state() {
            RtcPeerConnectionState::Connected => tell(PeerEventKind::Connected),
            RtcPeerConnectionState::Failed => tell(PeerEventKind::Failed),
            _ => {}
        });
        connection.set_onconnectionstatechange(Some(on_state.as_ref().unchecked_ref()));
        let (watched, tell) = (connection.clone(), report.clone());
        let on_ice = Closure::<dyn Fn()>::new(move || tell(PeerEventKind::Ice(watched.ice_connection_state())));
        connection.set_oniceconnectionstatechange(Some(on_ice.as_ref().unchecked_ref()));
        let peer = Self {
            connection,
            microphone,
            slots,
            _on_state: [on_state, on_ice],
        };
        peer.play(report);
        Ok(peer)
    }

    /// Makes the offer, as SDP.
    ///
    /// # Errors
    /// The error that the browser threw.
    pub async fn offer(connection: RtcPeerConnection) -> Result<String, JsValue> {
        let offer: RtcSessionDescriptionInit = JsFuture::from(connection.create_offer()).await?.unchecked_into();
        JsFuture::from(connection.set_local_description(&offer)).await?;
        offer.get_sdp().ok_or(JsValue::NULL)
    }

    /// The browser's own object. The `async` functions of this type take this object instead of `self`, so that `self` is
    /// not borrowed while they wait.
    pub fn connection(&self) -> RtcPeerConnection {
        self.connection.clone()
    }

    /// Reads the numbers of packets from `getStats()` (`inbound-rtp` and `outbound-rtp`). `None` if the browser does
    /// not report them.
    pub async fn traffic(connection: RtcPeerConnection) -> Option<Traffic> {
        let report = JsFuture::from(connection.get_stats()).await.ok()?;
        let stats = js_sys::try_iter(&report.unchecked_into::<js_sys::Map>().values()).ok()??;
        let mut traffic = Traffic::default();
        for stat in stats.flatten() {
            let kind = Reflect::get(&stat, &"type".into())
                .ok()
                .and_then(|kind| kind.as_string());
            let packets = |key| number(&stat, key).unwrap_or_default() as u64;
            match kind.as_deref() {
                Some("outbound-rtp") => traffic.sent += packets("packetsSent"),
                Some("inbound-rtp") => traffic.received += packets("packetsReceived"),
                _ => {}
            }
        }
        Some(traffic)
    }

    /// Applies the server's answer; false if the browser refuses it.
    pub async fn accept(connection: RtcPeerConnection, sdp: String) -> bool {
        let answer = RtcSessionDescriptionInit::new(RtcSdpType::Answer);
        answer.set_sdp(&sdp);
        JsFuture::from(connection.set_remote_description(&answer)).await.is_ok()
    }

    /// Sends this track as the microphone.
    pub fn send(&self, track: &MediaStreamTrack) {
        let placed = self.microphone.replace_track(Some(track));
        spawn_local(async move { drop(JsFuture::from(placed).await) });
    }

    /// Plays the slots. If the browser refuses, `report` gets [`PeerEventKind::PlayRefused`].
    pub fn play(&self, report: impl Fn(PeerEventKind) + Clone + 'static) {
        for slot in &self.slots {
            let Ok(playing) = slot.sound.play() else { continue };
            let report = report.clone();
            spawn_local(async move {
                let refused = |error: JsValue| {
                    error
                        .dyn_ref::<web_sys::DomException>()
                        .is_some_and(|error| error.name() == "NotAllowedError")
                };
                if JsFuture::from(playing).await.is_err_and(refused) {
                    report(PeerEventKind::PlayRefused);
                }
            });
        }
    }

    /// Silences the voice of a person who was muted. Otherwise the browser would play the rest of the voice that is in its
    /// buffer, for up to half a second.
    pub fn hush(&self, source: u32, now_ms: f64) {
        for slot in self.slots.iter().filter(|slot| slot.source() == Some(source)) {
            slot.hushed.set(Some((source, now_ms + TAIL_MS)));
            slot.receiver.track().set_enabled(false);
        }
    }

    /// Lets a voice be heard again.
    pub fn unhush(&self, source: u32) {
        for slot in &self.slots {
            slot.end_hush(|hushed, _| hushed == source);
        }
    }

    /// The voices on the slots now. The contributing sources (CSRCs) of the last packets name the speakers (WebRTC
    /// section 5.3).
    pub fn voices(&self, now_ms: f64) -> Vec<HeardVoice> {
        self.slots.iter().filter_map(|slot| slot.voice(now_ms)).collect()
    }
}

impl Drop for PeerConnection {
    fn drop(&mut self) {
        self.connection.set_onconnectionstatechange(None);
        self.connection.set_oniceconnectionstatechange(None);
        self.connection.close();
    }
}

impl Slot {
    fn new(receiver: RtcRtpReceiver, on_pause: impl Fn() + 'static) -> Result<Self, JsValue> {
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

    fn voice(&self, now_ms: f64) -> Option<HeardVoice> {
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

    fn source(&self) -> Option<u32> {
        Some(number(&self.newest("getContributingSources")?, "source")? as u32)
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

fn number(of: &JsValue, key: &str) -> Option<f64> {
    Reflect::get(of, &key.into()).ok()?.as_f64()
}

fn transceiver(
    connection: &RtcPeerConnection,
    direction: RtcRtpTransceiverDirection,
) -> Result<web_sys::RtcRtpTransceiver, JsValue> {
    let init = RtcRtpTransceiverInit::new();
    init.set_direction(direction);
    Ok(connection.add_transceiver_with_str_and_init("audio", &init))
}
