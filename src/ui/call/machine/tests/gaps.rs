//! Tests of gaps: the socket or the voice connection is gone for a while, and your microphone is as it was if the gap is short.

use super::story::{Story, page};
use crate::{
    browser::{
        microphone::Closed,
        peer::{IceState, PeerEventKind},
    },
    model::{
        signal::{ClientSignal, Refusal, ServerSignal},
        stage::MicLock,
    },
    ui::{
        call::{
            events::{CallInput, CallOutput, CallTimer, ConnectionEvent},
            states::{JoinState, Mic, SoundState},
        },
        reconnecting_socket::{QUICK_ATTEMPTS, SocketState},
    },
};

const UNMUTE: ClientSignal = ClientSignal::Mute { on: false };
const MUTE: ClientSignal = ClientSignal::Mute { on: true };

/// Ben talks, everybody sees it, and the page counts what arrives.
fn talking() -> Story {
    let mut story = Story::inside();
    story.is_live();
    story.is_granted();
    story.counts(1_000);
    story.asked.clear();
    story
}

fn lost(attempt: u32, restarting: bool) -> CallInput {
    CallInput::Socket(SocketState::Lost { attempt, restarting })
}

fn renews(story: &Story) -> usize {
    let is_renewal = |output: &&CallOutput| matches!(output, CallOutput::RenewSocket { .. });
    story.asked.iter().filter(is_renewal).count()
}

fn restarts(story: &Story) -> bool {
    story.asks(|output| matches!(output, CallOutput::RestartConnection { .. }))
}

fn remark(story: &Story) -> &'static str {
    story.call.microphone.remark.unwrap_or_default()
}

#[test]
fn when_nothing_arrives_the_page_opens_another_socket_and_restarts_ice_and_the_microphone_stays_open() {
    let mut story = talking();
    story.hears_nothing_for(1_200);
    assert!(
        !story.call.connection.is_cut_off() && renews(&story) == 0,
        "reports can get lost"
    );
    story.hears_nothing_for(400);
    assert!(story.call.connection.is_cut_off());
    assert_eq!(renews(&story), 1);
    assert!(
        story.asks(|output| *output == CallOutput::ShowSpeaking(vec![])),
        "lamps go out"
    );
    story.hears_nothing_for(1_200);
    assert_eq!(renews(&story), 1, "not all the time");
    story.is_welcomed_with(story.page_with_ben(false));
    assert!(restarts(&story) && !story.opens_a_connection());
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
    let mut story = talking();
    story.hears_nothing_for(10_000);
    assert!((3..=4).contains(&renews(&story)), "{}", renews(&story));
}

#[test]
fn a_change_of_the_network_a_lost_path_and_refused_packets_lead_to_another_socket_at_once() {
    let mut story = talking();
    story.happens(CallInput::NetworkChanged);
    story.happens(CallInput::NetworkChanged);
    assert_eq!(renews(&story), 1, "the browser reports one change twice");
    let is_other_network = true;
    assert!(story.asks(|output| *output == CallOutput::RenewSocket { is_other_network }));

    let mut story = talking();
    let disconnected = ConnectionEvent::Peer(PeerEventKind::Ice(IceState::Disconnected));
    story.about_connection(disconnected.clone());
    let attempt = story.attempt();
    let timer = CallTimer::Disconnected { attempt };
    assert!(story.asks(|output| *output == CallOutput::Start { timer, after_ms: 1_000 }));
    story.happens(CallInput::Timer(timer));
    assert_eq!(renews(&story), 1);

    let mut story = talking();
    story.about_connection(disconnected);
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Ice(IceState::Connected)));
    story.happens(CallInput::Timer(timer));
    assert_eq!(renews(&story), 0, "the browser has found the path again");

    let mut story = talking();
    let traffic = crate::browser::peer::Traffic {
        discarded: 20,
        ..story.call.connection.traffic
    };
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Traffic(traffic)));
    assert_eq!(renews(&story), 1);

    let mut story = Story::in_the_lobby();
    story.happens(CallInput::NetworkChanged);
    assert_eq!(renews(&story), 0, "the socket checks itself");
}

