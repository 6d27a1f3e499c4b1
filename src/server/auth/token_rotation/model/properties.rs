//! Properties that every state of the model must have, properties that at least one state must have, and the tests that run the
//! model.

use super::{
    super::{Decision, Presented, Row, decide, proves_arrival},
    delays::{C, FLUSH, LONGEST},
    server::{ModelCookies, ModelServer, NOW, OURS, RotationRule, Token},
    world::{ModelConfig, Tab, World},
};
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::{
    io::{Write, stderr},
    sync::{Mutex, PoisonError},
    time::Instant,
};

const TWO_LIVE: &str = "at most two tokens are valid, exactly one after confirmation, none after revocation";
const ONE_SUCCESSOR: &str = "no token has two different successors";
const NOTHING_BROKEN: &str = "the generation only grows, and a revoked session stays revoked";
const FORGED: &str = "a forged token changes nothing";
const HONEST: &str = "an honest browser is never refused";
const CAUGHT: &str = "after confirmation, a superseded token ends the session";

/// The properties of a scene, which is one configuration of the model. Without a thief, nobody is ever refused. With a thief, there
/// must be a state in which the reuse of a token is detected.
pub fn list(scene: &ModelConfig) -> Vec<Property<ModelConfig>> {
    let mut list = vec![
        Property::always(TWO_LIVE, two_live),
        Property::always(ONE_SUCCESSOR, one_successor),
        Property::always(NOTHING_BROKEN, |_, world: &World| world.broken.is_none()),
        Property::always(FORGED, forged_changes_nothing),
        Property::always(CAUGHT, caught),
        Property::sometimes("a token is kept", |scene, world| reaches(scene, world, Decision::Keep)),
        Property::sometimes("a successor is sent again", |scene, world| {
            reaches(scene, world, Decision::Again)
        }),
        Property::sometimes("a successor is confirmed", |_, world: &World| world.server.confirmed),
    ];
    list.push(match scene.has_thief {
        false => Property::always(HONEST, |scene: &ModelConfig, world: &World| {
            !reaches(scene, world, Decision::Reuse) && !reaches(scene, world, Decision::Ended)
        }),
        true => Property::sometimes("reuse is detected", |scene, world| {
            reaches(scene, world, Decision::Reuse)
        }),
    });
    list
}

fn two_live(scene: &ModelConfig, world: &World) -> bool {
    let server = &world.server;
    let lives = |token: &Token| {
        let decision = server.decide(scene.rule, Some(*token));
        matches!(decision, Decision::Keep | Decision::Again | Decision::Rotate)
    };
    match server.tokens().filter(lives).count() {
        0 => server.revoked,
        1 => !server.revoked,
        2 => !server.revoked && !server.confirmed,
        _ => false,
    }
}

fn one_successor(_: &ModelConfig, world: &World) -> bool {
    let derived = &world.server.derived;
    (1..derived.len()).all(|at| derived[..at].iter().all(|(parent, _)| *parent != derived[at].0))
}

fn forged_changes_nothing(scene: &ModelConfig, world: &World) -> bool {
    let mut server = world.server.clone();
    server.refresh(scene.rule, None).is_none() && server == world.server
}

/// Once the current token is confirmed, every other token ends the session, no matter who presents it.
fn caught(scene: &ModelConfig, world: &World) -> bool {
    let server = &world.server;
    let ends = |token| {
        let mut server = server.clone();
        server.refresh(scene.rule, Some(token)).is_none() && server.revoked
    };
    !server.confirmed || server.tokens().filter(|token| *token != server.current).all(ends)
}

/// Whether `decide` gives this decision for a token that could arrive, or be sent, in this state.
fn reaches(scene: &ModelConfig, world: &World, decision: Decision) -> bool {
    let asked = world.tabs.iter().filter_map(|tab| match tab {
        Tab::Asked(token, _) => Some(*token),
        _ => None,
    });
    let locked = [Some(world.jar), Some(world.disk), world.thief].into_iter().flatten();
    let tokens = locked
        .map(|cookies| cookies.token)
        .chain(world.stray.map(|(token, _)| token));
    tokens
        .chain(asked)
        .any(|token| world.server.decide(scene.rule, Some(token)) == decision)
}

fn scene(tabs: usize, has_thief: bool, rotations: u8) -> ModelConfig {
    ModelConfig {
        rule: OURS,
        tabs,
        has_thief,
        has_crash: true,
        has_jump: false,
        rotations,
    }
}

/// Two tabs and a jump of the clock, in a browser that does not crash. Both tabs may have sent the same token before the jump, and the
/// late response to one tab may overwrite the cookies of the other.
///
/// With crashes as well, this scene had more than 4 million states. [`crash_during_a_jump`] covers crashes with a jump, and the scene
/// "three tabs" covers crashes with several tabs.
fn two_tabs_during_a_jump() -> ModelConfig {
    ModelConfig {
        has_crash: false,
        has_jump: true,
        ..scene(2, false, 1)
    }
}

/// One tab, crashes and a jump of the clock. The browser may go back to cookies that it saved before the jump. Two refreshes can still be
/// under way at once: one from before the crash, and one of the tab that was opened after it.
fn crash_during_a_jump() -> ModelConfig {
    ModelConfig {
        has_jump: true,
        ..scene(1, false, 1)
    }
}

