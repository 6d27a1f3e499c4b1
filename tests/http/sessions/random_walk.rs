//! Random histories of one session in a real database. After each step the whole row is compared with the result of the pure
//! `token_rotation::decide`.

mod walk;

use crate::{database::On, test_app::TestApp};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use walk::{ACCESS_S, DAY_S, Walk, WalkStep};

on_both_databases! {
    every_random_history_of_a_session_follows_the_pure_rule,
}

const C_S: i64 = 120;

fn step() -> impl Strategy<Value = WalkStep> {
    let newest_most = || prop_oneof![6 => Just(0usize), 2 => Just(1), 1 => Just(2), 1 => 3usize..9];
    let edges = prop_oneof![
        Just(C_S - 1),
        Just(C_S),
        Just(ACCESS_S - 1),
        Just(ACCESS_S),
        1..2 * C_S,
        Just(7 * DAY_S),
        Just(89 * DAY_S)
    ];
    prop_oneof![
        4 => newest_most().prop_map(WalkStep::Refresh),
        3 => newest_most().prop_map(WalkStep::Use),
        1 => Just(WalkStep::Forge),
        4 => edges.prop_map(WalkStep::Pass),
        1 => prop_oneof![Just(3_600), Just(-3_600), Just(-DAY_S)].prop_map(WalkStep::Jump),
    ]
}

async fn every_random_history_of_a_session_follows_the_pure_rule(on: On) {
    let app = TestApp::on(on).await;
    let user = app
        .newcomer("ada@example.org")
        .await
        .me()
        .await
        .json::<snug::model::user::User>()
        .person
        .id;
    app.state.clock.stop();
    let (state, seen) = (app.state.clone(), Arc::new(Mutex::new(BTreeSet::new())));
    let (runtime, seen_there) = (tokio::runtime::Handle::current(), seen.clone());
    // Run proptest on a blocking thread, because its callback is synchronous and waits for async code.
    let run = tokio::task::spawn_blocking(move || {
        let config = Config {
            cases: 48,
            failure_persistence: None,
            ..Config::default()
        };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let histories = proptest::collection::vec(step(), 1..40);
        runner.run(&histories, |steps| {
            runtime.block_on(async {
                let mut walk = Walk::begin(&state, &user).await;
                for step in steps {
                    walk.take(&step).await;
                }
                seen_there.lock().expect("not poisoned").append(&mut walk.seen);
            });
            Ok(())
        })
    });
    run.await
        .expect("proptest does not panic")
        .expect("every history follows the rule");
    let wanted = ["Again", "Confirmed", "Ended", "Keep", "Reuse", "Rotate", "Unknown"];
    let seen = seen.lock().expect("not poisoned").clone();
    assert!(
        seen.iter().eq(wanted.iter()),
        "not every decision was reached: {seen:?}"
    );
}
