//! Tests of the call's state machine. Each tells the story of one call, without a browser.

mod story;

use super::*;
use crate::{
    browser::{
        microphone::Closed,
        peer::{PeerEventKind, Traffic},
    },
    error::AppError,
    model::{signal::Ending, stage::MicLock},
    ui::call::{call_end::NextPage, events::MicrophonePurpose},
};
use story::{Story, page, participant, user};

#[test]
fn join_waits_for_the_welcome_and_goes_in_muted() {
    let mut story = Story {
        call: CallMachine::new(&page()),
        asked: vec![],
    };
    story.happens(CallInput::Join);
    assert!(!story.opens_a_connection(), "the welcome has not arrived yet");
    let you = user("Ben");
    story.hears(ServerSignal::Welcome {
        you,
        room: page(),
        speaking: vec![],
    });
    assert!(story.opens_a_connection());
    story.is_let_in();
    assert_eq!(
        (
            story.call.join_state,
            story.call.microphone.mic,
            story.call.connection.sound
        ),
        (JoinState::Inside, Mic::Muted, SoundState::Through)
    );
}

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
fn a_lost_socket_mutes_and_comes_back_inside_by_itself() {
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
        room: page(),
        speaking: vec![],
    });
    assert!(story.opens_a_connection());
    story.is_let_in();
    assert_eq!(story.call.join_state, JoinState::Inside);
}

#[test]
fn a_restart_of_the_server_keeps_you_on_the_way_back_in_and_muted() {
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
        room: page(),
        speaking: vec![],
    });
    story.is_let_in();
    assert_eq!(story.call.join_state, JoinState::Inside);
}

#[test]
fn a_connection_that_fails_is_made_again_and_given_up_after_four() {
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
fn a_mute_while_the_browser_asks_wins() {
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
fn a_microphone_that_opens_after_leaving_is_given_back() {
    let mut story = Story::inside();
    story.happens(CallInput::Unmute);
    story.happens(CallInput::Leave);
    story.microphone_opens(Ok(()));
    assert_eq!(story.call.microphone.mic, Mic::Muted);
    assert!(story.asks(|output| *output == CallOutput::ReleaseMicrophone));
    assert!(!story.asks(|output| *output == CallOutput::SetLive(true)));
}

#[test]
fn a_microphone_that_stays_closed_says_why() {
    let mut story = Story::inside();
    story.happens(CallInput::Unmute);
    story.microphone_opens(Err(Closed::Denied));
    assert_eq!(
        (story.call.microphone.mic, story.call.microphone.closed),
        (Mic::Muted, Some(Closed::Denied))
    );
}

#[test]
fn an_unplugged_microphone_mutes_and_says_so() {
    let mut story = Story::inside();
    story.is_live();
    story.happens(CallInput::MicrophoneEnded);
    assert!(story.sends(&ClientSignal::Mute { on: true }));
    assert_eq!(story.call.microphone.closed, Some(Closed::Missing));
    assert!(story.asks(|output| *output == CallOutput::ReleaseMicrophone));
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
fn a_host_who_mutes_closes_the_microphone_and_it_stays_closed() {
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
fn a_full_room_leaves_you_in_the_lobby_with_the_reason() {
    let mut story = Story::in_the_lobby();
    story.happens(CallInput::Join);
    story.browser_offers();
    story.hears(ServerSignal::Refused {
        why: Refusal::RoomFull { most: 50 },
    });
    assert_eq!(story.call.join_state, JoinState::Lobby);
    assert!(
        story
            .call
            .refused
            .as_ref()
            .is_some_and(|words| words.contains("is full"))
    );
    assert!(story.asks(|output| *output == CallOutput::CloseConnection));
}

#[test]
fn a_request_refused_keeps_you_inside_and_shows_the_switches_again() {
    let mut story = Story::inside();
    story.hears(ServerSignal::Refused { why: Refusal::NotYours });
    assert_eq!((story.call.join_state, story.call.refusals), (JoinState::Inside, 1));
    story.happens(CallInput::DismissRefusal);
    assert_eq!(story.call.refused, None);
}

#[test]
fn an_end_closes_everything_and_leads_to_another_page() {
    for (why, next_page) in [
        (Ending::SignedOut, NextPage::SignIn),
        (Ending::LinkRevoked, NextPage::Start),
        (Ending::RoomEnded, NextPage::Rooms),
    ] {
        let mut story = Story::inside();
        story.hears(ServerSignal::Ended { why });
        assert_eq!(
            (story.call.ended.clone(), story.call.join_state),
            (
                Some(CallEnd {
                    sentence: why.sentence(),
                    next_page
                }),
                JoinState::Lobby
            )
        );
        for output in [
            CallOutput::HangUp,
            CallOutput::CloseConnection,
            CallOutput::ReleaseMicrophone,
        ] {
            assert!(story.asked.contains(&output), "{output:?}");
        }
    }
}

#[test]
fn a_refused_socket_ends_the_call_only_if_the_answer_is_final() {
    let mut story = Story::inside();
    story.happens(CallInput::SocketRefused(AppError::unavailable()));
    assert_eq!(story.call.ended, None);
    story.happens(CallInput::SocketRefused(AppError::signed_out()));
    assert!(story.call.ended.is_some_and(|end| end.next_page == NextPage::SignIn));
}

#[test]
fn the_state_of_the_page_and_the_system_is_remembered() {
    let mut story = Story::inside();
    let attempt = story.attempt();
    story.happens(CallInput::PageHidden(true));
    story.happens(CallInput::SystemMuted(true));
    let event = ConnectionEvent::Peer(PeerEventKind::Paused);
    story.happens(CallInput::Connection { attempt, event });
    let surroundings = Surroundings {
        page_hidden: true,
        system_muted: true,
    };
    assert_eq!(
        (story.call.surroundings, story.call.connection.is_paused),
        (surroundings, true)
    );
    story.happens(CallInput::Play);
    assert!(!story.call.connection.is_paused);
}

#[test]
fn packets_are_counted_in_each_direction_until_the_connection_fails() {
    let mut story = Story::inside();
    for (sent, received) in [(10, 10), (20, 10), (30, 10), (30, 20)] {
        let traffic = Traffic { sent, received };
        story.about_connection(ConnectionEvent::Peer(PeerEventKind::Traffic(traffic)));
    }
    let counts = story.call.connection.counts_without;
    assert_eq!((counts.sent, counts.received), (1, 0));
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
    assert_eq!(story.call.connection.traffic, Traffic::default());
}