/// The lock makes the scenes run one at a time, because each uses all cores and much memory.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Explores every state of a scene, and asserts its properties. Prints how many states there are, and the time.
fn exhaust(name: &str, scene: ModelConfig) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let began = Instant::now();
    let checker = scene.checker().threads(2).spawn_bfs().join();
    let (states, took) = (checker.unique_state_count(), began.elapsed());
    // We don't use `println!`, because the test harness captures it.
    let _ = writeln!(stderr(), "model of rotation, {name}: {states} states in {took:.1?}");
    assert!(checker.is_done());
    checker.assert_properties();
}

/// Asserts that the model finds a state in which `rule` breaks `property`. This shows that the model notices a wrong rule.
#[track_caller]
fn refuted(rule: RotationRule, has_thief: bool, property: &'static str) {
    refuted_in(
        ModelConfig {
            rule,
            ..scene(3, has_thief, 2)
        },
        property,
    );
}

#[track_caller]
fn refuted_in(scene: ModelConfig, property: &'static str) {
    let finished = HasDiscoveries::AllOf([property].into());
    let checker = scene.checker().threads(2).finish_when(finished).spawn_bfs().join();
    assert!(checker.discovery(property).is_some(), "not refuted: {property}");
}

#[test]
fn no_order_of_events_signs_an_honest_browser_out() {
    exhaust("three tabs", scene(3, false, 2));
    exhaust("two tabs, more rotations", scene(2, false, 4));
}

#[test]
fn a_thief_and_the_owner_can_never_both_keep_the_session() {
    exhaust("two tabs and a thief", scene(2, true, 1));
    exhaust("one tab and a thief, more rotations", scene(1, true, 3));
}

#[test]
fn no_jump_of_the_clock_signs_an_honest_browser_out() {
    exhaust("two tabs and a clock that jumps", two_tabs_during_a_jump());
    exhaust("one tab, crashes and a clock that jumps", crash_during_a_jump());
}

#[test]
fn no_jump_of_the_clock_lets_a_thief_and_the_owner_both_keep_the_session() {
    let scene = ModelConfig {
        has_jump: true,
        ..scene(1, true, 2)
    };
    exhaust("one tab, a thief and a clock that jumps", scene);
}

#[test]
fn the_model_refutes_rotation_and_confirmation_right_after_a_jump() {
    let proves = |_: &ModelServer, used: ModelCookies| proves_arrival(used.issued_at(), NOW, C.into());
    let at_once = RotationRule {
        steady: 0,
        proves,
        ..OURS
    };
    for scene in [two_tabs_during_a_jump(), crash_during_a_jump()] {
        refuted_in(ModelConfig { rule: at_once, ..scene }, HONEST);
    }
}

#[test]
fn the_model_refutes_strict_single_use() {
    let decide = |row: Option<&Row>, presented: Presented<'_>, now_s, c| match decide(row, presented, now_s, c) {
        Decision::Keep => Decision::Rotate,
        Decision::Again => Decision::Reuse,
        other => other,
    };
    refuted(RotationRule { decide, ..OURS }, false, HONEST);
}

#[test]
fn the_model_refutes_ending_a_session_for_a_forged_token() {
    let decide = |row: Option<&Row>, presented: Presented<'_>, now_s, c| match presented {
        Presented::Foreign => Decision::Reuse,
        ours => decide(row, ours, now_s, c),
    };
    refuted(RotationRule { decide, ..OURS }, false, FORGED);
}

#[test]
fn the_model_refutes_a_previous_token_that_expires_by_age() {
    let decide = |row: Option<&Row>, presented: Presented<'_>, now_s, c| match decide(row, presented, now_s, c) {
        Decision::Again if row.is_some_and(|row| now_s >= row.served_at + c) => Decision::Reuse,
        other => other,
    };
    refuted(RotationRule { decide, ..OURS }, false, HONEST);
}

#[test]
fn the_model_refutes_a_previous_token_that_stays_valid_after_confirmation() {
    let decide = |row: Option<&Row>, presented: Presented<'_>, now_s, c| {
        let row = row.map(|row| Row {
            confirmed: false,
            ..row.clone()
        });
        decide(row.as_ref(), presented, now_s, c)
    };
    refuted(RotationRule { decide, ..OURS }, true, CAUGHT);
    refuted(RotationRule { decide, ..OURS }, true, TWO_LIVE);
}

#[test]
fn the_model_refutes_confirmation_by_the_time_of_the_rotation() {
    let proves = |server: &ModelServer, _: ModelCookies| server.rotated_age >= C;
    let reads_rotated_age = true;
    let by_rotation = RotationRule {
        proves,
        reads_rotated_age,
        ..OURS
    };
    refuted(by_rotation, false, HONEST);
}

#[test]
fn the_model_refutes_a_rotation_within_three_messages_and_a_flush() {
    refuted(
        RotationRule {
            confirm: 3 * LONGEST + FLUSH,
            ..OURS
        },
        false,
        HONEST,
    );
}

#[test]
fn the_model_refutes_a_confirmation_within_two_messages_and_a_flush() {
    let proves = |_: &ModelServer, used: ModelCookies| used.access_age >= 2 * LONGEST + FLUSH;
    refuted(RotationRule { proves, ..OURS }, false, HONEST);
}
