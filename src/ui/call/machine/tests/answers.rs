//! What the room answers to the actions of a host.

use super::story::{Story, participant, user};
use crate::{
    model::{
        moderation_log::{Barred, Deed, LogEntry, ModerationPanel},
        room::ParticipantInfo,
        signal::{Refusal, ServerSignal},
        stage::{Mode, ModerationAction, Role, StageRequest},
    },
    ui::call::{
        answers::HostAnswer,
        events::{CallInput, CallOutput},
    },
};

fn entry(number: u32, deed: Deed, about: &str) -> LogEntry {
    LogEntry {
        number,
        at_s: 0,
        by: Some(participant("Ben").person),
        about: Some(participant(about).person),
        deed,
        undone: false,
        can_undo: true,
    }
}

impl Story {
    fn moderates(&mut self, action: ModerationAction) {
        let about = user("Ada");
        self.happens(CallInput::Request(StageRequest::Moderate { about, action }));
    }

    /// The panel arrives with these entries, the newest first.
    fn reads(&mut self, log: Vec<LogEntry>) {
        let panel = ModerationPanel { log, barred: vec![] };
        self.hears(ServerSignal::ModerationPanel { panel });
    }

    fn answers(&mut self) -> Vec<HostAnswer> {
        let answer = |output: CallOutput| match output {
            CallOutput::Answer(answer) => Some(answer),
            _ => None,
        };
        std::mem::take(&mut self.asked).into_iter().filter_map(answer).collect()
    }
}

#[test]
fn a_removal_is_answered_when_the_log_has_it_and_not_before() {
    let mut story = Story::inside();
    story.reads(vec![entry(1, Deed::Removed, "Ada")]);
    story.moderates(ModerationAction::Remove);
    assert!(story.answers().is_empty(), "the entry is older than the request");
    story.reads(vec![entry(3, Deed::Removed, "Ada"), entry(1, Deed::Removed, "Ada")]);
    let answer = HostAnswer {
        sentence: "Removed Ada for 10 minutes.".into(),
        undo: Some(StageRequest::Undo { number: 3 }),
    };
    assert_eq!(story.answers(), [answer]);
    story.reads(vec![entry(3, Deed::Removed, "Ada")]);
    assert!(story.answers().is_empty(), "one answer is enough");
    story.happens(CallInput::Request(StageRequest::Undo { number: 3 }));
    story.reads(vec![
        entry(4, Deed::Undid { number: 3 }, "Ada"),
        entry(3, Deed::Removed, "Ada"),
    ]);
    assert_eq!(story.answers()[0].sentence, "Ada can come back.");
}

#[test]
fn an_undo_that_lets_nobody_back_in_says_only_that_it_is_done() {
    let mut story = Story::inside();
    let to_audience = Deed::Role {
        from: Role::Speaker,
        to: Role::Listener,
    };
    story.reads(vec![entry(3, to_audience, "Ada")]);
    story.happens(CallInput::Request(StageRequest::Undo { number: 3 }));
    story.reads(vec![
        entry(4, Deed::Undid { number: 3 }, "Ada"),
        entry(3, to_audience, "Ada"),
    ]);
    assert_eq!(story.answers()[0].sentence, "Undone.");
}

#[test]
fn a_mute_is_undone_by_the_opposite_action() {
    let mut story = Story::inside();
    story.moderates(ModerationAction::Mute);
    story.reads(vec![LogEntry {
        can_undo: false,
        ..entry(1, Deed::Muted, "Ada")
    }]);
    let undo = StageRequest::Moderate {
        about: user("Ada"),
        action: ModerationAction::LetUnmute,
    };
    let answer = HostAnswer {
        sentence: "Muted Ada.".into(),
        undo: Some(undo),
    };
    assert_eq!(story.answers(), [answer]);
}

#[test]
fn what_the_log_can_not_undo_is_undone_by_another_request() {
    let mut story = Story::inside();
    story.moderates(ModerationAction::Remove);
    story.reads(vec![LogEntry {
        can_undo: false,
        ..entry(1, Deed::Removed, "Ada")
    }]);
    let lift = StageRequest::Lift { about: user("Ada") };
    assert_eq!(story.answers()[0].undo, Some(lift.clone()));
    let person = participant("Ada").person;
    let bar = Barred {
        person,
        until_s: Some(600),
        guest: false,
    };
    let barred = vec![bar];
    let panel = ModerationPanel { log: vec![], barred };
    story.hears(ServerSignal::ModerationPanel { panel });
    story.happens(CallInput::Request(lift));
    story.reads(vec![entry(2, Deed::Lifted, "Ada")]);
    assert_eq!(story.answers()[0].sentence, "Ada can come back.");
}

#[test]
fn an_invitation_is_answered_twice_if_it_is_accepted_and_once_if_it_is_not() {
    let listener = |invited| ParticipantInfo {
        role: Role::Listener,
        invited,
        ..participant("Ada")
    };
    let mut story = Story::inside();
    for accepts in [false, true] {
        story.hears(ServerSignal::changed_at(listener(false)));
        story.moderates(ModerationAction::Invite);
        story.hears(ServerSignal::changed_at(listener(true)));
        assert_eq!(story.answers()[0].sentence, "Invited Ada to the stage.");
        assert!(story.call.has_invited(&user("Ada")) && !story.call.has_invited(&user("Cem")));
        let now = match accepts {
            true => participant("Ada"),
            false => listener(false),
        };
        story.hears(ServerSignal::changed_at(now));
        let to_stage = Deed::Role {
            from: Role::Listener,
            to: Role::Speaker,
        };
        story.reads(vec![entry(1, to_stage, "Ada")]);
        let undo = story.answers().pop().and_then(|answer| answer.undo);
        assert_eq!(undo, accepts.then_some(StageRequest::Undo { number: 1 }));
        assert!(!story.call.has_invited(&user("Ada")), "the invitation is answered");
        story.reads(vec![]);
    }
}

