//! Tests of calls whose only way to the server is found late, as a relay, or does not work at first. Looking for it again too soon would
//! prevent it.

use super::story::{Story, participant};
use crate::{
    browser::peer::{IceState, PeerEventKind, Traffic},
    model::signal::ServerSignal,
    ui::call::{
        events::{CallInput, CallOutput, CallTimer, ConnectionEvent},
        states::SoundState,
    },
};

fn peer(story: &mut Story, event: PeerEventKind) {
    story.about_connection(ConnectionEvent::Peer(event));
}

/// A call whose answer has come. The browser is still looking for ways, and those that it has found have failed.
fn failing() -> Story {
    let mut story = Story::in_the_lobby();
    story.happens(CallInput::Join);
    story.browser_offers();
    peer(&mut story, PeerEventKind::Gathering(true));
    story.hears(ServerSignal::Joined { sdp: "answer".into() });
    story.hears(ServerSignal::joined_by(participant("Ben")));
    peer(&mut story, PeerEventKind::Ice(IceState::Failed));
    peer(&mut story, PeerEventKind::Failed);
    story
}

/// The last timer after which the page gives up, if one with this time was started.
fn gives_up_in(story: &Story, wanted_ms: u32) -> Option<CallTimer> {
    let current = story.attempt();
    story.asked.iter().rev().find_map(|output| match *output {
        CallOutput::Start { timer, after_ms } => {
            let is_of_failure = matches!(timer, CallTimer::StillFailed { attempt, .. } if attempt == current);
            (is_of_failure && after_ms == wanted_ms).then_some(timer)
        }
        _ => None,
    })
}

#[test]
fn a_connection_that_fails_before_the_relay_is_found_waits_for_the_relay() {
    let mut story = failing();
    let timer = gives_up_in(&story, 15_000).expect("patience");
    assert!(!story.asks(|output| *output == CallOutput::CloseConnection));
    peer(&mut story, PeerEventKind::Ice(IceState::Checking));
    story.happens(CallInput::Timer(timer));
    assert_eq!(story.call.connection.sound, SoundState::Connecting);
    peer(&mut story, PeerEventKind::Connected);
    story.happens(CallInput::Timer(timer));
    assert_eq!(story.call.connection.sound, SoundState::Through);
}

#[test]
fn a_connection_is_lost_if_no_relay_is_found_in_time() {
    let mut story = failing();
    let timer = gives_up_in(&story, 15_000).expect("patience");
    story.happens(CallInput::Timer(timer));
    assert!(story.asks(|output| *output == CallOutput::CloseConnection));
    assert!(story.asks(|output| matches!(output, CallOutput::StartAfterPause { .. })));
}

#[test]
fn a_second_failure_has_the_same_time_as_the_first_one() {
    let mut story = failing();
    let first = gives_up_in(&story, 15_000).expect("patience");
    peer(&mut story, PeerEventKind::Ice(IceState::Checking));
    story.asked.clear();
    peer(&mut story, PeerEventKind::Ice(IceState::Failed));
    peer(&mut story, PeerEventKind::Failed);
    let second = gives_up_in(&story, 15_000).expect("patience again");
    story.happens(CallInput::Timer(first));
    assert!(!story.asks(|output| *output == CallOutput::CloseConnection));
    story.happens(CallInput::Timer(second));
    assert!(story.asks(|output| *output == CallOutput::CloseConnection));
}

#[test]
fn when_the_browser_has_found_everything_its_last_way_has_one_second() {
    let mut story = failing();
    peer(&mut story, PeerEventKind::Gathering(false));
    let timer = gives_up_in(&story, 1_000).expect("a moment");
    assert!(!story.asks(|output| *output == CallOutput::CloseConnection));
    story.happens(CallInput::Timer(timer));
    assert!(story.asks(|output| *output == CallOutput::CloseConnection));

    let mut story = Story::inside();
    peer(&mut story, PeerEventKind::Gathering(true));
    peer(&mut story, PeerEventKind::Gathering(false));
    peer(&mut story, PeerEventKind::Failed);
    assert!(
        story.asks(|output| *output == CallOutput::CloseConnection),
        "there is nothing to wait for"
    );
}

#[test]
fn while_the_browser_looks_for_a_relay_it_is_disturbed_only_every_six_seconds() {
    let renews_in_10_s = |is_gathering| {
        let mut story = Story::inside();
        story.is_live();
        story.counts(1_000);
        peer(&mut story, PeerEventKind::Gathering(is_gathering));
        story.hears_nothing_for(10_000);
        story.renews()
    };
    assert_eq!((renews_in_10_s(true), renews_in_10_s(false)), (2, 3));
}

#[test]
fn a_browser_makes_one_offer_of_a_restart_at_a_time() {
    let mut story = Story::inside();
    story.is_live();
    let restarts = |story: &Story| {
        let is_restart = |output: &&CallOutput| matches!(output, CallOutput::RestartConnection { .. });
        story.asked.iter().filter(is_restart).count()
    };
    story.is_welcomed_with(story.page_with_ben(false));
    story.hears(ServerSignal::VoiceArrives { arrives: false });
    assert_eq!(restarts(&story), 1, "one offer serves both");
    story.is_restarted();
    story.hears(ServerSignal::VoiceArrives { arrives: false });
    assert_eq!(restarts(&story), 2);
    story.happens(CallInput::TryAgain);
    story.is_let_in();
    story.is_welcomed_with(story.page_with_ben(false));
    assert_eq!(restarts(&story), 3, "the other connection makes its own");
}

#[test]
fn a_voice_that_leaves_the_page_and_does_not_arrive_is_tried_again_every_three_seconds() {
    let restarts_in_10_s = |sends: bool| {
        let mut story = Story::inside();
        story.is_live();
        story.is_granted();
        story.counts(1_000);
        story.hears(ServerSignal::VoiceArrives { arrives: false });
        let mut restarts = 0;
        for count in 0..25 {
            story.waits(400.0);
            let sent = if sends { 20 * (count + 1) } else { 0 };
            let traffic = Traffic {
                sent,
                bytes: 2_000 + count,
                ..Traffic::default()
            };
            peer(&mut story, PeerEventKind::Traffic(traffic));
            if story.restarts() {
                restarts += 1;
                story.is_restarted();
                story.asked.clear();
            }
        }
        restarts
    };
    assert_eq!(restarts_in_10_s(true), 4);
    assert_eq!(restarts_in_10_s(false), 1, "nothing is sent");
}
