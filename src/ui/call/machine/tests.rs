//! Tests of the call's state machine. Each test sends the events of one call to the machine. The tests need no browser.

mod answers;
mod connection;
mod device_events;
mod facts;
mod gaps;
mod microphone;
mod other_path;
mod refusals;
mod rejoining;
mod relay;
mod story;

use super::*;
use crate::{
    browser::peer::PeerEventKind,
    error::{AppError, Kind},
    model::{
        room::ParticipantInfo,
        signal::{Ending, Refusal, ServerSignal},
        stage::{MicLock, Role},
    },
    ui::call::{call_end::NextPage, events::ConnectionEvent},
};
use story::{Story, page, participant, user};

#[test]
fn joining_waits_for_the_welcome_and_begins_muted() {
    let mut story = Story {
        call: CallMachine::new(&page()),
        asked: vec![],
        now_ms: 0.0,
    };
    story.happens(CallInput::Join);
    assert!(!story.opens_a_connection(), "the welcome has not arrived yet");
    let you = user("Ben");
    story.hears(ServerSignal::Welcome {
        you,
        room: Box::new(page()),
        speaking: vec![],
        now_s: 1_800_000_000,
        ice_servers: vec![],
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
fn after_a_refused_request_you_stay_inside_and_the_switches_are_redrawn() {
    let mut story = Story::inside();
    story.hears(ServerSignal::Refused { why: Refusal::NotYours });
    assert_eq!((story.call.join_state, story.call.refusals), (JoinState::Inside, 1));
    story.happens(CallInput::DismissRefusal);
    assert_eq!(story.call.refused, None);
}

#[test]
fn a_raised_hand_rings_for_a_host_who_is_inside_and_for_nobody_else() {
    let ring = |role: Role| {
        let mut story = Story::inside();
        story.hears(ServerSignal::changed_at(ParticipantInfo {
            role,
            ..participant("Ben")
        }));
        story.hears(ServerSignal::changed_at(ParticipantInfo {
            hand: Some(1),
            ..participant("Ada")
        }));
        story.asks(|output| *output == CallOutput::RingForHand)
    };
    assert!(ring(Role::Host) && ring(Role::CoHost) && !ring(Role::Speaker));
}

#[test]
fn you_know_who_muted_you_while_you_are_muted() {
    let mut story = Story::inside();
    story.hears(ServerSignal::MutedByHost { by: "Ada".into() });
    assert_eq!(story.call.room.muted_by(), None, "the roster does not say so yet");
    let muted = ParticipantInfo {
        mic_lock: Some(MicLock::ByHost),
        ..participant("Ben")
    };
    story.hears(ServerSignal::changed_at(muted));
    assert_eq!(story.call.room.muted_by(), Some("Ada"));
    story.hears(ServerSignal::changed_at(participant("Ben")));
    assert_eq!(story.call.room.muted_by(), None);
}

#[test]
fn you_know_who_invites_you_until_you_answer() {
    let mut story = Story::inside();
    story.hears(ServerSignal::InvitedByHost { by: "Ada".into() });
    assert_eq!(story.call.room.invited_by(), None, "the roster does not say so yet");
    let invited = ParticipantInfo {
        role: Role::Listener,
        invited: true,
        ..participant("Ben")
    };
    story.hears(ServerSignal::changed_at(invited));
    assert_eq!(story.call.room.invited_by(), Some("Ada"));
    story.hears(ServerSignal::changed_at(participant("Ben")));
    assert_eq!(story.call.room.invited_by(), None);
}

#[test]
fn an_end_closes_everything_and_leads_to_another_page() {
    for (why, next_page) in [
        (Ending::SignedOut, NextPage::SignIn),
        (Ending::LinkRevoked, NextPage::Start),
        (Ending::RoomEnded { by: None }, NextPage::Rooms),
        (Ending::TooManyPages, NextPage::Rooms),
    ] {
        let mut story = Story::inside();
        story.hears(ServerSignal::Ended { why });
        let end = story.call.ended.clone().expect("an end");
        assert_eq!((end.next_page, end.is_own), (next_page, false));
        assert_eq!(story.call.join_state, JoinState::Lobby);
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
fn the_page_that_ended_the_room_knows_it() {
    let is_own = |refused: Option<Refusal>| {
        let mut story = Story::inside();
        story.happens(CallInput::Request(StageRequest::End));
        if let Some(why) = refused {
            story.hears(ServerSignal::Refused { why });
        }
        story.hears(ServerSignal::Ended {
            why: Ending::RoomEnded { by: Some("Ada".into()) },
        });
        story.call.ended.is_some_and(|end| end.is_own)
    };
    assert!(is_own(None) && is_own(Some(Refusal::TooMuchSound)));
    for why in [Refusal::NotYours, Refusal::Busy] {
        assert!(!is_own(Some(why)), "somebody else has ended it later");
    }
}

#[test]
fn a_page_that_loads_again_says_the_same_about_the_end_of_the_room() {
    let error = AppError::with_heading(Kind::NotFound, "Ada ended this room.", "Open another one.");
    let end = CallEnd::of_refused_socket(&error).expect("an end");
    assert_eq!(end.words.heading, "Ada ended this room.");
    assert_eq!(end.words.advice, "Open another one.");
    assert!(end.room_is_over && end.come_back_in_s.is_none());
}

#[test]
fn people_with_whom_you_talked_are_remembered_after_you_have_left() {
    let mut story = Story::inside();
    let ada = ParticipantInfo {
        muted: false,
        ..participant("Ada")
    };
    story.hears(ServerSignal::changed_at(ada));
    assert_eq!(story.call.talked_with.people(), Some(vec![]), "you were muted");
    story.is_live();
    story.happens(CallInput::Leave);
    let people = story.call.talked_with.people().expect("inside");
    assert!(people.iter().map(|person| person.name.as_str()).eq(["Ada"]));
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