#[test]
fn a_refused_action_has_no_answer_and_neither_has_somebody_elses() {
    let mut story = Story::inside();
    story.moderates(ModerationAction::Ban);
    story.hears(ServerSignal::Refused { why: Refusal::StandIn });
    story.reads(vec![entry(1, Deed::Banned, "Ada")]);
    assert!(story.answers().is_empty(), "the room has refused it");
    story.moderates(ModerationAction::Ban);
    story.reads(vec![LogEntry {
        by: Some(participant("Cem").person),
        ..entry(2, Deed::Banned, "Ada")
    }]);
    assert!(story.answers().is_empty(), "somebody else has banned them");
}

#[test]
fn a_refusal_that_is_about_something_else_forgets_no_action() {
    for why in [
        Refusal::TooMuchSound,
        Refusal::TooManySignals,
        Refusal::Busy,
        Refusal::Listening,
        Refusal::MutedByHost,
        Refusal::NewAccount { for_s: 60 },
    ] {
        let mut story = Story::inside();
        story.moderates(ModerationAction::Ban);
        story.hears(ServerSignal::Refused { why });
        story.reads(vec![entry(1, Deed::Banned, "Ada")]);
        assert_eq!(story.answers().len(), 1, "{why:?}");
    }
}

#[test]
fn a_refused_change_forgets_no_later_action() {
    let changes = [
        StageRequest::Hand { up: true },
        StageRequest::LowerHand { about: user("Ada") },
        StageRequest::Mode { mode: Mode::Stage },
    ];
    for change in changes {
        let mut story = Story::inside();
        story.hears(ServerSignal::changed_at(ParticipantInfo {
            hand: Some(1),
            ..participant("Ada")
        }));
        story.happens(CallInput::Request(change.clone()));
        story.moderates(ModerationAction::Ban);
        let why = Refusal::TooFast { wait_s: 9 };
        story.hears(ServerSignal::Refused { why });
        story.reads(vec![entry(1, Deed::Banned, "Ada")]);
        assert_eq!(story.answers().len(), 1, "{change:?}");
    }
}

#[test]
fn a_refused_action_is_forgotten_although_the_room_has_made_a_change_before_it() {
    let mut story = Story::inside();
    story.happens(CallInput::Request(StageRequest::Hand { up: true }));
    story.hears(ServerSignal::changed_at(ParticipantInfo {
        hand: Some(1),
        ..participant("Ben")
    }));
    story.moderates(ModerationAction::Ban);
    story.hears(ServerSignal::Refused { why: Refusal::StandIn });
    story.reads(vec![entry(1, Deed::Banned, "Ada")]);
    assert!(story.answers().is_empty(), "the refusal was about the ban");
}

#[test]
fn an_entry_of_the_log_also_answers_the_changes_before_it() {
    let mut story = Story::inside();
    // This request does not arrive, because too many wait.
    story.happens(CallInput::Request(StageRequest::Mode { mode: Mode::Stage }));
    story.hears(ServerSignal::Refused { why: Refusal::Busy });
    story.moderates(ModerationAction::Mute);
    story.reads(vec![entry(1, Deed::Muted, "Ada")]);
    assert_eq!(story.answers().len(), 1);
    story.moderates(ModerationAction::Ban);
    story.hears(ServerSignal::Refused { why: Refusal::StandIn });
    story.reads(vec![entry(2, Deed::Banned, "Ada"), entry(1, Deed::Muted, "Ada")]);
    assert!(story.answers().is_empty(), "the refusal was about the ban");
}

#[test]
fn what_you_asked_for_on_a_socket_that_was_replaced_may_be_lost_and_you_are_told() {
    let says_so = |story: &Story| {
        story
            .call
            .refused
            .as_ref()
            .is_some_and(|words| words.contains("may not have arrived"))
    };
    let raise = || CallInput::Request(StageRequest::Hand { up: true });
    // The welcome shows what the room has done, and what not.
    for arrived in [true, false] {
        let mut story = Story::inside();
        story.happens(raise());
        let mut room = story.page_with_ben(true);
        room.roster.last_mut().expect("Ben").hand = arrived.then_some(1);
        story.is_welcomed_with(room.clone());
        assert_eq!((says_so(&story), story.call.refusals == 1), (!arrived, !arrived));
        story.happens(CallInput::DismissRefusal);
        story.is_welcomed_with(room);
        assert!(!says_so(&story), "once");
    }
    // For an action, the log shows it.
    for arrived in [true, false] {
        let mut story = Story::inside();
        story.moderates(ModerationAction::Remove);
        story.is_welcomed_with(story.page_with_ben(true));
        assert!(!says_so(&story), "the log has not come yet");
        story.asked.clear();
        story.reads(arrived.then(|| entry(1, Deed::Removed, "Ada")).into_iter().collect());
        assert_eq!(
            (says_so(&story), story.answers().len()),
            (!arrived, usize::from(arrived))
        );
    }
}
