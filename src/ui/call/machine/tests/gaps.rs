//! Tests of gaps: you are cut off for a while, and your microphone is as it was before if the gap is short.

use super::story::{MUTE, Story, UNMUTE, lost, page};
use crate::{
    browser::{
        microphone::Closed,
        peer::{IceState, PeerEventKind, Traffic},
    },
    model::{
        signal::{Refusal, ServerSignal},
        stage::MicLock,
    },
    ui::call::{
        events::{CallInput, CallOutput, CallTimer, ConnectionEvent},
        states::{Mic, SoundState},
    },
};

#[test]
fn after_a_long_gap_you_are_muted_told_why_and_find_the_button() {
    let mut story = Story::talking();
    story.hears_nothing_for(2_000);
    let long = story.asked.iter().find_map(|output| match output {
        CallOutput::Start { timer, after_ms } if matches!(timer, CallTimer::CutOffForLong { .. }) => {
            Some((*timer, *after_ms))
        }
        _ => None,
    });
    let (timer, after_ms) = long.expect("a timer");
    assert!((13_000..=15_000).contains(&after_ms), "{after_ms}");
    story.waits(f64::from(after_ms));
    story.happens(CallInput::Timer(timer));
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(story.remark().contains("away for a while"));
    assert!(story.asks(|output| *output == CallOutput::FocusMicrophone));
    // The request to mute may be lost, so it is sent again.
    story.asked.clear();
    story.is_welcomed_with(story.page_with_ben(false));
    story.is_restarted();
    assert!(story.sends(&MUTE) && !story.sends(&UNMUTE));
}

#[test]
fn a_device_that_has_slept_comes_back_muted_even_if_no_timer_has_fired() {
    let mut story = Story::talking();
    story.waits(3_600_000.0);
    story.happens(lost(1, true));
    story.is_welcomed_with(page());
    story.is_let_in();
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(!story.sends(&UNMUTE));
    assert!(story.remark().contains("away for a while"));
}

#[test]
fn a_host_who_muted_you_during_the_gap_is_obeyed() {
    for (lock, muted) in [(Some(MicLock::ByHost), true), (None, true)] {
        let mut story = Story::talking();
        story.hears_nothing_for(2_000);
        let mut room = story.page_with_ben(muted);
        room.roster.last_mut().expect("Ben").mic_lock = lock;
        story.is_welcomed_with(room);
        story.is_restarted();
        assert_eq!(story.call.microphone.mic, Mic::Muted, "{lock:?}");
        // About the lock, another part of the page says why.
        assert_eq!(story.remark().contains("muted while you were away"), lock.is_none());
        assert!(!story.sends(&UNMUTE));
    }
    let mut story = Story::talking();
    story.happens(lost(1, true));
    story.is_welcomed_with(page());
    story.is_let_in();
    story.hears(ServerSignal::Refused {
        why: Refusal::MutedByHost,
    });
    assert_eq!(
        story.call.microphone.mic,
        Mic::Muted,
        "the server remembers it after a restart"
    );
}

#[test]
fn what_you_do_with_your_microphone_during_a_gap_holds_after_it() {
    let mut story = Story::talking();
    story.hears_nothing_for(2_000);
    story.happens(CallInput::Mute);
    story.asked.clear();
    story.is_welcomed_with(story.page_with_ben(false));
    story.is_restarted();
    assert!(story.sends(&MUTE), "the first request may be lost");

    let mut story = Story::inside();
    story.counts(1_000);
    story.hears_nothing_for(2_000);
    story.is_live();
    story.is_welcomed_with(story.page_with_ben(true));
    story.is_restarted();
    assert!(story.sends(&UNMUTE));
    assert_eq!(story.call.microphone.mic, Mic::Live);
}

#[test]
fn if_the_microphone_is_unplugged_during_a_gap_you_go_on_with_another_one_or_are_muted() {
    for (opened, mic) in [(Ok(()), Mic::Live), (Err(Closed::Missing), Mic::Muted)] {
        let mut story = Story::talking();
        story.happens(lost(1, true));
        story.happens(CallInput::MicrophoneEnded);
        story.is_welcomed_with(page());
        story.is_let_in();
        assert!(!story.sends(&UNMUTE), "no microphone is open");
        story.microphone_opens(opened);
        assert_eq!(story.call.microphone.mic, mic);
        assert_eq!(
            story.sends(&UNMUTE),
            mic == Mic::Live,
            "the server has let you in muted"
        );
    }
}