#[test]
fn if_your_voice_does_not_arrive_you_are_told_and_the_page_restarts_over_its_socket() {
    let mut story = talking();
    story.hears(ServerSignal::VoiceArrives { arrives: false });
    assert!(story.call.connection.is_cut_off() && restarts(&story));
    assert_eq!(renews(&story), 0);
    story.hears(ServerSignal::VoiceArrives { arrives: true });
    assert!(!story.call.connection.is_cut_off());
    assert_eq!(story.call.microphone.mic, Mic::Live);
}

#[test]
fn a_microphone_that_is_off_cannot_be_unheard() {
    for input in [CallInput::Mute, CallInput::SystemMuted(true)] {
        let mut story = talking();
        story.hears(ServerSignal::VoiceArrives { arrives: false });
        story.happens(input.clone());
        assert!(!story.call.connection.is_cut_off(), "{input:?}");
    }
}

#[test]
fn a_new_socket_hears_again_whether_your_voice_arrives() {
    let mut story = talking();
    story.hears(ServerSignal::VoiceArrives { arrives: false });
    story.happens(lost(1, false));
    story.is_welcomed_with(story.page_with_ben(false));
    assert!(!story.call.connection.is_cut_off());
}

#[test]
fn only_the_answer_to_the_last_restart_is_accepted() {
    let mut story = talking();
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
    let mut story = talking();
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
    assert!(restarts(&story));
}

#[test]
fn after_a_restart_of_the_server_you_are_inside_again_and_your_microphone_is_as_it_was() {
    for (is_live, says_so) in [(true, true), (true, false), (false, true)] {
        let mut story = if is_live { talking() } else { Story::inside() };
        // A server that is killed says nothing, and forgets the voice connections too.
        story.happens(lost(1, says_so));
        assert_eq!(story.call.connection.is_cut_off(), says_so);
        story.waits(1_200.0);
        story.happens(CallInput::Socket(SocketState::Open));
        story.is_welcomed_with(page());
        if !says_so {
            let sdp = "restart".to_owned();
            story.about_connection(ConnectionEvent::RestartOffered { sdp });
            story.hears(ServerSignal::Unplugged);
        }
        assert!(story.opens_a_connection());
        story.is_let_in();
        assert_eq!(story.call.join_state, JoinState::Inside);
        assert_eq!(story.call.microphone.mic == Mic::Live, is_live);
        assert_eq!(story.sends(&UNMUTE), is_live);
        assert!(!story.call.connection.is_cut_off());
    }
}

#[test]
fn while_the_server_restarts_nobody_asks_it_why_it_refuses() {
    let mut story = talking();
    for attempt in 1..=QUICK_ATTEMPTS {
        story.happens(lost(attempt, true));
    }
    assert!(!story.asks(|output| *output == CallOutput::AskWhy));
    story.happens(lost(QUICK_ATTEMPTS + 1, true));
    assert!(story.asks(|output| *output == CallOutput::AskWhy));
}

#[test]
fn after_a_long_gap_you_are_muted_told_why_and_find_the_button() {
    let mut story = talking();
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
    assert!(remark(&story).contains("away for a while"));
    assert!(story.asks(|output| *output == CallOutput::FocusMicrophone));
    // The request to mute may be lost, so it is sent again.
    story.asked.clear();
    story.is_welcomed_with(story.page_with_ben(false));
    story.is_restarted();
    assert!(story.sends(&MUTE) && !story.sends(&UNMUTE));
}

#[test]
fn a_device_that_has_slept_comes_back_muted_even_if_no_timer_has_fired() {
    let mut story = talking();
    story.waits(3_600_000.0);
    story.happens(lost(1, true));
    story.is_welcomed_with(page());
    story.is_let_in();
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(!story.sends(&UNMUTE));
    assert!(remark(&story).contains("away for a while"));
}

