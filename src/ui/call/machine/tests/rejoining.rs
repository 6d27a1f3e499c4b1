//! Tests of pages that join again by themselves: after a restart of the server, and after the page was loaded again.

use super::story::{Story, UNMUTE, lost, page};
use crate::{
    model::signal::{Refusal, ServerSignal},
    ui::{
        call::{
            events::{CallInput, CallOutput, ConnectionEvent},
            states::{JoinState, Mic},
        },
        reconnect_pauses::QUICK_ATTEMPTS,
        reconnecting_socket::SocketState,
    },
};

#[test]
fn after_a_restart_of_the_server_you_are_inside_again_and_your_microphone_is_as_it_was() {
    for (is_live, says_so) in [(true, true), (true, false), (false, true)] {
        let mut story = if is_live { Story::talking() } else { Story::inside() };
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
    let mut story = Story::talking();
    for attempt in 1..=QUICK_ATTEMPTS {
        story.happens(lost(attempt, true));
    }
    assert!(!story.asks(|output| *output == CallOutput::AskWhy));
    story.happens(lost(QUICK_ATTEMPTS + 1, true));
    assert!(story.asks(|output| *output == CallOutput::AskWhy));
}

#[test]
fn a_full_room_after_a_restart_leads_to_the_lobby() {
    let mut story = Story::talking();
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
    assert!(story.remark().contains("loaded again"));
    story.is_live();
    assert_eq!(story.call.microphone.remark, None);
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