#[test]
fn a_microphone_that_the_system_has_taken_is_not_unmuted_by_a_gap() {
    // The server has kept the person, and shows the microphone as off or, if the request to mute was lost, as on.
    for muted in [true, false] {
        let mut story = Story::talking();
        story.happens(CallInput::SystemMuted(true));
        story.hears_nothing_for(2_000);
        story.asked.clear();
        story.is_welcomed_with(story.page_with_ben(muted));
        story.is_restarted();
        assert_eq!((story.sends(&UNMUTE), story.sends(&MUTE)), (false, !muted));
        assert!(story.call.is_held_by_system());
        story.happens(CallInput::SystemMuted(false));
        assert!(story.sends(&UNMUTE));
        assert_eq!(story.call.shown_mic(), Mic::Live);
    }
    // The server was restarted.
    let mut story = Story::talking();
    story.happens(CallInput::SystemMuted(true));
    story.happens(lost(1, true));
    story.is_welcomed_with(page());
    story.is_let_in();
    assert!(!story.sends(&UNMUTE) && story.call.is_held_by_system());
    story.happens(CallInput::SystemMuted(false));
    assert!(story.sends(&UNMUTE));
}

#[test]
fn a_microphone_that_the_system_gives_back_during_a_gap_is_unmuted_after_it() {
    let mut story = Story::talking();
    story.happens(CallInput::SystemMuted(true));
    story.hears_nothing_for(2_000);
    story.happens(CallInput::SystemMuted(false));
    story.asked.clear();
    story.is_welcomed_with(story.page_with_ben(true));
    story.is_restarted();
    assert!(story.sends(&UNMUTE), "the first request may be lost");
    assert_eq!(story.call.shown_mic(), Mic::Live);
}

#[test]
fn when_the_page_gives_up_you_are_muted() {
    let mut story = Story::talking();
    for _ in 0..5 {
        story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
    }
    assert_eq!(story.call.connection.sound, SoundState::Blocked);
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(story.remark().contains("the connection was lost"));
}

#[test]
fn the_first_count_after_a_sleep_is_no_sign_of_life_and_mutes_you_whatever_it_counts() {
    for bytes in [1_200, 1_000, 0] {
        let mut story = Story::talking();
        story.waits(3_600_000.0);
        story.counts(bytes);
        assert_eq!(story.call.microphone.mic, Mic::Muted, "{bytes}");
        assert!(story.remark().contains("away for a while"));
        assert!(story.sends(&MUTE) && story.renews() == 1);
        story.waits(400.0);
        story.counts(1_500);
        assert!(!story.call.connection.is_cut_off());
        assert_eq!(story.call.microphone.mic, Mic::Muted);
    }
    // Whatever happens first, also if it says that the connection works.
    for input in [
        ConnectionEvent::Peer(PeerEventKind::Connected),
        ConnectionEvent::Peer(PeerEventKind::Ice(IceState::Connected)),
    ] {
        let mut story = Story::talking();
        story.waits(3_600_000.0);
        story.about_connection(input);
        assert_eq!(story.call.microphone.mic, Mic::Muted);
    }
    let mut story = Story::talking();
    story.waits(3_600_000.0);
    story.happens(CallInput::ToggleMicrophone);
    assert_eq!(
        story.call.microphone.mic,
        Mic::Muted,
        "the button showed a live microphone"
    );
}

#[test]
fn after_a_sleep_a_browser_that_counts_no_bytes_mutes_you_too() {
    let count = |answers| {
        let traffic = Traffic {
            checks: answers,
            answers,
            ..Default::default()
        };
        ConnectionEvent::Peer(PeerEventKind::Traffic(traffic))
    };
    let mut story = Story::inside();
    story.is_live();
    story.about_connection(count(10));
    story.waits(3_600_000.0);
    story.about_connection(count(11));
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    story.waits(400.0);
    story.about_connection(count(12));
    assert!(!story.call.connection.is_cut_off());
}

#[test]
fn if_you_unmute_in_a_long_gap_you_are_muted_again_when_it_stays_long() {
    let mut story = Story::talking();
    story.hears_nothing_for(20_000);
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    story.asked.clear();
    story.happens(CallInput::Unmute);
    let is_timed = |output: &CallOutput| {
        let CallOutput::Start { timer, after_ms } = output else {
            return false;
        };
        matches!(timer, CallTimer::CutOffForLong { .. }) && *after_ms == 15_000
    };
    assert!(story.asks(is_timed));
    story.microphone_opens(Ok(()));
    story.hears_nothing_for(14_800);
    assert_eq!(story.call.microphone.mic, Mic::Live);
    story.hears_nothing_for(800);
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(story.remark().contains("away for a while"));
}
