//! How `snug doctor` recognizes the Snug that it examines, and what it asks that Snug.
//!
//! The question is a request with a token that only programs with the keyring can make. The answer has a proof that only a Snug with
//! the same keyring can make, so the doctor does not take another program for it. A stranger who intercepts a token can use it
//! for a minute, and learns only what the server has seen of the stranger's own request. A token for the facts about the server goes only
//! to the addresses on which the server listens, never through the public URL.

use crate::server::keyring::{Keyring, Purpose, random_id, same};
use http::HeaderName;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The header with the token.
pub const PROBE_HEADER: HeaderName = HeaderName::from_static("snug-probe");
/// The address for plain requests.
pub const PROBE_PATH: &str = "/probe";
/// The address for WebSockets. It is below `/ws/`, because proxies have settings of their own for that.
pub const PROBE_SOCKET_PATH: &str = "/ws/probe";

/// How long a token can be used, in seconds, before and after the time in it.
const USABLE_S: i64 = 60;
const NONCE_CHARACTERS: usize = 24;

/// What a token may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    /// What the server has seen of the request.
    Seen,
    /// The same, and the facts about the server.
    Facts,
}

/// A question to a running Snug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeToken {
    pub kind: ProbeKind,
    /// When it was made, in unix seconds.
    at_s: i64,
    nonce: String,
}

/// The answer of a running Snug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeAnswer {
    /// Shows that the answer comes from a Snug with the same keyring.
    pub proof: String,
    pub seen: SeenRequest,
    pub facts: Option<ServerFacts>,
}

/// What the server has seen of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRequest {
    /// The address for which limits count.
    pub client: IpAddr,
    /// The entries of `X-Forwarded-For`, from left to right. Empty if there is no such header.
    pub forwarded_for: Vec<String>,
    /// The host that the request is for, without its port.
    pub host: Option<String>,
    /// Whether Snug serves pages under this host.
    pub is_host_accepted: bool,
    /// Whether the request asks for a WebSocket.
    pub is_upgrade: bool,
}

/// What only the running server knows about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFacts {
    /// The number of its process.
    pub process: u32,
    /// How many files it may have open.
    pub files: usize,
    pub is_database_up: bool,
    pub udp_port: u16,
    /// `None` if no voices come in over TCP.
    pub tcp_port: Option<u16>,
    /// The addresses that browsers are told to send voices to.
    pub advertised: Vec<IpAddr>,
    /// Why the last try to load or renew the certificate failed.
    pub certificate_failure: Option<String>,
    /// Why the last backup failed.
    pub backup_failure: Option<String>,
}

impl ProbeToken {
    pub fn new(kind: ProbeKind, now_s: i64) -> Self {
        Self {
            kind,
            at_s: now_s,
            nonce: random_id(NONCE_CHARACTERS),
        }
    }

    /// The value of [`PROBE_HEADER`].
    pub fn header_value(&self, keyring: &Keyring) -> String {
        let Self { kind, at_s, nonce } = self;
        format!("{}.{at_s}.{nonce}.{}", kind.name(), self.mac(keyring, b"question"))
    }

    /// Reads the value of [`PROBE_HEADER`]; `None` if it was not made with this keyring, or not within a minute of `now_s`.
    pub fn read(value: &str, keyring: &Keyring, now_s: i64) -> Option<Self> {
        let mut parts = value.split('.');
        let kind = ProbeKind::parse(parts.next()?)?;
        let at_s: i64 = parts.next()?.parse().ok()?;
        let nonce = parts.next()?.to_owned();
        let token = Self { kind, at_s, nonce };
        let is_usable = at_s.abs_diff(now_s) <= USABLE_S.unsigned_abs() && token.nonce.len() == NONCE_CHARACTERS;
        let is_ours = is_usable && same(parts.next()?.as_bytes(), token.mac(keyring, b"question").as_bytes());
        (is_ours && parts.next().is_none()).then_some(token)
    }

