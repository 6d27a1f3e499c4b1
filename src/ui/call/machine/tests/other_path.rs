//! Tests of calls that look for another path to the server: by an ICE restart, and over another socket if nothing arrives.

use super::story::{MUTE, Story, UNMUTE, lost};
use crate::{
    browser::peer::{IceState, PeerEventKind, Traffic},
    model::signal::ServerSignal,
    ui::call::{
        events::{CallInput, CallOutput, CallTimer, ConnectionEvent},
        states::{JoinState, Mic, SoundState},
    },
};

#[test]
fn when_nothing_arrives_the_page_opens_another_socket_and_restarts_ice_and_the_microphone_stays_open() {
    let mut story = Story::talking();
    story.hears_nothing_for(1_200);
    assert!(
        !story.call.connection.is_cut_off() && story.renews() == 0,
        "reports can get lost"
    );
    story.hears_nothing_for(400);
    assert!(story.call.connection.is_cut_off());
    assert_eq!(story.renews(), 1);
    assert!(
        story.asks(|output| *output == CallOutput::ShowSpeaking(vec![])),
        "lamps go out"
    );
    story.hears_nothing_for(1_200);
    assert_eq!(story.renews(), 1, "not all the time");
    story.is_welcomed_with(story.page_with_ben(false));
    assert!(story.restarts() && !story.opens_a_connection());
    story.is_restarted();
    assert!(story.asks(|output| matches!(output, CallOutput::AcceptRestart { sdp, .. } if sdp == "answer")));
    // The bytes of the new path are counted from 0.
    story.counts(200);
    assert!(!story.call.connection.is_cut_off());
    assert_eq!(
        (story.call.join_state, story.call.microphone.mic),
        (JoinState::Inside, Mic::Live)
    );
    assert!(!story.sends(&MUTE) && !story.sends(&UNMUTE), "nothing has changed");
}

#[test]
fn while_nothing_helps_the_page_tries_again_every_three_seconds() {
    let mut story = Story::talking();
    story.hears_nothing_for(10_000);
    assert!((3..=4).contains(&story.renews()), "{}", story.renews());
}

#[test]
fn a_change_of_the_network_a_lost_path_and_refused_packets_lead_to_another_socket_at_once() {
    let mut story = Story::talking();
    story.happens(CallInput::NetworkChanged);
    story.happens(CallInput::NetworkChanged);
    assert_eq!(story.renews(), 1, "the browser reports one change twice");
    let is_other_network = true;
    assert!(story.asks(|output| *output == CallOutput::RenewSocket { is_other_network }));

    let mut story = Story::talking();
    let disconnected = ConnectionEvent::Peer(PeerEventKind::Ice(IceState::Disconnected));
    story.about_connection(disconnected.clone());
    let attempt = story.attempt();
    let timer = CallTimer::Disconnected { attempt };
    assert!(story.asks(|output| *output == CallOutput::Start { timer, after_ms: 1_000 }));
    story.happens(CallInput::Timer(timer));
    assert_eq!(story.renews(), 1);

    let mut story = Story::talking();
    story.about_connection(disconnected);
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Ice(IceState::Connected)));
    story.happens(CallInput::Timer(timer));
    assert_eq!(story.renews(), 0, "the browser has found the path again");

    let mut story = Story::talking();
    let traffic = Traffic {
        discarded: 20,
        ..story.call.connection.counted.traffic
    };
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Traffic(traffic)));
    assert_eq!(story.renews(), 1);

    let mut story = Story::in_the_lobby();
    story.happens(CallInput::NetworkChanged);
    assert_eq!(story.renews(), 0, "the socket checks itself");
}

#[test]
fn if_your_voice_does_not_arrive_you_are_told_and_the_page_restarts_over_its_socket() {
    let mut story = Story::talking();
    story.hears(ServerSignal::VoiceArrives { arrives: false });
    assert!(story.call.connection.is_cut_off() && story.restarts());
    assert_eq!(story.renews(), 0);
    story.hears(ServerSignal::VoiceArrives { arrives: true });
    assert!(!story.call.connection.is_cut_off());
    assert_eq!(story.call.microphone.mic, Mic::Live);
}

