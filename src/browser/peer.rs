//! One `RTCPeerConnection`. It sends the sound of the microphone, plays three slots, and reports whose voice is on each
//! slot. A slot is an audio track from the server that carries one voice at a time.

pub mod check;
mod slot;

use crate::model::{ice_server::IceServer, signal::SLOTS};
use js_sys::{Array, Reflect};
use slot::{HeardVoice, Slot, number};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
pub use web_sys::RtcIceConnectionState as IceState;
use web_sys::{
    MediaStreamTrack, RtcConfiguration, RtcIceServer, RtcOfferOptions, RtcPeerConnection, RtcPeerConnectionState,
    RtcRtpSender, RtcRtpTransceiverDirection, RtcRtpTransceiverInit, RtcSdpType, RtcSessionDescriptionInit,
};

/// What a peer reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerEventKind {
    /// The connection is established: sound can go through.
    Connected,
    /// The connection has failed. If the browser is still gathering, it may find another way and recover: Chromium fails when all ways that
    /// it has found so far have failed, although WebRTC asks it to wait for the end of the gathering.
    Failed,
    /// Whether the browser is looking for its own addresses (RFC 8445 section 5.1.1). One that a TURN server lends can take many seconds.
    Gathering(bool),
    /// The browser's autoplay policy does not allow sound before the next click or tap.
    PlayRefused,
    /// The state of ICE (RFC 8445). Packets can be lost for seconds before this state becomes `Failed`.
    Ice(IceState),
    /// Something outside the page paused the sound, such as a phone call or a button of a headset.
    Paused,
    /// The browser does not send the sound of the microphone.
    MicrophoneNotSent,
    /// What has gone through so far.
    Traffic(Traffic),
}

/// What has gone through a connection since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Voice packets to the server.
    pub sent: u64,
    /// Voice packets from the server. While nobody talks, there are none.
    pub received: u64,
    /// How often the browser has asked the server whether it is there (STUN requests: ICE, RFC 8445 section 7, and consent checks,
    /// RFC 7675).
    pub checks: u64,
    /// How many of these requests the server has answered.
    pub answers: u64,
    /// Bytes from the server over the path in use, without STUN: voices, and the reports that the server sends twice a second. 0 if the
    /// browser does not count them. After an ICE restart, the count begins again.
    pub bytes: u64,
    /// Packets to the server that the system did not accept, for example because the device has lost its address.
    pub discarded: u64,
    /// Whether a TURN server relays the packets.
    pub is_relayed: bool,
}

/// A connection. Dropping this value closes the connection.
pub struct PeerConnection {
    connection: RtcPeerConnection,
    microphone: RtcRtpSender,
    slots: Vec<Slot>,
    report: Rc<dyn Fn(PeerEventKind)>,
    _on_state: [Closure<dyn Fn()>; 3],
}

