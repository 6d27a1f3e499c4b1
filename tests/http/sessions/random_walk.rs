//! Random histories of one session in a real database. After each step the whole row is compared with the result of the pure
//! `token_rotation::decide`.

use crate::{
    database::On,
    test_app::{TestApp, claims},
};
use http::{HeaderMap, header};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use snug::{
    error::{AppError, Kind},
    model::id::{SessionId, UserId},
    server::{
        auth::{
            identity::{Visit, identify},
            session,
            store::{self, NewSession},
            token::RefreshToken,
            token_rotation::{self, Decision, Presented, Row},
        },
        keyring::random_id,
        state::AppState,
    },
};
use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

on_both_databases! {
    every_random_history_of_a_session_follows_the_pure_rule,
}

const DAY_S: i64 = 86_400;
const C_S: i64 = 120;
const ACCESS_S: i64 = 600;

#[derive(Debug, Clone)]
enum WalkStep {
    /// Refreshes with a refresh token: 0 is the newest, 1 the one before it. Old tokens come from browsers that lost an answer,
    /// and from thieves.
    Refresh(usize),
    /// Sends a request with an access token: 0 is the newest, 1 the one before it.
    Use(usize),
    /// Refreshes with a forged token.
    Forge,
    /// Moves the clock by this number of seconds.
    Pass(i64),
}

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

/// A session in the database, and the row that it should have according to the pure rule.
struct Walk<'a> {
    state: &'a AppState,
    session: SessionId,
    row: Row,
    generation: i64,
    abs_expires_at: i64,
    refresh_tokens: Vec<String>,
    access_tokens: Vec<String>,
    seen: BTreeSet<&'static str>,
}

impl<'a> Walk<'a> {
    async fn begin(state: &'a AppState, user: &UserId) -> Self {
        let session = SessionId::parse(&random_id(20)).expect("an id");
        let (token, now_s) = (RefreshToken::generate(session.clone()), state.now_s());
        let (idle_expires_at, abs_expires_at) = (now_s + 90 * DAY_S, now_s + 400 * DAY_S);
        let hash = token.hash();
        let new = NewSession {
            id: &session,
            user,
            hash: &hash,
            kid: &state.keyring.kid,
            now_s,
            idle_expires_at,
            abs_expires_at,
            user_agent: "",
            ip_prefix: "",
        };
        let mut transaction = state.database.begin().await.expect("begun");
        store::insert_session(&mut transaction, &new).await.expect("inserted");
        transaction.commit().await.expect("committed");
        let row = Row {
            cur_hash: hash,
            prev_hash: String::new(),
            served_at: now_s,
            confirmed: false,
            revoked: false,
            expires_at: idle_expires_at,
        };
        Self {
            state,
            session,
            row,
            generation: 1,
            abs_expires_at,
            refresh_tokens: vec![token.encode(&state.keyring)],
            access_tokens: vec![],
            seen: BTreeSet::new(),
        }
    }

    async fn take(&mut self, step: &WalkStep) {
        match step {
            WalkStep::Refresh(back) => {
                let at = self.refresh_tokens.len().saturating_sub(1 + back);
                self.refresh(self.refresh_tokens[at].clone()).await;
            }
            WalkStep::Forge => self.refresh(format!("{}A", self.refresh_tokens[0])).await,
            WalkStep::Use(_) if self.access_tokens.is_empty() => {}
            WalkStep::Use(back) => {
                let at = self.access_tokens.len().saturating_sub(1 + back);
                self.put_to_use(&self.access_tokens[at].clone()).await;
            }
            WalkStep::Pass(seconds) => self.state.clock.advance_s(*seconds),
        }
        self.compare(step).await;
    }

    async fn refresh(&mut self, text: String) {
        let now_s = self.state.now_s();
        let hash = RefreshToken::parse(&self.state.keyring, &text).map(|token| token.hash());
        let presented = hash.as_deref().map_or(Presented::Foreign, Presented::Ours);
        let decision = token_rotation::decide(Some(&self.row), presented, now_s, C_S);
        let answer = session::refresh(&self.visit("refresh", &text))
            .await
            .map_err(|error| AppError::from(error).kind);
        let given = answer.as_ref().ok().map(|cookies| {
            self.access_tokens.push(value(cookies, "access"));
            value(cookies, "refresh")
        });
        let given_hash = given
            .as_ref()
            .and_then(|text| RefreshToken::parse(&self.state.keyring, text))
            .map(|token| token.hash());
        match decision {
            Decision::Unknown => assert_eq!(answer, Err(Kind::SignedOut)),
            Decision::Ended => assert_eq!(answer, Err(Kind::SessionEnded)),
            Decision::Reuse => {
                assert_eq!(answer, Err(Kind::SessionEnded));
                self.row.revoked = true;
            }
            Decision::Keep => assert_eq!(given.as_ref(), Some(&text)),
            Decision::Again => {
                assert_eq!(given_hash.as_ref(), Some(&self.row.cur_hash), "the same successor");
                self.row.served_at = now_s;
            }
            Decision::Rotate => {
                let given = given.expect("a successor");
                assert!(!self.refresh_tokens.contains(&given), "a new token");
                self.refresh_tokens.push(given);
                self.generation += 1;
                let before = std::mem::replace(&mut self.row.cur_hash, given_hash.expect("a token of this server"));
                self.row = Row {
                    prev_hash: before,
                    served_at: now_s,
                    confirmed: false,
                    expires_at: self.abs_expires_at.min(now_s + 90 * DAY_S),
                    ..self.row.clone()
                };
            }
        }
        self.seen.insert(name(decision));
    }

    async fn put_to_use(&mut self, token: &str) {
        let (now_s, claims) = (self.state.now_s(), claims(token));
        let issued_at = claims["iat"].as_i64().expect("a time");
        let holds = now_s < issued_at + ACCESS_S && !self.row.revoked;
        let found = identify(self.state, &self.visit("access", token).headers);
        assert_eq!(found.is_ok(), holds, "{found:?}");
        if holds && claims["gen"] == self.generation && token_rotation::proves_arrival(issued_at, now_s, C_S) {
            self.row.confirmed = true;
            self.seen.insert("Confirmed");
        }
    }

    /// Checks that the row is as the rule says. Waits for a confirmation if there should be one, because confirmations are written in the
    /// background.
    async fn compare(&self, step: &WalkStep) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        loop {
            let found = store::find_session(&self.state.database, &self.session)
                .await
                .expect("asked")
                .expect("a row");
            if self.row.confirmed && !found.rotation.confirmed && tokio::time::Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            }
            assert_eq!(
                (&found.rotation, found.generation),
                (&self.row, self.generation),
                "after {step:?}"
            );
            return;
        }
    }

    fn visit(&self, cookie: &str, value: &str) -> Visit {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, format!("{cookie}={value}").parse().expect("a header"));
        Visit {
            state: self.state.clone(),
            headers,
            address: IpAddr::from([127, 0, 0, 1]),
        }
    }
}

fn value(cookies: &[String], name: &str) -> String {
    let start = format!("{name}=");
    let rest = cookies
        .iter()
        .find_map(|cookie| cookie.strip_prefix(&start))
        .expect("the cookie");
    rest.split(';').next().expect("a value").to_owned()
}

fn name(decision: Decision) -> &'static str {
    match decision {
        Decision::Rotate => "Rotate",
        Decision::Ended => "Ended",
        Decision::Keep => "Keep",
        Decision::Again => "Again",
        Decision::Reuse => "Reuse",
        Decision::Unknown => "Unknown",
    }
}
