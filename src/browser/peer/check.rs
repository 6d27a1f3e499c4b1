//! A connection that checks one way to the server. It plays nothing.

use super::{PeerConnection, configuration, is_in_use, selected_pair, slot::number, text, transceiver};
use crate::{
    browser::test_tone::TestTone,
    model::{ice_server::IceServer, signal::SLOTS},
};
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MediaStreamTrack, RtcPeerConnection, RtcPeerConnectionState, RtcRtpSender, RtcRtpTransceiverDirection};

/// Whether a check has got through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckPeerState {
    Connecting,
    Connected,
    Failed,
}

/// What has gone through a check, from `getStats()`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CheckStats {
    /// The round trip of the last STUN request, in milliseconds.
    pub round_trip_ms: Option<f64>,
    /// Whether the way in use is TCP to the server itself.
    pub is_tcp: bool,
    pub is_relayed: bool,
    /// Packets to the server. Browsers also count those that have only padding, with which they measure the network.
    pub sent: u64,
    /// Packets of sound that came back, and how many are missing between the first and the last of them, by their numbers (RFC 3550 appendix
    /// A.3).
    pub received: u64,
    pub missing: u64,
}

/// A connection with the microphone and the slots that the server expects. Dropping this value closes it.
pub struct CheckPeer {
    connection: RtcPeerConnection,
    microphone: RtcRtpSender,
    /// The sound that is sent instead of a microphone, if the browser lets this page make one.
    tone: Option<TestTone>,
}

impl CheckPeer {
    /// With `relay_only`, the connection uses only the TURN servers. Without a microphone, see [`CheckPeer::send`], it sends a tone that
    /// nobody hears, if the person has clicked on this page before.
    ///
    /// # Errors
    /// The error that the browser threw.
    pub fn new(ice_servers: &[IceServer], relay_only: bool) -> Result<Self, JsValue> {
        let configuration = configuration(ice_servers);
        if relay_only {
            Reflect::set(&configuration, &"iceTransportPolicy".into(), &"relay".into())?;
        }
        let connection = RtcPeerConnection::new_with_configuration(&configuration)?;
        let microphone = transceiver(&connection, RtcRtpTransceiverDirection::Sendonly)?.sender();
        for _ in 0..SLOTS {
            transceiver(&connection, RtcRtpTransceiverDirection::Recvonly)?;
        }
        let peer = Self {
            connection,
            microphone,
            tone: TestTone::begin(),
        };
        if let Some(tone) = &peer.tone {
            let placed = peer.microphone.replace_track(Some(tone.track()));
            // Without the tone, no packet comes back, and the check says so.
            spawn_local(async move { drop(JsFuture::from(placed).await) });
        }
        Ok(peer)
    }

    /// Sends this track instead of the tone; false if the browser refuses.
    pub async fn send(&self, track: &MediaStreamTrack) -> bool {
        JsFuture::from(self.microphone.replace_track(Some(track))).await.is_ok()
    }

    /// Makes the offer, as SDP.
    ///
    /// # Errors
    /// The error that the browser threw.
    pub async fn offer(&self) -> Result<String, JsValue> {
        PeerConnection::offer(self.connection.clone()).await
    }

    /// Applies the server's answer; false if the browser refuses it.
    pub async fn accept(&self, sdp: String) -> bool {
        PeerConnection::accept(self.connection.clone(), sdp).await
    }

    pub fn state(&self) -> CheckPeerState {
        match self.connection.connection_state() {
            RtcPeerConnectionState::Connected => CheckPeerState::Connected,
            RtcPeerConnectionState::Failed | RtcPeerConnectionState::Closed => CheckPeerState::Failed,
            _ => CheckPeerState::Connecting,
        }
    }

    /// Everything is 0 if the browser reports nothing.
    pub async fn stats(&self) -> CheckStats {
        self.read_stats().await.unwrap_or_default()
    }

    async fn read_stats(&self) -> Option<CheckStats> {
        let report = JsFuture::from(self.connection.get_stats()).await.ok()?;
        let report: js_sys::Map = report.unchecked_into();
        let mut read = CheckStats::default();
        let stats: Vec<JsValue> = js_sys::try_iter(&report.values()).ok()??.flatten().collect();
        let selected = selected_pair(&stats);
        for stat in stats {
            let count = |key| number(&stat, key).unwrap_or_default().max(0.0) as u64;
            match text(&stat, "type").as_deref() {
                Some("outbound-rtp") => read.sent += count("packetsSent"),
                Some("inbound-rtp") => {
                    read.received += count("packetsReceived");
                    read.missing += count("packetsLost");
                }
                Some("candidate-pair") if is_in_use(&stat, selected.as_deref()) => {
                    read.round_trip_ms = number(&stat, "currentRoundTripTime").map(|seconds| seconds * 1_000.0);
                    let own = text(&stat, "localCandidateId").map(|id| report.get(&id.into()));
                    let own = own.unwrap_or_default();
                    read.is_relayed = text(&own, "candidateType").as_deref() == Some("relay");
                    read.is_tcp = text(&own, "protocol").as_deref() == Some("tcp");
                }
                _ => {}
            }
        }
        Some(read)
    }
}

impl Drop for CheckPeer {
    fn drop(&mut self) {
        self.connection.close();
    }
}