impl PeerConnection {
    /// Makes a connection with a microphone and all slots, which may use these TURN servers. The slots begin to play at once, which
    /// browsers allow only after a click. So call this function in a click handler.
    ///
    /// # Errors
    /// The error that the browser threw.
    pub fn new(ice_servers: &[IceServer], report: impl Fn(PeerEventKind) + Clone + 'static) -> Result<Self, JsValue> {
        let connection = RtcPeerConnection::new_with_configuration(&configuration(ice_servers))?;
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
        let (watched, tell) = (connection.clone(), report.clone());
        let on_gathering = Closure::<dyn Fn()>::new(move || tell(PeerEventKind::Gathering(is_gathering(&watched))));
        connection.set_onicegatheringstatechange(Some(on_gathering.as_ref().unchecked_ref()));
        let peer = Self {
            connection,
            microphone,
            slots,
            report: Rc::new(report.clone()),
            _on_state: [on_state, on_ice, on_gathering],
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

    /// Makes an offer with new ICE credentials for this connection, as SDP (RFC 8445 section 2.4).
    ///
    /// # Errors
    /// The error that the browser threw.
    pub async fn restart_offer(connection: RtcPeerConnection) -> Result<String, JsValue> {
        let options = RtcOfferOptions::new();
        options.set_ice_restart(true);
        let offer = connection.create_offer_with_rtc_offer_options(&options);
        let offer: RtcSessionDescriptionInit = JsFuture::from(offer).await?.unchecked_into();
        JsFuture::from(connection.set_local_description(&offer)).await?;
        offer.get_sdp().ok_or(JsValue::NULL)
    }

    /// The browser's own object. The `async` functions of this type take this object instead of `self`, so that `self` is
    /// not borrowed while they wait.
    pub fn connection(&self) -> RtcPeerConnection {
        self.connection.clone()
    }

    /// Reads the numbers from `getStats()` (`inbound-rtp`, `outbound-rtp`, the `candidate-pair` that is in use, and its `local-candidate`).
    /// `None` if the browser does not report any. A number that it does not report is 0.
    pub async fn traffic(connection: RtcPeerConnection) -> Option<Traffic> {
        let report = JsFuture::from(connection.get_stats()).await.ok()?;
        let report: js_sys::Map = report.unchecked_into();
        let stats: Vec<JsValue> = js_sys::try_iter(&report.values()).ok()??.flatten().collect();
        let selected = selected_pair(&stats);
        let mut traffic = Traffic::default();
        for stat in stats {
            let kind = text(&stat, "type");
            let packets = |key| number(&stat, key).unwrap_or_default() as u64;
            match kind.as_deref() {
                Some("outbound-rtp") => traffic.sent += packets("packetsSent"),
                Some("inbound-rtp") => traffic.received += packets("packetsReceived"),
                Some("candidate-pair") if is_in_use(&stat, selected.as_deref()) => {
                    traffic.checks += packets("requestsSent") + packets("consentRequestsSent");
                    traffic.answers += packets("responsesReceived");
                    traffic.bytes += packets("bytesReceived");
                    traffic.discarded += packets("packetsDiscardedOnSend");
                    let own_end = text(&stat, "localCandidateId").map(|id| report.get(&id.into()));
                    traffic.is_relayed |=
                        own_end.and_then(|own| text(&own, "candidateType")).as_deref() == Some("relay");
                }
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

    /// Replaces the TURN servers. The browser uses the new ones when it looks for a path again (WebRTC section 4.4.1.6). If it refuses
    /// them, the connection goes on with the old ones.
    pub fn set_ice_servers(&self, ice_servers: &[IceServer]) {
        let _ = self
            .connection
            .set_configuration_with_configuration(&configuration(ice_servers));
    }

    /// Sends this track as the microphone. If the browser refuses, the connection reports [`PeerEventKind::MicrophoneNotSent`].
    pub fn send(&self, track: &MediaStreamTrack) {
        let placed = self.microphone.replace_track(Some(track));
        let report = self.report.clone();
        spawn_local(async move {
            if JsFuture::from(placed).await.is_err() {
                report(PeerEventKind::MicrophoneNotSent);
            }
        });
    }

    /// Plays the slots. If the browser refuses, `report` gets [`PeerEventKind::PlayRefused`].
    pub fn play(&self, report: impl Fn(PeerEventKind) + Clone + 'static) {
        for slot in &self.slots {
            let report = report.clone();
            slot.play(move || report(PeerEventKind::PlayRefused));
        }
    }

    /// Silences the voice of a person who was muted. Otherwise the browser would play the rest of the voice that is in its
    /// buffer, for up to half a second.
    pub fn hush(&self, source: u32, now_ms: f64) {
        for slot in &self.slots {
            slot.hush(source, now_ms);
        }
    }

    /// Lets a voice be heard again.
    pub fn unhush(&self, source: u32) {
        for slot in &self.slots {
            slot.unhush(source);
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
        self.connection.set_onicegatheringstatechange(None);
        self.connection.close();
    }
}

fn is_gathering(connection: &RtcPeerConnection) -> bool {
    text(connection, "iceGatheringState").as_deref() == Some("gathering")
}

/// A text of a JavaScript object; `None` if there is no object or no such text.
fn text(stat: &JsValue, key: &str) -> Option<String> {
    Reflect::get(stat, &key.into()).ok()?.as_string()
}

/// The id of the candidate pair that the browser has selected. Firefox does not tell. After an ICE restart, two pairs can be nominated, and
/// only one of them is in use.
fn selected_pair(stats: &[JsValue]) -> Option<String> {
    stats.iter().find_map(|stat| text(stat, "selectedCandidatePairId"))
}

/// Whether the browser sends voices over this candidate pair. `selected` is the id of the pair that it has selected, if it tells.
fn is_in_use(pair: &JsValue, selected: Option<&str>) -> bool {
    if selected.is_some() {
        return text(pair, "id").as_deref() == selected;
    }
    let nominated = Reflect::get(pair, &"nominated".into()).ok();
    nominated.and_then(|nominated| nominated.as_bool()) == Some(true)
}

fn configuration(ice_servers: &[IceServer]) -> RtcConfiguration {
    let servers = Array::new();
    for server in ice_servers {
        let entry = RtcIceServer::new();
        let urls = Array::new();
        for url in &server.urls {
            urls.push(&JsValue::from_str(url));
        }
        entry.set_urls(&JsValue::from(urls));
        entry.set_username(&server.username);
        entry.set_credential(&server.credential);
        servers.push(&JsValue::from(entry));
    }
    let configuration = RtcConfiguration::new();
    configuration.set_ice_servers(&JsValue::from(servers));
    configuration
}

fn transceiver(
    connection: &RtcPeerConnection,
    direction: RtcRtpTransceiverDirection,
) -> Result<web_sys::RtcRtpTransceiver, JsValue> {
    let init = RtcRtpTransceiverInit::new();
    init.set_direction(direction);
    Ok(connection.add_transceiver_with_str_and_init("audio", &init))
}
