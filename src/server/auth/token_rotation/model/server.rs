//! The server of the model: one session's row, and what `decide` and `proves_arrival` do to it.

use super::{
    super::{Decision, Presented, Row, decide, proves_arrival},
    delays::C,
};

pub const NOW: i64 = 1_000_000;

/// The rules that the model runs: the rules of production, except in the tests that check that the model notices a wrong rule.
#[derive(Clone, Copy)]
pub struct RotationRule {
    pub decide: fn(Option<&Row>, Presented<'_>, i64, i64) -> Decision,
    pub proves: fn(&ModelServer, ModelCookies) -> bool,
    /// Whether `proves` reads [`ModelServer::rotated_age`]. If not, the model forgets that age, so it has fewer states.
    pub reads_rotated_age: bool,
    pub confirm: u8,
    /// For this long after a jump of the clock, tokens are neither rotated nor confirmed.
    pub steady: u8,
}

pub const OURS: RotationRule = RotationRule {
    decide,
    proves: |server, used| proves_arrival(used.issued_at(), NOW, server.confirm_s(C, C)),
    reads_rotated_age: false,
    confirm: C,
    steady: C,
};

/// How far the clock jumps, in ticks: much longer than anything else takes.
const JUMP: i64 = 1_000;
/// An age that no token reaches.
const NEVER: i64 = i64::MAX;

/// A refresh token, represented by its number in the order in which the tokens were made. The number is also its hash.
pub type Token = u8;

/// The cookies that a response sets: the refresh token, and an access token with its generation and its age in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelCookies {
    pub token: Token,
    pub generation: u8,
    pub access_age: u8,
    /// How often the clock has jumped since the access token was issued: forward counts 1, back counts -1.
    pub access_jumps: i8,
}

impl ModelCookies {
    /// What the clock showed when the access token was issued.
    pub fn issued_at(&self) -> i64 {
        NOW - i64::from(self.access_age) - JUMP * i64::from(self.access_jumps)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelServer {
    pub current: Token,
    pub previous: Option<Token>,
    salt: u8,
    pub generation: u8,
    served_age: u8,
    /// How often the clock has jumped since the current token was sent, counted as in [`ModelCookies`].
    served_jumps: i8,
    /// How many ticks ago the clock jumped, at most C. Also C if the clock never jumped.
    steady_for: u8,
    pub rotated_age: u8,
    pub confirmed: bool,
    pub revoked: bool,
    /// What each token except the first was derived from: its predecessor and a salt.
    pub derived: Vec<(Token, u8)>,
}

impl ModelServer {
    /// A session right after its sign-in, and the cookies that the sign-in set.
    pub fn new() -> (Self, ModelCookies) {
        let server = Self {
            current: 0,
            previous: None,
            salt: 0,
            generation: 1,
            served_age: 0,
            served_jumps: 0,
            steady_for: C,
            rotated_age: 0,
            confirmed: false,
            revoked: false,
            derived: vec![],
        };
        let cookies = server.cookies(0);
        (server, cookies)
    }

    pub fn decide(&self, rule: RotationRule, presented: Option<Token>) -> Decision {
        let row = Row {
            cur_hash: self.current.to_string(),
            prev_hash: self.previous.map(|token| token.to_string()).unwrap_or_default(),
            served_at: NOW - i64::from(self.served_age) - JUMP * i64::from(self.served_jumps),
            confirmed: self.confirmed,
            revoked: self.revoked,
            expires_at: i64::MAX,
        };
        let hash = presented.map(|token| token.to_string());
        let presented = hash.as_deref().map_or(Presented::Foreign, Presented::Ours);
        (rule.decide)(Some(&row), presented, NOW, self.confirm_s(rule.confirm, rule.steady))
    }

    /// The age at which a token counts as old: `confirm`, unless the clock has jumped within the last `steady` ticks.
    fn confirm_s(&self, confirm: u8, steady: u8) -> i64 {
        match self.steady_for >= steady {
            true => confirm.into(),
            false => NEVER,
        }
    }

    /// A refresh with the presented token, or with a forged one (`None`). Returns the cookies of the response; `None` if the response is
    /// an error.
    pub fn refresh(&mut self, rule: RotationRule, presented: Option<Token>) -> Option<ModelCookies> {
        let decision = self.decide(rule, presented);
        if decision == Decision::Reuse {
            self.revoked = true;
        }
        let token = presented?;
        match decision {
            Decision::Ended | Decision::Unknown | Decision::Reuse => None,
            Decision::Keep => Some(self.cookies(token)),
            Decision::Again => {
                (self.served_age, self.served_jumps) = (0, 0);
                let successor = self.successor(token);
                Some(self.cookies(successor))
            }
            Decision::Rotate => {
                self.salt += 1;
                self.generation += 1;
                (self.served_age, self.served_jumps, self.rotated_age) = (0, 0, 0);
                self.confirmed = false;
                (self.previous, self.current) = (Some(self.current), self.successor(token));
                Some(self.cookies(self.current))
            }
        }
    }

    /// Handles an authenticated request, which shows that its cookies are in use.
    pub fn see_in_use(&mut self, rule: RotationRule, used: ModelCookies) {
        let is_current = used.generation == self.generation && !self.revoked;
        self.confirmed |= is_current && (rule.proves)(self, used);
    }

    pub fn tick(&mut self) {
        self.served_age = (self.served_age + 1).min(C);
        self.rotated_age = (self.rotated_age + 1).min(C);
        self.steady_for = (self.steady_for + 1).min(C);
    }

    /// The clock jumps forward (1) or back (-1).
    pub fn jump(&mut self, direction: i8) {
        self.served_jumps += direction;
        self.steady_for = 0;
    }

    /// Forgets ages that lead to the same decisions, whatever they are. If the clock has jumped since the current token was
    /// sent, the token seems to be from long ago or from far in the future, so its age no longer matters.
    pub fn forget_what_can_not_matter(&mut self, rule: RotationRule) {
        if self.served_jumps != 0 {
            self.served_age = 0;
        }
        if !rule.reads_rotated_age {
            self.rotated_age = 0;
        }
    }

    /// A copy without the ages, for comparing two states when time may have passed between them.
    pub fn ageless(&self) -> Self {
        Self {
            served_age: 0,
            served_jumps: 0,
            steady_for: 0,
            rotated_age: 0,
            ..self.clone()
        }
    }

    /// Every token that was made so far.
    pub fn tokens(&self) -> impl Iterator<Item = Token> + use<> {
        0..=self.derived.len() as Token
    }

    fn successor(&mut self, token: Token) -> Token {
        let parts = (token, self.salt);
        let known = self.derived.iter().position(|derived| *derived == parts);
        let at = known.unwrap_or_else(|| {
            self.derived.push(parts);
            self.derived.len() - 1
        });
        at as Token + 1
    }

    fn cookies(&self, token: Token) -> ModelCookies {
        ModelCookies {
            token,
            generation: self.generation,
            access_age: 0,
            access_jumps: 0,
        }
    }
}
