//! Lost packets of voices: how much of the sound is still missing if the network of one person loses packets at random.

use crate::{
    ice_client::{PeerOptions, ToneSource},
    raw_peer::{LOUD, RawPeer},
    test_app::TestApp,
    test_socket::{AttendedSocket, TestSocket},
    voice::{missing, unmute, wait},
};
use snug::model::signal::ServerSignal;
use std::time::Duration;
use tokio::time::sleep;

/// How many frames each of the tests about loss sends: 9 seconds of sound.
const FRAMES: u64 = 450;

/// A browser that offers redundant sound, on a network that loses nothing.
const LOSSLESS: PeerOptions = PeerOptions {
    redundancy: true,
    lost_outward: 0,
    lost_inward: 0,
};

/// Whose network loses packets, on its way to or from the server.
#[derive(Clone, Copy)]
enum LossySide {
    Speaker,
    Listener,
}

/// Two people in one room. The speaker is muted at first, and the listener stays muted.
struct SpeakerAndListener {
    speaker: RawPeer,
    socket_of_speaker: TestSocket<ServerSignal>,
    listener: RawPeer,
    _socket_of_listener: AttendedSocket<ServerSignal>,
    // The last field, because fields are dropped in this order.
    _app: TestApp,
}

impl SpeakerAndListener {
    async fn meet(speaker: PeerOptions, listener: PeerOptions) -> Self {
        let app = TestApp::start().await;
        let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
        let room = ada.open_room("Tea", "open").await;
        let (socket_of_listener, listener) = ben.plug_in_with(&room, listener).await;
        let (socket_of_speaker, speaker) = ada.plug_in_with(&room, speaker).await;
        Self {
            speaker,
            socket_of_speaker,
            listener,
            _socket_of_listener: socket_of_listener.attended(),
            _app: app,
        }
    }

    async fn unmute(&mut self) {
        unmute(&mut self.socket_of_speaker).await;
    }
}

/// How many of a hundred frames did not reach the listener, neither in packets of their own nor as copies.
fn missing_percent(listener: &RawPeer) -> f64 {
    let frames = listener.frames();
    let (first, last) = (frames.first().expect("heard"), frames.last().expect("heard"));
    let sent = f64::from(last - first + 1);
    100.0 * (sent - frames.len() as f64) / sent
}

async fn wait_until_sent(speaker: &RawPeer, frames: u64) {
    while speaker.sent() < frames {
        sleep(Duration::from_millis(20)).await;
    }
}

/// One person speaks and another listens, and this share of the packets is lost. What is missing then, in percent.
async fn missing_with_loss(side: LossySide, lost: u64) -> f64 {
    let (speaker, listener) = match side {
        LossySide::Speaker => (
            PeerOptions {
                lost_outward: lost,
                ..LOSSLESS
            },
            LOSSLESS,
        ),
        LossySide::Listener => (
            LOSSLESS,
            PeerOptions {
                lost_inward: lost,
                ..LOSSLESS
            },
        ),
    };
    let mut pair = SpeakerAndListener::meet(speaker, listener).await;
    pair.unmute().await;
    let _attended = pair.socket_of_speaker.attended();
    pair.speaker.speak(ToneSource::at(LOUD));
    wait_until_sent(&pair.speaker, FRAMES).await;
    assert!(
        pair.listener.frames().len() as u64 > FRAMES / 2,
        "the listener heard almost nothing"
    );
    missing_percent(&pair.listener)
}

async fn assert_missing(side: LossySide, lost: u64, at_most: f64) {
    let missing = missing_with_loss(side, lost).await;
    assert!(missing <= at_most, "{missing:.1} % is missing at a loss of {lost} %");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_5_percent_loss_at_most_1_percent_of_a_speakers_sound_is_missing() {
    assert_missing(LossySide::Speaker, 5, 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_10_percent_loss_at_most_2_percent_of_a_speakers_sound_is_missing() {
    assert_missing(LossySide::Speaker, 10, 2.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_20_percent_loss_at_most_6_percent_of_a_speakers_sound_is_missing() {
    assert_missing(LossySide::Speaker, 20, 6.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_30_percent_loss_at_most_12_percent_of_a_speakers_sound_is_missing() {
    assert_missing(LossySide::Speaker, 30, 12.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_5_percent_loss_at_most_1_percent_of_a_listeners_sound_is_missing() {
    assert_missing(LossySide::Listener, 5, 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_10_percent_loss_at_most_2_percent_of_a_listeners_sound_is_missing() {
    assert_missing(LossySide::Listener, 10, 2.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_20_percent_loss_at_most_6_percent_of_a_listeners_sound_is_missing() {
    assert_missing(LossySide::Listener, 20, 6.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_30_percent_loss_at_most_12_percent_of_a_listeners_sound_is_missing() {
    assert_missing(LossySide::Listener, 30, 12.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_whose_browser_does_not_offer_redundant_sound_hears_everything_too() {
    let mut pair = SpeakerAndListener::meet(LOSSLESS, PeerOptions::default()).await;
    pair.unmute().await;
    pair.speaker.speak(ToneSource::at(LOUD));
    wait(&pair.listener, 50);
    assert_eq!(missing_percent(&pair.listener), 0.0);
    assert!(
        pair.listener
            .heard()
            .iter()
            .all(|heard| heard.level == LOUD && heard.delay.is_some())
    );
    // A frame has 60 bytes, so a packet with a copy would have more than 150.
    let bytes = pair.listener.bytes();
    assert!(bytes < 140 * pair.listener.heard().len() as u64, "{bytes} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn padding_of_a_speaker_is_no_gap_for_the_listeners() {
    let mut pair = SpeakerAndListener::meet(LOSSLESS, LOSSLESS).await;
    pair.unmute().await;
    pair.speaker.speak(ToneSource::at(LOUD));
    for packets in [10, 30, 50] {
        wait(&pair.listener, packets);
        pair.speaker.pad(16);
    }
    wait(&pair.listener, 80);
    assert_eq!((missing(&pair.listener), missing_percent(&pair.listener)), (0, 0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_do_not_count_towards_the_limit_of_a_sender() {
    let mut pair = SpeakerAndListener::meet(LOSSLESS, LOSSLESS).await;
    pair.unmute().await;
    // 120 kbit/s without the copies, and 240 kbit/s with them. The limit is 160 kbit/s.
    pair.speaker.speak(ToneSource {
        payload_bytes: 300,
        ..ToneSource::at(LOUD)
    });
    wait_until_sent(&pair.speaker, 150).await;
    // A packet that exceeds the limit would be missing, and later packets have no copy of it.
    assert_eq!(missing_percent(&pair.listener), 0.0);
    assert!(pair.listener.frames().len() > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_muted_person_said_is_not_heard_as_a_copy_after_unmuting() {
    let mut pair = SpeakerAndListener::meet(LOSSLESS, LOSSLESS).await;
    pair.speaker.speak(ToneSource::at(LOUD));
    wait_until_sent(&pair.speaker, 10).await;
    // The last packets that the speaker sends while muted are lost. The first packet after that has a copy of the last one.
    pair.speaker.lose_outward(100);
    wait_until_sent(&pair.speaker, 20).await;
    pair.speaker.fall_silent();
    sleep(Duration::from_millis(100)).await;
    let while_muted = pair.speaker.sent();
    pair.unmute().await;
    pair.speaker.lose_outward(0);
    pair.speaker.speak(ToneSource::at(LOUD));
    wait(&pair.listener, 20);
    let first = pair.listener.frames().first().copied().map(u64::from);
    assert_eq!(first, Some(while_muted + 1));
}
