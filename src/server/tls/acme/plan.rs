//! When to order a certificate, and which one. Pure: the time is an argument.
//!
//! The clock of the machine may be wrong, so nothing here depends on it alone: the caller corrects it by the clock of the authority,
//! and two orders are never closer together than [`gap_s`], whatever the clock shows.

use serde::{Deserialize, Serialize};

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 60 * MINUTE_S;
const DAY_S: i64 = 24 * HOUR_S;

/// The profile of certificates that are valid for six days. Let's Encrypt gives certificates for IP addresses only with this profile.
const SHORT_LIVED: &str = "shortlived";
/// How long to wait after each failure in a row. Let's Encrypt allows five failed checks of a name in an hour.
const RETRY_S: [i64; 6] = [2 * MINUTE_S, 15 * MINUTE_S, HOUR_S, 3 * HOUR_S, 6 * HOUR_S, 12 * HOUR_S];
/// How long to wait if the authority says that we ask too often.
const RATE_LIMITED_S: i64 = 3 * HOUR_S;

/// The certificate in the data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCertificate {
    /// The host names and IP addresses that it was ordered for. Names that the authority has added do not count.
    pub names: Vec<String>,
    /// When its validity begins, in unix seconds.
    pub not_before_s: i64,
    /// When it expires, in unix seconds.
    pub not_after_s: i64,
    /// The directory of the authority that gave it.
    pub directory: String,
    /// When it was ordered, in unix seconds.
    pub ordered_at_s: i64,
    /// A random number that stays the same for this certificate. It spreads the renewals of many servers over time.
    pub jitter: u16,
}

/// When the authority suggests to renew a certificate (RFC 9773 section 4.2), in unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewalWindow {
    pub start_s: i64,
    pub end_s: i64,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum RenewalStep {
    Order(OrderReason),
    /// Wait until this unix time.
    WaitUntil(i64),
}

/// Why a certificate is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderReason {
    /// There is no certificate.
    First,
    /// The current certificate is for other names.
    OtherNames,
    /// The current certificate is from another authority.
    OtherAuthority,
    /// The current certificate expires soon.
    Due,
}

/// A way to prove to the authority that a name leads to this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeKind {
    /// By a TLS handshake on port 443 (RFC 8737).
    TlsAlpn,
    /// By a request on port 80 (RFC 8555 section 8.3).
    Http,
}

/// What an order depends on. If it changes, earlier failures say nothing about the next order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderTarget {
    /// The host names and IP addresses, sorted and without repetition.
    names: Vec<String>,
    directory: String,
    /// The fingerprint of the further roots.
    roots: String,
}

impl OrderTarget {
    pub fn new(identifiers: &[String], directory: &str, roots: String) -> Self {
        Self {
            names: sorted(identifiers).into_iter().cloned().collect(),
            directory: directory.to_owned(),
            roots,
        }
    }
}

/// The orders of one target that have failed, since the last one that succeeded. They are stored, so that a restart does not order again
/// at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFailures {
    pub target: OrderTarget,
    /// How many have failed in a row.
    pub count: u32,
    /// When the last order failed, in unix seconds. If Snug ended during this order, when the order began.
    pub last_at_s: i64,
    /// Whether the authority has said that we ask too often.
    pub is_rate_limited: bool,
    /// Whether we have made a new account, because the authority had refused the one before.
    pub has_new_account: bool,
}

impl OrderFailures {
    pub fn none(target: OrderTarget) -> Self {
        Self {
            target,
            count: 0,
            last_at_s: 0,
            is_rate_limited: false,
            has_new_account: false,
        }
    }

    /// The record with one more failure.
    pub fn plus_one(&self, is_rate_limited: bool, now_s: i64) -> Self {
        Self {
            count: self.count.saturating_add(1),
            last_at_s: now_s,
            is_rate_limited,
            ..self.clone()
        }
    }

