//! What you ask for while the room's socket is lost.

use super::story::{Story, lost, participant, user};
use crate::{
    model::{
        room::ParticipantInfo,
        signal::{ClientSignal, ServerSignal},
        stage::{ModerationAction, StageRequest},
    },
    ui::{
        call::events::{CallInput, CallOutput},
        reconnecting_socket::SocketState,
    },
};

const RAISE: StageRequest = StageRequest::Hand { up: true };
const LOWER: StageRequest = StageRequest::Hand { up: false };

impl Story {
    fn wants(&mut self, request: StageRequest) {
        self.happens(CallInput::Request(request));
    }

    /// How often a request was sent since the last time a test emptied `asked`.
    fn requests(&self) -> usize {
        let is_request = |output: &&CallOutput| matches!(output, CallOutput::Send(ClientSignal::StageRequest(_)));
        self.asked.iter().filter(is_request).count()
    }

    fn comes_back(&mut self, ben: ParticipantInfo) {
        self.happens(CallInput::Socket(SocketState::Open));
        let mut room = self.page_with_ben(true);
        *room.roster.last_mut().expect("Ben") = ben;
        self.is_welcomed_with(room);
    }
}

fn offline() -> Story {
    let mut story = Story::inside();
    story.happens(lost(1, false));
    story.asked.clear();
    story
}

#[test]
fn a_hand_raised_while_the_connection_is_lost_goes_up_once_it_is_back() {
    let mut story = offline();
    story.wants(RAISE);
    assert_eq!((story.call.waiting_hand, story.requests()), (Some(true), 0));
    assert_eq!(story.call.refused, None, "it is on its way");
    story.comes_back(participant("Ben"));
    assert!(story.sends(&ClientSignal::StageRequest(RAISE)));
    assert_eq!((story.call.waiting_hand, story.requests()), (None, 1));
    story.hears(ServerSignal::changed_at(ParticipantInfo {
        hand: Some(1),
        ..participant("Ben")
    }));
    assert_eq!(story.requests(), 1, "once");
}

#[test]
fn a_second_press_takes_the_waiting_hand_back() {
    let mut story = offline();
    story.wants(RAISE);
    story.wants(LOWER);
    assert_eq!(story.call.waiting_hand, None);
    story.comes_back(participant("Ben"));
    assert_eq!(story.requests(), 0);
}

#[test]
fn a_waiting_hand_is_not_raised_again_if_it_is_up_or_if_a_host_has_invited_you() {
    let up = ParticipantInfo {
        hand: Some(1),
        ..participant("Ben")
    };
    let invited = ParticipantInfo {
        invited: true,
        ..participant("Ben")
    };
    for ben in [up, invited] {
        let mut story = offline();
        story.wants(RAISE);
        story.comes_back(ben);
        assert_eq!((story.call.waiting_hand, story.requests()), (None, 0));
    }
}

#[test]
fn after_a_restart_of_the_server_the_hand_waits_until_you_are_inside_again() {
    let mut story = Story::inside();
    story.happens(lost(1, true));
    story.wants(RAISE);
    story.happens(CallInput::Socket(SocketState::Open));
    story.is_welcomed_with(super::story::page());
    assert_eq!((story.call.waiting_hand, story.requests()), (Some(true), 0));
    story.is_let_in();
    assert_eq!((story.call.waiting_hand, story.requests()), (None, 1));
}

#[test]
fn leaving_forgets_the_waiting_hand() {
    let mut story = offline();
    story.wants(RAISE);
    story.happens(CallInput::Leave);
    assert_eq!(story.call.waiting_hand, None);
}

#[test]
fn other_requests_while_the_connection_is_lost_are_refused_at_once() {
    let about = user("Ada");
    let action = ModerationAction::Mute;
    for request in [
        StageRequest::Moderate { about, action },
        StageRequest::Answer { accept: true },
        StageRequest::StepDown,
        StageRequest::End,
    ] {
        let mut story = offline();
        story.wants(request.clone());
        let says_so = |words: &String| words.contains("not connected right now");
        assert!(story.call.refused.as_ref().is_some_and(says_so), "{request:?}");
        assert_eq!((story.requests(), story.call.refusals), (0, 1), "{request:?}");
        story.comes_back(participant("Ben"));
        assert_eq!(story.requests(), 0, "{request:?}");
    }
}