#[test]
fn a_microphone_that_is_off_cannot_be_unheard() {
    for input in [CallInput::Mute, CallInput::SystemMuted(true)] {
        let mut story = Story::talking();
        story.hears(ServerSignal::VoiceArrives { arrives: false });
        story.happens(input.clone());
        assert!(!story.call.connection.is_cut_off(), "{input:?}");
    }
}

#[test]
fn a_new_socket_hears_again_whether_your_voice_arrives() {
    let mut story = Story::talking();
    story.hears(ServerSignal::VoiceArrives { arrives: false });
    story.happens(lost(1, false));
    story.is_welcomed_with(story.page_with_ben(false));
    assert!(!story.call.connection.is_cut_off());
}

#[test]
fn only_the_answer_to_the_last_restart_is_accepted() {
    let mut story = Story::talking();
    for _ in 0..2 {
        let sdp = "restart".to_owned();
        story.about_connection(ConnectionEvent::RestartOffered { sdp });
    }
    story.hears(ServerSignal::Restarted { sdp: "first".into() });
    let accepts = |story: &Story| story.asks(|output| matches!(output, CallOutput::AcceptRestart { .. }));
    assert!(!accepts(&story));
    story.hears(ServerSignal::Restarted { sdp: "second".into() });
    assert!(accepts(&story));
}

#[test]
fn a_lost_socket_alone_cuts_nobody_off() {
    let mut story = Story::talking();
    story.happens(lost(1, false));
    story.counts(2_000);
    assert_eq!(
        (
            story.call.join_state,
            story.call.microphone.mic,
            story.call.connection.sound
        ),
        (JoinState::Inside, Mic::Live, SoundState::Through)
    );
    assert!(!story.call.connection.is_cut_off());
    assert!(!story.asks(|output| matches!(output, CallOutput::AskWhy | CallOutput::CloseConnection)));
    story.happens(lost(2, false));
    assert!(story.asks(|output| *output == CallOutput::AskWhy));
    story.is_welcomed_with(story.page_with_ben(false));
    assert!(story.restarts());
}

#[test]
fn new_credentials_of_a_relay_lead_to_an_ice_restart_if_the_voices_go_over_a_relay() {
    for is_relayed in [false, true] {
        let mut story = Story::talking();
        let traffic = Traffic {
            is_relayed,
            ..story.call.connection.counted.traffic
        };
        story.about_connection(ConnectionEvent::Peer(PeerEventKind::Traffic(traffic)));
        story.hears(ServerSignal::IceServers { ice_servers: vec![] });
        assert_eq!(story.restarts(), is_relayed);
        assert_eq!(story.renews(), 0, "the socket works");
    }
}

#[test]
fn a_path_that_is_no_longer_counted_is_quiet() {
    let mut story = Story::talking();
    for _ in 0..4 {
        story.waits(400.0);
        story.counts(0);
    }
    assert!(story.call.connection.is_cut_off());
}

#[test]
fn while_the_browser_makes_another_offer_the_answer_to_the_one_before_is_not_accepted() {
    let mut story = Story::talking();
    let offered = || ConnectionEvent::RestartOffered { sdp: "restart".into() };
    story.is_welcomed_with(story.page_with_ben(false));
    story.about_connection(offered());
    story.hears(ServerSignal::VoiceArrives { arrives: false });
    story.hears(ServerSignal::Restarted { sdp: "first".into() });
    let accepts = |story: &Story| story.asks(|output| matches!(output, CallOutput::AcceptRestart { .. }));
    assert!(!accepts(&story));
    story.about_connection(offered());
    story.hears(ServerSignal::Restarted { sdp: "second".into() });
    assert!(accepts(&story));
}
