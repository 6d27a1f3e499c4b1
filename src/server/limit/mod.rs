//! Limits that survive a restart: so many events in so long, by a key that no address can be read from.

mod store;

use super::{
    config::LimitsConfig,
    database::Database,
    error::Result,
    keyring::{Keyring, Purpose, sha256_hex},
};
use crate::{
    error::AppError,
    model::{id::UserId, user::EmailAddress},
};

/// At most `most` events within `window_s` seconds under `key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    key: String,
    window_s: i64,
    most: i64,
    /// The sentence, to which the wait is added.
    sentence: &'static str,
}

/// Counts one event under every limit, or none.
///
/// # Errors
/// `TooMany` with the seconds to wait, where a limit is reached.
pub async fn take(database: &Database, limits: &[Limit], now_s: i64) -> Result<()> {
    if limits.is_empty() {
        return Ok(());
    }
    match store::take(database, limits, now_s).await? {
        None => Ok(()),
        Some((limit, free_at)) => {
            let wait_s = (free_at - now_s).max(1) as u32;
            Err(AppError::too_many(format!("{} Try again in {}.", limit.sentence, in_words(wait_s)), wait_s).into())
        }
    }
}

/// Forgets all events up to `until_s`; how many they were.
///
/// # Errors
/// Where the database can't be reached.
pub async fn forget(database: &Database, until_s: i64) -> Result<u64> {
    Ok(store::forget(database, until_s).await?)
}

/// The limits of asking for a code: an address a minute, an hour, a day, and a network an hour.
pub fn code_limits(limits: &LimitsConfig, keyring: &Keyring, email: &EmailAddress, ip_prefix: &str) -> Vec<Limit> {
    if !limits.enforced {
        return vec![];
    }
    let address = |window_s, most: u32| Limit {
        key: key(keyring, "code", email.as_str()),
        window_s,
        most: most.into(),
        sentence: "A code was sent to this address already. Look for it, in the spam folder too.",
    };
    let network = Limit {
        key: key(keyring, "code-ip", ip_prefix),
        window_s: 3_600,
        most: limits.codes_per_hour_ip.into(),
        sentence: "Many codes were asked for from your network.",
    };
    vec![
        address(60, limits.codes_per_minute),
        address(3_600, limits.codes_per_hour),
        address(86_400, limits.codes_per_day),
        network,
    ]
}

/// The limit of sending pictures.
pub fn upload_limits(limits: &LimitsConfig, keyring: &Keyring, user: &UserId) -> Vec<Limit> {
    if !limits.enforced {
        return vec![];
    }
    vec![Limit {
        key: key(keyring, "upload", user.as_str()),
        window_s: 3_600,
        most: limits.uploads_per_hour.into(),
        sentence: "You changed your picture many times.",
    }]
}

/// The limit of opening rooms.
pub fn open_room_limits(limits: &LimitsConfig, keyring: &Keyring, user: &UserId) -> Vec<Limit> {
    if !limits.enforced {
        return vec![];
    }
    vec![Limit {
        key: key(keyring, "open", user.as_str()),
        window_s: 3_600,
        most: limits.rooms_opened_per_hour.into(),
        sentence: "You opened many rooms in a short time.",
    }]
}

/// The limit of making links into rooms.
pub fn invite_limits(limits: &LimitsConfig, keyring: &Keyring, user: &UserId) -> Vec<Limit> {
    if !limits.enforced {
        return vec![];
    }
    vec![Limit {
        key: key(keyring, "invite", user.as_str()),
        window_s: 3_600,
        most: limits.invites_per_hour.into(),
        sentence: "You made many links in a short time.",
    }]
}

/// The limit of coming in as a guest.
pub fn guest_limits(limits: &LimitsConfig, keyring: &Keyring, ip_prefix: &str) -> Vec<Limit> {
    if !limits.enforced {
        return vec![];
    }
    vec![Limit {
        key: key(keyring, "guest-ip", ip_prefix),
        window_s: 3_600,
        most: limits.guests_per_hour_ip.into(),
        sentence: "Many guests came in from your network. Signing in with an e-mail address works all the same.",
    }]
}

/// The limit of following people.
pub fn follow_limits(limits: &LimitsConfig, keyring: &Keyring, user: &UserId) -> Vec<Limit> {
    if !limits.enforced {
        return vec![];
    }
    vec![Limit {
        key: key(keyring, "follow", user.as_str()),
        window_s: 3_600,
        most: limits.follows_per_hour.into(),
        sentence: "You changed your circle many times.",
    }]
}

/// The limit of refresh tokens that are none of ours. Those that are ours are never counted, however often they come.
pub fn forged_token_limits(limits: &LimitsConfig, keyring: &Keyring, ip_prefix: &str) -> Vec<Limit> {
    if !limits.enforced {
        return vec![];
    }
    vec![Limit {
        key: key(keyring, "forged-ip", ip_prefix),
        window_s: 3_600,
        most: limits.forged_tokens_per_hour_ip.into(),
        sentence: "Many sign-ins that are not good came from your network.",
    }]
}

fn key(keyring: &Keyring, what: &str, whom: &str) -> String {
    sha256_hex(&keyring.mac(Purpose::Limit, &[what.as_bytes(), whom.as_bytes()]))
}

fn in_words(seconds: u32) -> String {
    match seconds {
        0..=90 => format!("{seconds} s"),
        91..=5_400 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}
