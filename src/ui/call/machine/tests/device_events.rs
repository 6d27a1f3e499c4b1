//! Tests of what happens to the microphone and the loudspeaker without the person: unplugged devices, phone calls, keys of a headset.

use super::story::{Story, participant};
use crate::{
    browser::{microphone::Closed, peer::PeerEventKind},
    model::{
        room::ParticipantInfo,
        signal::{ClientSignal, ServerSignal},
    },
    ui::call::{
        events::{CallInput, CallOutput, CallTimer, ConnectionEvent, MicrophonePurpose},
        states::Mic,
    },
};

fn muting(on: bool) -> ClientSignal {
    ClientSignal::Mute { on }
}

fn news(story: &Story) -> Option<String> {
    story.call.device.news.as_ref().map(|news| news.sentence())
}

/// Live with a microphone that the browser calls "Headset".
fn live_with_headset() -> Story {
    let mut story = Story::inside();
    story.happens(CallInput::MicrophoneNamed(Some("Headset".into())));
    story.is_live();
    story
}

#[test]
fn if_the_headset_is_unplugged_in_mid_sentence_you_stay_live_on_another_device() {
    let mut story = live_with_headset();
    story.happens(CallInput::MicrophoneEnded);
    assert!(story.asks(|output| *output == CallOutput::ReleaseMicrophone));
    assert_eq!(story.call.microphone.mic, Mic::Opening);
    story.happens(CallInput::MicrophoneNamed(Some("Built-in".into())));
    story.microphone_opens(Ok(()));
    assert_eq!(story.call.microphone.mic, Mic::Live);
    assert_eq!(story.asked.last(), Some(&CallOutput::SetLive(true)));
    assert!(story.asks(|output| *output == CallOutput::SendMicrophone));
    assert!(!story.sends(&muting(true)), "the others see no change");
    assert_eq!(
        news(&story).as_deref(),
        Some("Headset is gone. Snug uses Built-in now.")
    );
    story.happens(CallInput::ToggleMicrophone);
    assert_eq!(news(&story), None);
}

#[test]
fn if_there_is_no_other_device_you_are_muted_and_learn_why() {
    let mut story = live_with_headset();
    story.happens(CallInput::MicrophoneEnded);
    story.microphone_opens(Err(Closed::Missing));
    assert_eq!(
        (story.call.microphone.mic, story.call.microphone.closed),
        (Mic::Muted, Some(Closed::Missing))
    );
    assert!(story.sends(&muting(true)), "the others see that you are muted");
    story.happens(CallInput::DevicesChanged);
    assert_eq!(story.call.microphone.closed, None);
    assert!(news(&story).is_some_and(|news| news.contains("plugged in")));
}

#[test]
fn a_microphone_that_you_mute_while_another_takes_its_place_stays_muted() {
    let mut story = live_with_headset();
    story.happens(CallInput::MicrophoneEnded);
    story.happens(CallInput::ToggleMicrophone);
    story.microphone_opens(Ok(()));
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(!story.asks(|output| *output == CallOutput::SetLive(true)));
}

#[test]
fn if_the_headset_is_unplugged_while_you_are_muted_no_microphone_is_opened() {
    let mut story = live_with_headset();
    story.happens(CallInput::Mute);
    story.asked.clear();
    story.happens(CallInput::MicrophoneEnded);
    assert_eq!(story.asked, [CallOutput::ReleaseMicrophone]);
    assert!(news(&story).is_some_and(|news| news.starts_with("Headset is gone.")));
}

#[test]
fn if_the_permission_is_taken_away_you_are_muted_and_learn_how_to_allow_it_again() {
    let mut story = live_with_headset();
    story.happens(CallInput::MicrophoneForbidden);
    assert_eq!(
        (story.call.microphone.mic, story.call.microphone.closed),
        (Mic::Muted, Some(Closed::Denied))
    );
    assert!(story.sends(&muting(true)));
    story.asked.clear();
    story.happens(CallInput::MicrophoneEnded);
    assert!(!story.asks(|output| matches!(output, CallOutput::OpenMicrophone(_))));
}

#[test]
fn a_microphone_that_the_system_takes_is_shown_as_muted_and_comes_back() {
    let mut story = live_with_headset();
    story.happens(CallInput::SystemMuted(true));
    assert!(story.sends(&muting(true)), "the others see it");
    assert_eq!(
        (story.call.shown_mic(), story.call.is_held_by_system()),
        (Mic::Muted, true)
    );
    story.happens(CallInput::SystemMuted(false));
    assert!(story.sends(&muting(false)));
    assert_eq!(
        (story.call.shown_mic(), story.call.is_held_by_system()),
        (Mic::Live, false)
    );
}

#[test]
fn if_you_choose_to_stay_muted_the_system_does_not_unmute_you() {
    let mut story = live_with_headset();
    story.happens(CallInput::SystemMuted(true));
    story.happens(CallInput::Mute);
    story.asked.clear();
    story.happens(CallInput::SystemMuted(false));
    assert_eq!((story.call.shown_mic(), story.asked.len()), (Mic::Muted, 0));
}

