//! Tests of calls in which the socket or the voice connection is lost.

use super::story::{Story, page, user};
use crate::{
    browser::peer::{PeerEventKind, Traffic},
    model::signal::ServerSignal,
    ui::{
        call::{
            events::{CallInput, CallOutput, CallTimer, ConnectionEvent},
            states::{JoinState, Mic, SoundState},
        },
        reconnecting_socket::SocketState,
    },
};

#[test]
fn only_the_answer_to_the_last_offer_is_accepted() {
    let mut story = Story::in_the_lobby();
    story.happens(CallInput::Join);
    for _ in 0..2 {
        story.browser_offers();
    }
    story.hears(ServerSignal::Joined { sdp: "first".into() });
    assert_eq!(story.call.join_state, JoinState::Joining);
    story.hears(ServerSignal::Joined { sdp: "second".into() });
    assert_eq!(story.call.join_state, JoinState::Inside);
    assert!(story.asks(|output| matches!(output, CallOutput::AcceptAnswer { sdp, .. } if sdp == "second")));
}

#[test]
fn an_offer_that_nobody_answers_reopens_the_socket() {
    let mut story = Story::in_the_lobby();
    story.happens(CallInput::Join);
    story.browser_offers();
    let attempt = story.attempt();
    story.happens(CallInput::Timer(CallTimer::Slow { attempt }));
    assert_eq!(story.call.connection.sound, SoundState::Slow);
    story.happens(CallInput::Timer(CallTimer::Unanswered { attempt }));
    assert!(story.asks(|output| *output == CallOutput::ReopenSocket));
}

#[test]
fn after_a_lost_socket_you_are_muted_and_rejoin_without_a_click() {
    let mut story = Story::inside();
    story.is_live();
    story.happens(CallInput::Socket(SocketState::Lost {
        attempt: 1,
        restarting: false,
    }));
    assert_eq!(
        (story.call.join_state, story.call.microphone.mic),
        (JoinState::Joining, Mic::Muted)
    );
    assert!(
        story
            .call
            .microphone
            .remark
            .is_some_and(|words| words.contains("the connection was lost"))
    );
    assert!(!story.asks(|output| *output == CallOutput::AskWhy));
    story.happens(CallInput::Socket(SocketState::Lost {
        attempt: 2,
        restarting: false,
    }));
    assert!(story.asks(|output| *output == CallOutput::AskWhy));
    story.asked.clear();
    story.hears(ServerSignal::Welcome {
        you: user("Ben"),
        room: Box::new(page()),
        speaking: vec![],
        now_s: 1_800_000_000,
        ice_servers: vec![],
    });
    assert!(story.opens_a_connection());
    story.is_let_in();
    assert_eq!(story.call.join_state, JoinState::Inside);
}

#[test]
fn after_a_restart_of_the_server_you_rejoin_muted() {
    let mut story = Story::inside();
    story.is_live();
    story.happens(CallInput::Socket(SocketState::Lost {
        attempt: 1,
        restarting: true,
    }));
    assert_eq!(
        (story.call.join_state, story.call.microphone.mic),
        (JoinState::Joining, Mic::Muted)
    );
    assert!(story.asks(|output| *output == CallOutput::CloseConnection));
    story.happens(CallInput::Socket(SocketState::Open));
    story.hears(ServerSignal::Welcome {
        you: user("Ben"),
        room: Box::new(page()),
        speaking: vec![],
        now_s: 1_800_000_000,
        ice_servers: vec![],
    });
    story.is_let_in();
    assert_eq!(story.call.join_state, JoinState::Inside);
}

#[test]
fn a_connection_that_fails_is_made_again_at_most_four_times() {
    let mut story = Story::inside();
    for _ in 0..4 {
        story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
        assert_eq!(story.call.connection.sound, SoundState::Connecting);
        story.asked.clear();
        let attempt = story.attempt();
        story.happens(CallInput::Timer(CallTimer::Reconnect { attempt }));
        assert!(story.opens_a_connection());
    }
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
    assert_eq!(story.call.connection.sound, SoundState::Blocked);
    story.happens(CallInput::Unmute);
    assert!(
        story
            .call
            .microphone
            .remark
            .is_some_and(|words| words.contains("isn't getting through"))
    );
    story.asked.clear();
    story.happens(CallInput::TryAgain);
    assert!(story.opens_a_connection());
}

#[test]
fn events_of_an_older_connection_change_nothing() {
    let mut story = Story::inside();
    let attempt = story.attempt() - 1;
    let before = story.call.clone();
    for event in [
        PeerEventKind::Failed,
        PeerEventKind::PlayRefused,
        PeerEventKind::Connected,
    ]
    .map(ConnectionEvent::Peer)
    {
        story.happens(CallInput::Connection { attempt, event });
    }
    let event = ConnectionEvent::AnswerNotTaken;
    story.happens(CallInput::Connection { attempt, event });
    story.happens(CallInput::Timer(CallTimer::Reconnect { attempt }));
    assert_eq!(story.call, before);
    assert!(story.asked.is_empty(), "{:?}", story.asked);
}

#[test]
fn packets_are_counted_in_each_direction_until_the_connection_fails() {
    let mut story = Story::inside();
    for (sent, received) in [(10, 10), (20, 10), (30, 10), (30, 20)] {
        let traffic = Traffic {
            sent,
            received,
            ..Traffic::default()
        };
        story.about_connection(ConnectionEvent::Peer(PeerEventKind::Traffic(traffic)));
    }
    let counts = story.call.connection.counts_without;
    assert_eq!((counts.sent, counts.received), (1, 0));
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
    assert_eq!(story.call.connection.traffic, Traffic::default());
}

/// The page counts `received` voice packets, and checks with their answers.
fn counts(story: &mut Story, received: u64, checks: u64, answers: u64) -> bool {
    let traffic = Traffic {
        received,
        checks,
        answers,
        ..Traffic::default()
    };
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Traffic(traffic)));
    story.call.connection.is_server_silent()
}

#[test]
fn a_server_that_leaves_two_checks_unanswered_is_silent_until_it_sends_anything() {
    let mut story = Story::inside();
    story.is_live();
    assert!(!counts(&mut story, 0, 10, 10));
    assert!(!counts(&mut story, 0, 11, 10), "one answer may still arrive");
    assert!(!counts(&mut story, 0, 12, 11), "a late answer");
    assert!(!counts(&mut story, 0, 13, 11), "one more check");
    assert!(counts(&mut story, 0, 14, 11));
    assert_eq!(story.call.microphone.mic, Mic::Live, "nothing is lost yet");
    assert!(counts(&mut story, 0, 14, 11), "no check, no answer");
    assert!(!counts(&mut story, 1, 15, 11), "a voice is an answer");
}

#[test]
fn a_silent_server_is_forgotten_with_its_connection() {
    let mut story = Story::inside();
    counts(&mut story, 0, 1, 1);
    assert!(counts(&mut story, 0, 9, 1));
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
    assert!(!story.call.connection.is_server_silent(), "the page connects again");
}

#[test]
fn a_browser_that_reports_no_checks_never_says_that_the_server_is_silent() {
    let mut story = Story::inside();
    assert!((0..20).all(|_| !counts(&mut story, 0, 0, 0)));
}