    /// Shows, in the answer, that the server has this keyring.
    pub fn proof(&self, keyring: &Keyring) -> String {
        self.mac(keyring, b"answer")
    }

    fn mac(&self, keyring: &Keyring, what: &[u8]) -> String {
        let (kind, at) = (self.kind.name(), self.at_s.to_string());
        let parts = [what, kind.as_bytes(), at.as_bytes(), self.nonce.as_bytes()];
        hex::encode(keyring.mac(Purpose::Probe, &parts))
    }
}

impl ProbeKind {
    fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Facts => "facts",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Seen, Self::Facts].into_iter().find(|kind| kind.name() == name)
    }
}

impl ProbeAnswer {
    /// Reads the answer to `token`; `None` if it is not from a Snug with this keyring.
    pub fn read(body: &[u8], token: &ProbeToken, keyring: &Keyring) -> Option<Self> {
        let answer: Self = serde_json::from_slice(body).ok()?;
        same(answer.proof.as_bytes(), token.proof(keyring).as_bytes()).then_some(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_800_000_000;

    fn answer(token: &ProbeToken, keyring: &Keyring) -> ProbeAnswer {
        ProbeAnswer {
            proof: token.proof(keyring),
            seen: SeenRequest {
                client: IpAddr::from([203, 0, 113, 7]),
                forwarded_for: vec![],
                host: Some("snug.example.org".into()),
                is_host_accepted: true,
                is_upgrade: false,
            },
            facts: None,
        }
    }

    #[test]
    fn a_token_works_for_a_minute_and_with_its_own_keyring_only() {
        let (keyring, other) = (Keyring::for_tests(), Keyring::for_tests());
        for kind in [ProbeKind::Seen, ProbeKind::Facts] {
            let token = ProbeToken::new(kind, NOW_S);
            let value = token.header_value(&keyring);
            assert_eq!(ProbeToken::read(&value, &keyring, NOW_S + 60), Some(token.clone()));
            assert_eq!(ProbeToken::read(&value, &keyring, NOW_S - 60), Some(token));
            assert_eq!(ProbeToken::read(&value, &keyring, NOW_S + 61), None);
            assert_eq!(ProbeToken::read(&value, &other, NOW_S), None);
        }
    }

    #[test]
    fn a_token_that_somebody_has_changed_is_refused() {
        let keyring = Keyring::for_tests();
        let value = ProbeToken::new(ProbeKind::Seen, NOW_S).header_value(&keyring);
        for wrong in [
            value.replace("seen", "facts"),
            value.replace(&NOW_S.to_string(), &(NOW_S + 1).to_string()),
            format!("{value}."),
            format!("{value}0"),
            value[..value.len() - 1].to_owned(),
            String::new(),
            "seen.9223372036854775807.x.y".into(),
            "seen.-9223372036854775808.x.y".into(),
        ] {
            assert_eq!(ProbeToken::read(&wrong, &keyring, NOW_S), None, "{wrong}");
        }
    }

    #[test]
    fn only_the_same_keyring_can_answer_and_only_this_token() {
        let (keyring, other) = (Keyring::for_tests(), Keyring::for_tests());
        let (token, another) = (
            ProbeToken::new(ProbeKind::Seen, NOW_S),
            ProbeToken::new(ProbeKind::Seen, NOW_S),
        );
        let good = answer(&token, &keyring);
        let body = serde_json::to_vec(&good).expect("JSON");
        assert_eq!(ProbeAnswer::read(&body, &token, &keyring), Some(good));
        assert_eq!(ProbeAnswer::read(&body, &another, &keyring), None);
        assert_eq!(ProbeAnswer::read(&body, &token, &other), None);
        assert_eq!(ProbeAnswer::read(b"ok", &token, &keyring), None);
        assert_ne!(
            token.proof(&keyring),
            token.mac(&keyring, b"question"),
            "who sees the question can't make the answer"
        );
    }
}