#[test]
fn unmuting_a_microphone_that_the_system_has_asks_for_it_again() {
    let mut story = live_with_headset();
    story.happens(CallInput::SystemMuted(true));
    story.asked.clear();
    story.happens(CallInput::ToggleMicrophone);
    assert_eq!(story.asked.first(), Some(&CallOutput::ReleaseMicrophone));
    assert!(story.asks(|output| matches!(output, CallOutput::OpenMicrophone(MicrophonePurpose::Talk { .. }))));
    // The system still has it.
    story.microphone_opens(Ok(()));
    assert_eq!(story.call.shown_mic(), Mic::Muted);
    let last = story
        .asked
        .iter()
        .rev()
        .find(|output| matches!(output, CallOutput::Send(_)));
    assert_eq!(last, Some(&CallOutput::Send(muting(true))));
}

#[test]
fn voices_that_something_outside_pauses_play_again_once_after_a_wait() {
    let mut story = Story::inside();
    let attempt = story.attempt();
    for _ in 0..3 {
        story.about_connection(ConnectionEvent::Peer(PeerEventKind::Paused));
    }
    let timer = CallTimer::PlayAgain { attempt };
    let waits = |output: &&CallOutput| matches!(output, CallOutput::Start { timer: started, .. } if *started == timer);
    assert_eq!(story.asked.iter().filter(waits).count(), 1, "three slots, one wait");
    story.happens(CallInput::Timer(timer));
    assert_eq!(story.asked.last(), Some(&CallOutput::Play { attempt }));
    assert!(!story.call.connection.is_paused);
}

#[test]
fn if_the_browser_refuses_to_play_again_only_a_tap_helps() {
    let mut story = Story::inside();
    let attempt = story.attempt();
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Paused));
    story.happens(CallInput::Timer(CallTimer::PlayAgain { attempt }));
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::PlayRefused));
    assert!(story.call.connection.needs_tap);
    story.asked.clear();
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Paused));
    story.happens(CallInput::PageHidden(false));
    assert!(story.asked.is_empty());
    story.happens(CallInput::Play);
    assert!(!story.call.connection.needs_tap);
    assert_eq!(story.asked, [CallOutput::Play { attempt }]);
}

#[test]
fn while_the_system_has_the_microphone_you_can_talk_on_another_device_and_keep_it() {
    let open = ParticipantInfo {
        muted: false,
        ..participant("Ben")
    };
    let mut story = live_with_headset();
    story.is_granted();
    story.happens(CallInput::SystemMuted(true));
    story.hears(ServerSignal::changed_at(participant("Ben")));
    story.hears(ServerSignal::changed_at(open.clone()));
    assert!(story.call.moved_elsewhere && !story.call.is_held_by_system());
    story.asked.clear();
    story.happens(CallInput::SystemMuted(false));
    assert!(story.asked.is_empty(), "the other device keeps it");

    // The room grants the unmute after the system has taken the microphone.
    let mut story = live_with_headset();
    story.happens(CallInput::SystemMuted(true));
    story.hears(ServerSignal::changed_at(open));
    assert!(story.call.is_held_by_system());
    story.hears(ServerSignal::changed_at(participant("Ben")));
    story.happens(CallInput::SystemMuted(false));
    assert!(story.sends(&muting(false)));
}

#[test]
fn a_microphone_that_takes_the_place_of_one_that_the_system_had_is_unmuted() {
    let mut story = live_with_headset();
    story.is_granted();
    story.happens(CallInput::SystemMuted(true));
    story.asked.clear();
    story.happens(CallInput::MicrophoneEnded);
    story.happens(CallInput::SystemMuted(false));
    story.microphone_opens(Ok(()));
    assert!(story.sends(&muting(false)));
}

#[test]
fn while_a_headset_is_replaced_you_are_not_cut_off() {
    let mut story = live_with_headset();
    story.hears(ServerSignal::VoiceArrives { arrives: false });
    story.happens(CallInput::MicrophoneEnded);
    assert!(!story.call.connection.is_cut_off());
}

#[test]
fn if_the_browser_does_not_send_the_microphone_you_are_muted_and_told() {
    let mut story = live_with_headset();
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::MicrophoneNotSent));
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(story.sends(&muting(true)));
    assert!(
        story
            .call
            .microphone
            .remark
            .is_some_and(|words| words.contains("could not send"))
    );
}

#[test]
fn voices_that_are_paused_again_and_again_wait_for_a_tap() {
    let plays = |every_ms: f64| {
        let mut story = Story::inside();
        let attempt = story.attempt();
        for _ in 0..8 {
            story.waits(every_ms);
            story.about_connection(ConnectionEvent::Peer(PeerEventKind::Paused));
            story.happens(CallInput::Timer(CallTimer::PlayAgain { attempt }));
        }
        let plays = story
            .asked
            .iter()
            .filter(|output| matches!(output, CallOutput::Play { .. }));
        (plays.count(), story.call.connection.needs_tap)
    };
    assert_eq!(plays(300.0), (5, true));
    assert_eq!(plays(3_000.0), (8, false), "not without an end");
}
