//! Asking for the facts about a voice connection while a sheet about it is open.

use super::*;
use crate::model::voice_facts::VoiceFacts;

fn asks_about(of: Option<&str>) -> ClientSignal {
    ClientSignal::WatchFacts { of: of.map(user) }
}

fn open_sheet(of: &str, on: bool) -> CallInput {
    CallInput::WatchFacts { of: user(of), on }
}

/// A reading of the first voice connection of which the server tells after a question.
fn reading_of_ben(packets_in: u64) -> ServerSignal {
    let facts = VoiceFacts {
        connection: 1,
        path: None,
        packets_in,
        lost_in: 0,
        packets_out: 0,
        lost_out_percent: None,
        last_in_ms: Some(7),
        loudest_dbov: None,
    };
    ServerSignal::VoiceFacts {
        of: user("Ben"),
        facts: Some(facts),
    }
}

#[test]
fn a_sheet_asks_while_it_is_open_and_a_new_connection_asks_again() {
    let mut story = Story::inside();
    story.happens(open_sheet("Ben", true));
    assert!(story.sends(&asks_about(Some("Ben"))));
    story.hears(reading_of_ben(5));
    assert_eq!(story.call.facts.rates().and_then(|rates| rates.last_in_ms), Some(7));
    story.asked.clear();
    story.hears(ServerSignal::Unplugged);
    assert!(!story.sends(&asks_about(Some("Ben"))), "the server would refuse it");
    let attempt = story.call.connection.attempt();
    story.happens(CallInput::Timer(CallTimer::Reconnect { attempt }));
    story.is_let_in();
    assert!(story.sends(&asks_about(Some("Ben"))));
    story.asked.clear();
    story.happens(open_sheet("Ben", false));
    assert!(story.sends(&asks_about(None)) && story.call.facts.rates().is_none());
}

#[test]
fn a_sheet_that_closes_late_does_not_end_the_questions_of_the_next_one() {
    let mut story = Story::inside();
    story.happens(open_sheet("Ben", true));
    story.happens(open_sheet("Ada", true));
    story.asked.clear();
    story.happens(open_sheet("Ben", false));
    assert!(!story.sends(&asks_about(None)));
    assert_eq!(story.call.facts.of(), Some(&user("Ada")));
}

#[test]
fn readings_from_before_the_page_asked_again_are_never_compared() {
    let mut story = Story::inside();
    story.happens(open_sheet("Ben", true));
    story.hears(reading_of_ben(5));
    story.asked.clear();
    story.hears(ServerSignal::Restarted { sdp: "answer".into() });
    assert!(story.sends(&asks_about(Some("Ben"))));
    // Another device of Ben has this number now.
    story.hears(reading_of_ben(5_000));
    assert_eq!(story.call.facts.rates().and_then(|rates| rates.in_per_s), None);
    story.hears(reading_of_ben(5_050));
    assert_eq!(story.call.facts.rates().and_then(|rates| rates.in_per_s), Some(50));
}
