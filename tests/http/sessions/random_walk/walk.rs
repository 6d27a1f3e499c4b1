//! A session in a real database, and the row that it should have. Each step changes both, and then compares them.

use crate::test_app::claims;
use http::{Request, header};
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
            verified_token::VerifiedToken,
        },
        keyring::random_id,
        state::AppState,
    },
};
use std::{collections::BTreeSet, time::Duration};

pub const DAY_S: i64 = 86_400;
/// The lifetime of an access token.
pub const ACCESS_S: i64 = 600;

/// One step of a history.
#[derive(Debug, Clone)]
pub enum WalkStep {
    /// Refreshes with a refresh token: 0 is the newest, 1 the one before it. Old tokens come from browsers that lost an answer,
    /// and from thieves.
    Refresh(usize),
    /// Sends a request with an access token: 0 is the newest, 1 the one before it.
    Use(usize),
    /// Refreshes with a forged token.
    Forge,
    /// Moves the clock by this number of seconds.
    Pass(i64),
    /// The wall clock jumps by this number of seconds, while no time passes.
    Jump(i64),
}

/// A session in the database, and the row that it should have according to the pure rule.
pub struct Walk<'a> {
    state: &'a AppState,
    session: SessionId,
    row: Row,
    generation: i64,
    abs_expires_at: i64,
    refresh_tokens: Vec<String>,
    access_tokens: Vec<AccessToken>,
    /// How often the wall clock has jumped back.
    jumps_back: usize,
    /// The decisions that were made so far, and "Confirmed" if a token was confirmed.
    pub seen: BTreeSet<&'static str>,
}

/// An access token, and for how long it should still be accepted.
#[derive(Clone)]
struct AccessToken {
    text: String,
    left_s: i64,
    /// How often the wall clock had jumped back when the token was issued.
    jumps_back: usize,
}

impl<'a> Walk<'a> {
    /// A new session in the database, with its first refresh token.
    pub async fn begin(state: &'a AppState, user: &UserId) -> Self {
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
            jumps_back: 0,
            seen: BTreeSet::new(),
        }
    }

    /// Takes a step, and checks the whole row afterwards.
    pub async fn take(&mut self, step: &WalkStep) {
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
            WalkStep::Pass(seconds) => {
                self.state.clock.advance_s(*seconds);
                self.access_tokens.iter_mut().for_each(|token| token.left_s -= seconds);
            }
            WalkStep::Jump(seconds) => self.jump(*seconds),
        }
        self.compare(step).await;
    }

    /// A jump back does not change how long a token lives. After a jump forward, the clock says that tokens are older, except those
    /// from before a jump back: their age is counted without the wall clock.
    fn jump(&mut self, seconds: i64) {
        self.state.clock.jump_s(seconds);
        // The clock notices a jump when it is read.
        self.state.now_s();
        if seconds < 0 {
            self.jumps_back += 1;
            return;
        }
        let now = self.jumps_back;
        let aged = self.access_tokens.iter_mut().filter(|token| token.jumps_back == now);
        aged.for_each(|token| token.left_s -= seconds);
    }

    async fn refresh(&mut self, text: String) {
        let now_s = self.state.now_s();
        let hash = RefreshToken::parse(&self.state.keyring, &text).map(|token| token.hash());
        let presented = hash.as_deref().map_or(Presented::Foreign, Presented::Ours);
        let confirm_s = self.state.confirm_s();
        let decision = token_rotation::decide(Some(&self.row), presented, now_s, confirm_s);
        let answer = session::refresh(&self.visit("refresh", &text))
            .await
            .map_err(|error| AppError::from(error).kind);
        let given = answer.as_ref().ok().map(|cookies| {
            self.access_tokens.push(AccessToken {
                text: value(cookies, "access"),
                left_s: ACCESS_S,
                jumps_back: self.jumps_back,
            });
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

    async fn put_to_use(&mut self, AccessToken { text, left_s, .. }: &AccessToken) {
        let (now_s, claims) = (self.state.now_s(), claims(text));
        let issued_at = claims["iat"].as_i64().expect("a time");
        let holds = *left_s > 0 && !self.row.revoked;
        let found = identify(
            self.state,
            &self.visit("access", text).headers,
            &VerifiedToken::default(),
        );
        assert_eq!(found.is_ok(), holds, "{found:?}");
        if holds
            && claims["gen"] == self.generation
            && token_rotation::proves_arrival(issued_at, now_s, self.state.confirm_s())
        {
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
        let request = Request::builder().header(header::COOKIE, format!("{cookie}={value}"));
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        Visit::new(self.state.clone(), &parts)
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
