//! Tests that each signal, refusal, end and entry of the log is read as it is written.

use super::*;
use crate::model::{
    id::RoomId,
    room::{Person, RoomKind, Rules},
    voice_facts::VoicePath,
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// Asserts that each value is read as it is written, and that there is one of each variant. `place` counts the variants, and does not
/// compile if it lacks one.
fn assert_reads_all<T>(values: &[T], place: impl Fn(&T) -> usize)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    for (index, value) in values.iter().enumerate() {
        assert_eq!(place(value), index, "{value:?}");
        let json = serde_json::to_string(value).expect("JSON");
        let read: T = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(read, *value, "{json}");
        // The order of the fields does not matter.
        let sorted: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(serde_json::from_value::<T>(sorted).expect("a value"), *value, "{json}");
    }
}

fn ada() -> UserId {
    UserId::parse("abcdefghij").expect("an id")
}

fn room() -> RoomInfo {
    let host = Person::named(ada(), "Ada");
    let id = RoomId::parse("abcdefghij").expect("an id");
    RoomInfo::new(id, "Tea", RoomKind::Open, host, Rules::default())
}

fn participant() -> ParticipantInfo {
    ParticipantInfo::new(Person::named(ada(), "Ada"), Role::Host, 1)
}

fn ice_servers() -> Vec<IceServer> {
    vec![IceServer {
        urls: vec!["turn:a.example".into()],
        username: "u".into(),
        credential: "c".into(),
    }]
}

fn facts() -> VoiceFacts {
    VoiceFacts {
        connection: 1,
        path: Some(VoicePath::Udp),
        packets_in: 2,
        lost_in: 3,
        packets_out: 4,
        lost_out_percent: None,
        last_in_ms: Some(5),
        loudest_dbov: Some(-30),
    }
}

#[test]
fn every_signal_of_the_server_is_read_as_it_is_written() {
    let page = RoomPage {
        info: room(),
        roster: vec![participant()],
        let_in_by: None,
    };
    let signals = [
        ServerSignal::Welcome {
            you: ada(),
            room: Box::new(page),
            speaking: vec![ada()],
            now_s: 5,
            ice_servers: ice_servers(),
        },
        ServerSignal::Joined { sdp: "v=0".into() },
        ServerSignal::Restarted { sdp: "v=0".into() },
        ServerSignal::VoiceArrives { arrives: true },
        ServerSignal::Pong { n: 3 },
        ServerSignal::VoiceFacts {
            of: ada(),
            facts: Some(facts()),
        },
        ServerSignal::joined_by(participant()),
        ServerSignal::Speaking { who: vec![ada()] },
        ServerSignal::RoomInfo { info: Box::new(room()) },
        ServerSignal::ModerationPanel {
            panel: ModerationPanel::default(),
        },
        ServerSignal::MutedElsewhere,
        ServerSignal::Unplugged,
        ServerSignal::Refused {
            why: Refusal::TooFast { wait_s: 2 },
        },
        ServerSignal::Ended {
            why: Ending::removed_by("Ada".into()),
        },
        ServerSignal::MutedByHost { by: "Ada".into() },
        ServerSignal::InvitedByHost { by: "Ada".into() },
        ServerSignal::InvitationDeclined { by: "Tom".into() },
        ServerSignal::IceServers {
            ice_servers: ice_servers(),
        },
    ];
    assert_reads_all(&signals, |signal| match signal {
        ServerSignal::Welcome { .. } => 0,
        ServerSignal::Joined { .. } => 1,
        ServerSignal::Restarted { .. } => 2,
        ServerSignal::VoiceArrives { .. } => 3,
        ServerSignal::Pong { .. } => 4,
        ServerSignal::VoiceFacts { .. } => 5,
        ServerSignal::Roster { .. } => 6,
        ServerSignal::Speaking { .. } => 7,
        ServerSignal::RoomInfo { .. } => 8,
        ServerSignal::ModerationPanel { .. } => 9,
        ServerSignal::MutedElsewhere => 10,
        ServerSignal::Unplugged => 11,
        ServerSignal::Refused { .. } => 12,
        ServerSignal::Ended { .. } => 13,
        ServerSignal::MutedByHost { .. } => 14,
        ServerSignal::InvitedByHost { .. } => 15,
        ServerSignal::InvitationDeclined { .. } => 16,
        ServerSignal::IceServers { .. } => 17,
    });
}

