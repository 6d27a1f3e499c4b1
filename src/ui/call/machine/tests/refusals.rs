//! Tests of refusals that pass by themselves: the page offers again, with pauses, before it asks for a click.

use super::story::{Story, page, participant, user};
use crate::{
    browser::peer::PeerEventKind,
    model::signal::{ClientSignal, Refusal, ServerSignal},
    ui::{
        call::{
            events::{CallInput, CallOutput, CallTimer, ConnectionEvent},
            states::{JoinState, Mic, SoundState},
        },
        reconnecting_socket::SocketState,
    },
};

const PASSING: [Refusal; 2] = [Refusal::Busy, Refusal::TooManySignals];

/// The browser offers, the server refuses the offer, and the page begins a pause.
fn refuse_offer(story: &mut Story, why: Refusal) {
    story.browser_offers();
    story.asked.clear();
    story.hears(ServerSignal::Refused { why });
}

/// The pause before the next try is over.
fn pause_ends(story: &mut Story) {
    let attempt = story.attempt();
    let timer = CallTimer::Reconnect { attempt };
    let pauses = |output: &CallOutput| matches!(output, CallOutput::StartAfterPause { timer: of, .. } if *of == timer);
    assert!(story.asks(pauses), "{:?}", story.asked);
    story.asked.clear();
    story.happens(CallInput::Timer(timer));
    assert!(story.opens_a_connection());
}

/// A call inside whose connection has failed, and which makes the next one.
fn reconnecting() -> Story {
    let mut story = Story::inside();
    story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
    pause_ends(&mut story);
    story
}

/// A call that was inside, lost its socket, and makes a connection on the next socket.
fn rejoining() -> Story {
    let mut story = Story::inside();
    let (attempt, restarting) = (1, true);
    story.happens(CallInput::Socket(SocketState::Lost { attempt, restarting }));
    story.happens(CallInput::Socket(SocketState::Open));
    story.hears(ServerSignal::Welcome {
        you: user("Ben"),
        room: Box::new(page()),
        speaking: vec![],
        now_s: 1_800_000_000,
        ice_servers: vec![],
    });
    story
}

#[test]
fn if_the_server_is_busy_while_you_connect_again_the_page_offers_again_without_a_click() {
    for why in PASSING {
        for (mut story, join_state) in [(reconnecting(), JoinState::Inside), (rejoining(), JoinState::Inside)] {
            refuse_offer(&mut story, why);
            assert_eq!(
                (story.call.join_state, story.call.connection.sound),
                (join_state, SoundState::Connecting),
                "{why:?}"
            );
            assert_eq!(story.call.refused, None, "the page still connects");
            pause_ends(&mut story);
            story.is_let_in();
            assert_eq!(
                (story.call.join_state, story.call.connection.sound),
                (JoinState::Inside, SoundState::Through)
            );
        }
    }
}

#[test]
fn inside_the_page_gives_up_when_the_connection_failed_once_and_four_offers_were_refused() {
    let mut story = reconnecting();
    for _ in 0..3 {
        refuse_offer(&mut story, Refusal::Busy);
        pause_ends(&mut story);
    }
    refuse_offer(&mut story, Refusal::Busy);
    assert_eq!(
        (story.call.join_state, story.call.connection.sound),
        (JoinState::Inside, SoundState::Blocked)
    );
    assert_eq!(story.call.refused, Some(Refusal::Busy.sentence()));
    story.asked.clear();
    story.happens(CallInput::TryAgain);
    assert!(story.opens_a_connection());
}

#[test]
fn when_you_join_five_refused_offers_lead_back_to_the_lobby_and_the_next_click_begins_anew() {
    let mut story = Story::in_the_lobby();
    for _ in 0..2 {
        story.happens(CallInput::Join);
        for _ in 0..4 {
            refuse_offer(&mut story, Refusal::Busy);
            assert_eq!(story.call.join_state, JoinState::Joining);
            pause_ends(&mut story);
        }
        refuse_offer(&mut story, Refusal::Busy);
        assert_eq!(
            (story.call.join_state, story.call.connection.sound),
            (JoinState::Lobby, SoundState::Off)
        );
        assert_eq!(story.call.refused, Some(Refusal::Busy.sentence()));
    }
}

