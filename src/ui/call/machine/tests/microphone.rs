//! Tests of your own microphone.

use super::story::{Story, participant};
use crate::{
    browser::microphone::Closed,
    model::{
        signal::{ClientSignal, ServerSignal},
        stage::MicLock,
    },
    ui::{
        call::{
            events::{CallInput, CallOutput, CallTimer, MicrophonePurpose},
            states::Mic,
        },
        reconnecting_socket::SocketState,
    },
};

#[test]
fn you_stay_muted_if_you_mute_while_the_browser_asks_for_permission() {
    let mut story = Story::inside();
    story.happens(CallInput::ToggleMicrophone);
    assert_eq!(story.call.microphone.mic, Mic::Opening);
    story.happens(CallInput::ToggleMicrophone);
    story.microphone_opens(Ok(()));
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(!story.sends(&ClientSignal::Mute { on: false }));
    assert_eq!(story.asked.last(), Some(&CallOutput::SendMicrophone));
}

#[test]
fn a_microphone_that_opens_after_you_have_left_is_closed_again() {
    let mut story = Story::inside();
    story.happens(CallInput::Unmute);
    story.happens(CallInput::Leave);
    story.microphone_opens(Ok(()));
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(story.asks(|output| *output == CallOutput::ReleaseMicrophone));
    assert!(!story.asks(|output| *output == CallOutput::SetLive(true)));
}

#[test]
fn if_the_microphone_can_not_be_opened_you_learn_why() {
    let mut story = Story::inside();
    story.happens(CallInput::Unmute);
    story.microphone_opens(Err(Closed::Denied));
    assert_eq!(
        (story.call.microphone.mic, story.call.microphone.closed),
        (Mic::Muted, Some(Closed::Denied))
    );
}

#[test]
fn hear_yourself_ends_by_itself_and_does_not_unmute() {
    let mut story = Story::inside();
    story.happens(CallInput::HearYourself);
    story.microphone_opens(Ok(()));
    assert!(story.sends(&ClientSignal::HearYourself));
    assert_eq!(
        (story.call.microphone.mic, story.call.microphone.echo),
        (Mic::Muted, true)
    );
    story.happens(CallInput::Timer(CallTimer::EchoOver));
    assert!(!story.call.microphone.echo);
    assert_eq!(story.asked.last(), Some(&CallOutput::SetLive(false)));
    assert!(!story.sends(&ClientSignal::Mute { on: false }));
}

#[test]
fn if_a_host_mutes_you_you_can_not_unmute() {
    let mut story = Story::inside();
    story.is_live();
    let mut held = participant("Ben");
    held.mic_lock = Some(MicLock::ByHost);
    story.hears(ServerSignal::changed_at(held));
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(story.asks(|output| *output == CallOutput::SetLive(false)));
    story.asked.clear();
    story.happens(CallInput::Unmute);
    assert!(!story.asks(|output| matches!(output, CallOutput::OpenMicrophone(MicrophonePurpose::Talk { .. }))));
}

#[test]
fn the_call_has_moved_elsewhere_until_you_unmute_or_join_here() {
    let mut story = Story::inside();
    story.is_live();
    assert!(!story.call.moved_elsewhere);
    story.hears(ServerSignal::MutedElsewhere);
    assert!(story.call.moved_elsewhere);
    story.is_live();
    assert!(!story.call.moved_elsewhere);

    story.hears(ServerSignal::MutedElsewhere);
    story.happens(CallInput::Leave);
    story.happens(CallInput::Join);
    assert!(!story.call.moved_elsewhere);
}

#[test]
fn hear_yourself_waits_until_the_room_knows_that_you_are_muted() {
    let refuses = |story: &mut Story| {
        story.asked.clear();
        story.happens(CallInput::HearYourself);
        let asks = story.asks(|output| matches!(output, CallOutput::OpenMicrophone(_)));
        let is_told = story.call.microphone.remark.is_some();
        !asks && is_told && !story.call.microphone.echo
    };
    let lost = SocketState::Lost {
        attempt: 1,
        restarting: false,
    };
    // The room has not answered the mute yet.
    let mut story = Story::inside();
    story.is_live();
    story.is_granted();
    story.happens(CallInput::Mute);
    assert!(refuses(&mut story));
    story.hears(ServerSignal::changed_at(participant("Ben")));
    assert!(!refuses(&mut story));

    let mut story = Story::inside();
    story.happens(CallInput::Socket(lost));
    assert!(refuses(&mut story));

    // The socket is lost meanwhile, before or after the microphone has opened.
    for opens_first in [true, false] {
        let mut story = Story::inside();
        story.happens(CallInput::HearYourself);
        if opens_first {
            story.microphone_opens(Ok(()));
        }
        story.happens(CallInput::Socket(lost));
        assert_eq!(story.asked.last(), Some(&CallOutput::SetLive(false)));
        if !opens_first {
            story.microphone_opens(Ok(()));
            assert!(!story.asks(|output| *output == CallOutput::SetLive(true)));
        }
    }
}

#[test]
fn if_you_mute_hear_yourself_ends() {
    let mut story = Story::inside();
    story.happens(CallInput::HearYourself);
    story.microphone_opens(Ok(()));
    story.is_live();
    story.happens(CallInput::Mute);
    assert!(story.asks(|output| *output == CallOutput::SetLive(false)));
    assert!(!story.call.microphone.echo);
}