#[test]
fn every_refusal_is_read_as_it_is_written() {
    let refusals = [
        Refusal::RoomFull { most: 2 },
        Refusal::ManyOfYours { most: 2 },
        Refusal::ManyFromAddress { most: 2 },
        Refusal::BadOffer,
        Refusal::TooManySignals,
        Refusal::Busy,
        Refusal::TooMuchSound,
        Refusal::NotJoined,
        Refusal::Listening,
        Refusal::MutedByHost,
        Refusal::NewAccount { for_s: 3 },
        Refusal::NotYours,
        Refusal::StandIn,
        Refusal::NotPossible,
        Refusal::TooFast { wait_s: 4 },
        Refusal::TooManyPermanent { most: 2 },
    ];
    assert_reads_all(&refusals, |refusal| match refusal {
        Refusal::RoomFull { .. } => 0,
        Refusal::ManyOfYours { .. } => 1,
        Refusal::ManyFromAddress { .. } => 2,
        Refusal::BadOffer => 3,
        Refusal::TooManySignals => 4,
        Refusal::Busy => 5,
        Refusal::TooMuchSound => 6,
        Refusal::NotJoined => 7,
        Refusal::Listening => 8,
        Refusal::MutedByHost => 9,
        Refusal::NewAccount { .. } => 10,
        Refusal::NotYours => 11,
        Refusal::StandIn => 12,
        Refusal::NotPossible => 13,
        Refusal::TooFast { .. } => 14,
        Refusal::TooManyPermanent { .. } => 15,
    });
}

#[test]
fn every_end_is_read_as_it_is_written() {
    let removed = Ending::Removed {
        by: Some("Ada".into()),
        for_s: 7,
    };
    let endings = [
        Ending::SignedOut,
        Ending::Flooding,
        Ending::NoEntry,
        Ending::LinkRevoked,
        removed,
        Ending::Banned,
        Ending::RoomEnded { by: None },
        Ending::Disabled,
        Ending::TooManyPages,
    ];
    assert_reads_all(&endings, |ending| match ending {
        Ending::SignedOut => 0,
        Ending::Flooding => 1,
        Ending::NoEntry => 2,
        Ending::LinkRevoked => 3,
        Ending::Removed { .. } => 4,
        Ending::Banned => 5,
        Ending::RoomEnded { .. } => 6,
        Ending::Disabled => 7,
        Ending::TooManyPages => 8,
    });
}

#[test]
fn every_deed_is_read_as_it_is_written() {
    let role = Deed::Role {
        from: Role::Listener,
        to: Role::Speaker,
    };
    let deeds = [
        role,
        Deed::Muted,
        Deed::LetUnmute,
        Deed::Removed,
        Deed::Banned,
        Deed::Lifted,
        Deed::Mode { mode: Mode::Stage },
        Deed::NewAccountsMuted { minutes: 5 },
        Deed::Permanent { on: true },
        Deed::Undid { number: 9 },
    ];
    assert_reads_all(&deeds, |deed| match deed {
        Deed::Role { .. } => 0,
        Deed::Muted => 1,
        Deed::LetUnmute => 2,
        Deed::Removed => 3,
        Deed::Banned => 4,
        Deed::Lifted => 5,
        Deed::Mode { .. } => 6,
        Deed::NewAccountsMuted { .. } => 7,
        Deed::Permanent { .. } => 8,
        Deed::Undid { .. } => 9,
    });
}

#[test]
fn a_signal_without_its_field_and_an_unknown_signal_are_refused() {
    for (json, wanted) in [
        (r#"{"type":"joined"}"#, "missing field `sdp`"),
        (r#"{"sdp":"v=0"}"#, "missing field `type`"),
        (r#"{"type":"sung","sdp":"v=0"}"#, "unknown variant `sung`"),
        (r#"{"type":"refused","why":"busy"}"#, "unknown variant `busy`"),
        (
            r#"{"type":"refused","why":"banned"}"#,
            "`why` of a refusal is an object",
        ),
        (
            r#"{"type":"refused","why":{"reason":"too_fast"}}"#,
            "missing field `wait_s`",
        ),
        (
            r#"{"type":"ended","why":{"reason":"busy"}}"#,
            "`why` of an end is a word",
        ),
    ] {
        let error = serde_json::from_str::<ServerSignal>(json).expect_err(json).to_string();
        assert!(error.starts_with(wanted), "{json}: {error}");
    }
}