#[test]
fn a_refused_mute_closes_no_connection() {
    for why in PASSING {
        let mut story = Story::inside();
        story.is_live();
        story.happens(CallInput::Mute);
        story.asked.clear();
        story.hears(ServerSignal::Refused { why });
        assert_eq!(
            (
                story.call.join_state,
                story.call.connection.sound,
                story.call.microphone.mic
            ),
            (JoinState::Inside, SoundState::Through, Mic::Muted)
        );
        assert!(!story.asks(|output| *output == CallOutput::CloseConnection));
        assert_eq!(story.call.refused, Some(why.sentence()));
    }
}

#[test]
fn an_unmute_that_is_refused_leaves_you_muted() {
    for why in PASSING {
        let mut story = Story::inside();
        story.is_live();
        story.hears(ServerSignal::Refused { why });
        assert_eq!(
            (story.call.microphone.mic, story.call.connection.sound),
            (Mic::Muted, SoundState::Through)
        );
        assert!(story.asks(|output| *output == CallOutput::SetLive(false)));
        assert!(
            story.sends(&ClientSignal::Mute { on: true }),
            "the unmute may have been granted"
        );
        assert_eq!(story.call.refused, Some(why.sentence()));
    }
}

#[test]
fn a_refusal_after_the_room_has_shown_your_open_microphone_does_not_mute_you() {
    for why in PASSING {
        let mut story = Story::inside();
        story.is_live();
        let mut heard = participant("Ben");
        heard.muted = false;
        story.hears(ServerSignal::changed_at(heard));
        story.hears(ServerSignal::Refused { why });
        assert_eq!(story.call.microphone.mic, Mic::Live);
    }
}

#[test]
fn an_unmute_that_is_refused_soon_after_a_mute_leaves_you_muted() {
    let mut story = Story::inside();
    story.is_live();
    let mut heard = participant("Ben");
    heard.muted = false;
    story.hears(ServerSignal::changed_at(heard));
    story.happens(CallInput::Mute);
    story.is_live();
    // The roster has not changed yet, and still shows the microphone from before the mute.
    story.hears(ServerSignal::Refused { why: Refusal::Busy });
    assert_eq!(story.call.microphone.mic, Mic::Muted);
}

#[test]
fn a_mute_that_is_refused_during_a_pause_does_not_end_the_tries() {
    for why in PASSING {
        let mut story = Story::inside();
        story.about_connection(ConnectionEvent::Peer(PeerEventKind::Failed));
        story.happens(CallInput::Mute);
        story.hears(ServerSignal::Refused { why });
        assert_eq!(story.call.connection.sound, SoundState::Connecting);
        pause_ends(&mut story);
    }
}

#[test]
fn the_sentence_about_a_refused_request_goes_away_unless_another_one_has_come() {
    let mut story = Story::inside();
    story.hears(ServerSignal::Refused { why: Refusal::NotYours });
    let reads = |refusal| CallTimer::RefusalRead { refusal };
    assert!(story.asks(|output| matches!(output, CallOutput::Start { timer, .. } if *timer == reads(1))));
    story.hears(ServerSignal::Refused { why: Refusal::StandIn });
    story.happens(CallInput::Timer(reads(1)));
    assert_eq!(story.call.refused, Some(Refusal::StandIn.sentence()));
    story.happens(CallInput::Timer(reads(2)));
    assert_eq!(story.call.refused, None);
}

#[test]
fn the_sentence_about_a_refused_join_stays() {
    let mut story = Story::in_the_lobby();
    story.happens(CallInput::Join);
    refuse_offer(&mut story, Refusal::RoomFull { most: 50 });
    assert!(story.call.refused.is_some());
    assert!(!story.asks(|output| matches!(
        output,
        CallOutput::Start {
            timer: CallTimer::RefusalRead { .. },
            ..
        }
    )));
}
