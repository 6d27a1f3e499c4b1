//! Lost packets of voices: how much of the sound is still missing if the network of one person loses packets at random.

use crate::{
    ice_client::{PeerOptions, ToneSource},
    raw_peer::{LOUD, RawPeer},
    test_app::TestApp,
    voice::{missing, unmute, wait},
};
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
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (socket, of_ben) = ben.plug_in_with(&room, listener).await;
    let _b = socket.attended();
    let (mut socket, of_ada) = ada.plug_in_with(&room, speaker).await;
    unmute(&mut socket).await;
    let _a = socket.attended();
    of_ada.speak(ToneSource::at(LOUD));
    wait_until_sent(&of_ada, FRAMES).await;
    assert!(
        of_ben.frames().len() as u64 > FRAMES / 2,
        "the listener heard almost nothing"
    );
    missing_percent(&of_ben)
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
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (_b, of_ben) = ben.plug_in(&room).await;
    let (mut socket, of_ada) = ada.plug_in_with(&room, LOSSLESS).await;
    unmute(&mut socket).await;
    of_ada.speak(ToneSource::at(LOUD));
    wait(&of_ben, 50);
    assert_eq!(missing_percent(&of_ben), 0.0);
    assert!(
        of_ben
            .heard()
            .iter()
            .all(|heard| heard.level == LOUD && heard.delay.is_some())
    );
    // A frame has 60 bytes, so a packet with a copy would have more than 150.
    let bytes = of_ben.bytes();
    assert!(bytes < 140 * of_ben.heard().len() as u64, "{bytes} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn padding_of_a_speaker_is_no_gap_for_the_listeners() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (_b, of_ben) = ben.plug_in_with(&room, LOSSLESS).await;
    let (mut socket, of_ada) = ada.plug_in_with(&room, LOSSLESS).await;
    unmute(&mut socket).await;
    of_ada.speak(ToneSource::at(LOUD));
    for packets in [10, 30, 50] {
        wait(&of_ben, packets);
        of_ada.pad(16);
    }
    wait(&of_ben, 80);
    assert_eq!((missing(&of_ben), missing_percent(&of_ben)), (0, 0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_do_not_count_towards_the_limit_of_a_sender() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (_b, of_ben) = ben.plug_in_with(&room, LOSSLESS).await;
    let (mut socket, of_ada) = ada.plug_in_with(&room, LOSSLESS).await;
    unmute(&mut socket).await;
    // 120 kbit/s without the copies, and 240 kbit/s with them. The limit is 160 kbit/s.
    of_ada.speak(ToneSource {
        payload_bytes: 300,
        ..ToneSource::at(LOUD)
    });
    wait_until_sent(&of_ada, 150).await;
    // A packet that exceeds the limit would be missing, and later packets have no copy of it.
    assert_eq!(missing_percent(&of_ben), 0.0);
    assert!(of_ben.frames().len() > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_muted_person_said_is_not_heard_as_a_copy_after_unmuting() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (_b, of_ben) = ben.plug_in_with(&room, LOSSLESS).await;
    let (mut socket, of_ada) = ada.plug_in_with(&room, LOSSLESS).await;
    of_ada.speak(ToneSource::at(LOUD));
    wait_until_sent(&of_ada, 10).await;
    // The last packets that Ada sends while she is muted are lost. Her first packet after that has a copy of the last one.
    of_ada.lose_outward(100);
    wait_until_sent(&of_ada, 20).await;
    of_ada.fall_silent();
    sleep(Duration::from_millis(100)).await;
    let while_muted = of_ada.sent();
    unmute(&mut socket).await;
    of_ada.lose_outward(0);
    of_ada.speak(ToneSource::at(LOUD));
    wait(&of_ben, 20);
    let first = of_ben.frames().first().copied().map(u64::from);
    assert_eq!(first, Some(while_muted + 1));
}