#[test]
fn a_host_who_muted_you_during_the_gap_is_obeyed() {
    for (lock, muted) in [(Some(MicLock::ByHost), true), (None, true)] {
        let mut story = talking();
        story.hears_nothing_for(2_000);
        let mut room = story.page_with_ben(muted);
        room.roster.last_mut().expect("Ben").mic_lock = lock;
        story.is_welcomed_with(room);
        story.is_restarted();
        assert_eq!(story.call.microphone.mic, Mic::Muted, "{lock:?}");
        // About the lock, another part of the page says why.
        assert_eq!(remark(&story).contains("muted while you were away"), lock.is_none());
        assert!(!story.sends(&UNMUTE));
    }
    let mut story = talking();
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
    let mut story = talking();
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
        let mut story = talking();
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
        let mut story = talking();
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
    let mut story = talking();
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
    let mut story = talking();
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
    let mut story = talking();
    for _ in 0..5 {
        story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
    }
    assert_eq!(story.call.connection.sound, SoundState::Blocked);
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(remark(&story).contains("the connection was lost"));
}

#[test]
fn a_full_room_after_a_restart_leads_to_the_lobby() {
    let mut story = talking();
    story.happens(lost(1, true));
    story.is_welcomed_with(page());
    story.browser_offers();
    story.hears(ServerSignal::Refused {
        why: Refusal::RoomFull { most: 50 },
    });
    assert_eq!(story.call.join_state, JoinState::Lobby);
    assert!(story.call.refused.is_some());
}

#[test]
fn a_page_that_was_loaded_again_says_why_you_are_muted() {
    let mut story = Story::in_the_lobby();
    story.happens(CallInput::JoinAgain);
    story.is_let_in();
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(remark(&story).contains("loaded again"));
    story.is_live();
    assert_eq!(story.call.microphone.remark, None);
}

#[test]
fn new_credentials_of_a_relay_lead_to_an_ice_restart_if_the_voices_go_over_a_relay() {
    for is_relayed in [false, true] {
        let mut story = talking();
        let traffic = crate::browser::peer::Traffic {
            is_relayed,
            ..story.call.connection.traffic
        };
        story.about_connection(ConnectionEvent::Peer(PeerEventKind::Traffic(traffic)));
        story.hears(ServerSignal::IceServers { ice_servers: vec![] });
        assert_eq!(restarts(&story), is_relayed);
        assert_eq!(renews(&story), 0, "the socket works");
    }
}

#[test]
fn the_first_count_after_a_sleep_is_no_sign_of_life_and_mutes_you_whatever_it_counts() {
    for bytes in [1_200, 1_000, 0] {
        let mut story = talking();
        story.waits(3_600_000.0);
        story.counts(bytes);
        assert_eq!(story.call.microphone.mic, Mic::Muted, "{bytes}");
        assert!(remark(&story).contains("away for a while"));
        assert!(story.sends(&MUTE) && renews(&story) == 1);
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
        let mut story = talking();
        story.waits(3_600_000.0);
        story.about_connection(input);
        assert_eq!(story.call.microphone.mic, Mic::Muted);
    }
    let mut story = talking();
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
        let traffic = crate::browser::peer::Traffic {
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
fn a_path_that_is_no_longer_counted_is_quiet() {
    let mut story = talking();
    for _ in 0..4 {
        story.waits(400.0);
        story.counts(0);
    }
    assert!(story.call.connection.is_cut_off());
}

#[test]
fn if_you_unmute_in_a_long_gap_you_are_muted_again_when_it_stays_long() {
    let mut story = talking();
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
    assert!(remark(&story).contains("away for a while"));
}

#[test]
fn while_the_browser_makes_another_offer_the_answer_to_the_one_before_is_not_accepted() {
    let mut story = talking();
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

#[test]
fn after_a_click_nothing_is_said_about_a_page_that_was_loaded_again() {
    let mut story = Story::in_the_lobby();
    story.happens(CallInput::JoinAgain);
    story.browser_offers();
    story.hears(ServerSignal::Refused {
        why: Refusal::RoomFull { most: 50 },
    });
    story.happens(CallInput::Join);
    story.is_let_in();
    assert_eq!(story.call.microphone.remark, None);
}
