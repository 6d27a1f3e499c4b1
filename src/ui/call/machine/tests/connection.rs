//! Tests of calls in which the socket or the voice connection is lost.

use super::story::Story;
use crate::{
    browser::peer::{PeerEventKind, Traffic},
    model::signal::ServerSignal,
    ui::call::{
        events::{CallInput, CallOutput, CallTimer, ConnectionEvent},
        states::{JoinState, Mic, SoundState},
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
    let counts = story.call.connection.counted.counts_without;
    assert_eq!((counts.sent, counts.received), (1, 0));
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
    assert_eq!(story.call.connection.counted.traffic, Traffic::default());
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
    story.call.connection.is_cut_off()
}

#[test]
fn without_counted_bytes_two_unanswered_checks_cut_you_off_until_anything_arrives() {
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
fn you_are_cut_off_until_another_connection_works_and_not_before_the_first_one_does() {
    let mut story = Story::in_the_lobby();
    story.happens(CallInput::Join);
    assert!(!story.call.connection.is_cut_off());
    story.is_let_in();
    assert!(!story.call.connection.is_cut_off());
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
    assert!(story.call.connection.is_cut_off());
    let attempt = story.attempt();
    story.happens(CallInput::Timer(CallTimer::Reconnect { attempt }));
    story.is_let_in();
    assert!(!story.call.connection.is_cut_off());
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
    story.happens(CallInput::Leave);
    assert!(!story.call.connection.is_cut_off(), "nobody waits for you");
}

#[test]
fn a_browser_that_reports_neither_bytes_nor_checks_never_says_that_you_are_cut_off() {
    let mut story = Story::inside();
    assert!((0..20).all(|_| !counts(&mut story, 0, 0, 0)));
}