    /// How long the next try has to wait, in seconds. If the clock was set back, the last failure seems to be in the future. Then the
    /// whole time counts from now.
    pub fn remaining_s(&self, now_s: i64, jitter: u16) -> i64 {
        if self.count == 0 {
            return 0;
        }
        let passed = now_s.saturating_sub(self.last_at_s).max(0);
        (retry_after_s(self.count, self.is_rate_limited, jitter) - passed).max(0)
    }
}

/// Decides what to do at `now_s`. `wanted` are identifiers, as [`identifier`] returns them.
pub fn next_step(
    wanted: &[String],
    directory: &str,
    held: Option<&HeldCertificate>,
    window: Option<RenewalWindow>,
    now_s: i64,
) -> RenewalStep {
    let Some(held) = held else {
        return RenewalStep::Order(OrderReason::First);
    };
    if sorted(wanted) != sorted(&held.names) {
        return RenewalStep::Order(OrderReason::OtherNames);
    }
    if held.directory != directory {
        return RenewalStep::Order(OrderReason::OtherAuthority);
    }
    let due = due_at(held, window);
    // If the clock was set back, the order seems to be in the future. Then we ignore its time.
    let not_again_before = match held.ordered_at_s <= now_s {
        true => held.ordered_at_s + gap_s(held),
        false => i64::MIN,
    };
    match due.max(not_again_before) {
        at if at <= now_s => RenewalStep::Order(OrderReason::Due),
        at => RenewalStep::WaitUntil(at),
    }
}

/// How a host of our configuration is written in an order: an IPv6 address without its brackets.
pub fn identifier(host: &str) -> String {
    host.trim_matches(['[', ']']).to_owned()
}

/// The profile to ask for, if the authority `offers` it. Certificates for IP addresses are short-lived.
pub fn profile_for(identifiers: &[String], offered: &[String]) -> Option<&'static str> {
    let has_address = identifiers.iter().any(|name| name.parse::<std::net::IpAddr>().is_ok());
    (has_address && offered.iter().any(|profile| profile == SHORT_LIVED)).then_some(SHORT_LIVED)
}

/// The kinds of check, in the order in which to try them. Each failure swaps them, because one of the two ports may be closed.
pub fn challenges_after(failures: u32) -> [ChallengeKind; 2] {
    match failures.is_multiple_of(2) {
        true => [ChallengeKind::TlsAlpn, ChallengeKind::Http],
        false => [ChallengeKind::Http, ChallengeKind::TlsAlpn],
    }
}

/// How long to wait after this many failures in a row, in seconds. `jitter` adds up to a fifth.
pub fn retry_after_s(failures: u32, is_rate_limited: bool, jitter: u16) -> i64 {
    let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = RETRY_S[index.min(RETRY_S.len() - 1)];
    let wait = if is_rate_limited {
        wait.max(RATE_LIMITED_S)
    } else {
        wait
    };
    wait + share(wait / 5, jitter)
}

/// When to renew: at a random moment of the authority's window. Without a window, after two thirds of the certificate's lifetime, or a
/// little earlier. A tenth of the lifetime always remains for more tries.
fn due_at(held: &HeldCertificate, window: Option<RenewalWindow>) -> i64 {
    let life = held.not_after_s - held.not_before_s;
    let latest = held.not_after_s - life / 10;
    let window = window.filter(|window| window.start_s < window.end_s);
    let at = match window {
        Some(window) => window.start_s + share(window.end_s - window.start_s, held.jitter),
        None => held.not_before_s + life / 3 * 2 - share(life / 30, held.jitter),
    };
    at.min(latest)
}

/// The shortest time between two orders: a day for a certificate of 90 days, seven hours for a certificate of six days.
fn gap_s(held: &HeldCertificate) -> i64 {
    ((held.not_after_s - held.not_before_s) / 20).clamp(HOUR_S, DAY_S)
}

/// Scales `jitter` to `span`: 0 gives 0, and the largest `jitter` gives nearly `span`.
fn share(span: i64, jitter: u16) -> i64 {
    span.saturating_mul(i64::from(jitter)) / 65_536
}

fn sorted(names: &[String]) -> Vec<&String> {
    let mut names: Vec<&String> = names.iter().collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
