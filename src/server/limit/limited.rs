//! The table of all limits. Each limit has a key, a time window, a number of events and a message.

use crate::{
    model::{id::UserId, user::EmailAddress},
    server::{
        config::LimitsConfig,
        keyring::{Keyring, Purpose, sha256_hex},
    },
};

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 60 * MINUTE_S;
const DAY_S: i64 = 24 * HOUR_S;

/// How often a person can try to delete their account within an hour: more often than anybody mistypes their own address.
const DELETIONS_PER_HOUR: u32 = 10;
/// The name of that limit in the metrics.
const OF_DELETIONS: &str = "deletions_per_hour";

/// How often an owner can send a test letter within an hour.
const TEST_LETTERS_PER_HOUR: u32 = 10;
/// The name of that limit in the metrics.
const OF_TEST_LETTERS: &str = "test_letters_per_hour";

const CODE_SENT: &str = "A code was already sent to this address. Look for it, also in your spam folder.";

/// At most `most` events within `window_s` seconds under `key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    pub(super) key: String,
    /// The setting of the limit, such as `limits.codes_per_hour`. For the metrics.
    pub(super) setting: &'static str,
    pub(super) window_s: i64,
    pub(super) most: i64,
    /// The message for the person, to which the time to wait is added.
    pub(super) sentence: &'static str,
    /// The value of the setting, if the limit is that of a whole network. Many people can share a network, so the operator must learn
    /// that the limit is reached.
    pub(super) of_network: Option<u32>,
    /// If the event comes from a browser that was signed in before: the part of the limit that is kept for such browsers.
    pub(super) reserve: Option<Reserve>,
}

/// The part of a limit that strangers can't use up. Its events are counted under a key of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserve {
    pub(super) key: String,
    pub(super) most: i64,
}

impl Limit {
    /// Keeps a third of the limit, but at least one event, for browsers that were signed in before. Everybody shares the rest, which
    /// is at least one event, too. `known` says whether this event comes from such a browser.
    fn keeping_a_third(self, known: bool, reserve_key: String) -> Self {
        let third = self.most / 3;
        Self {
            most: (self.most - third).max(1),
            reserve: known.then(|| Reserve {
                key: reserve_key,
                most: third.max(1),
            }),
            ..self
        }
    }
}

/// A limited action. Its events are counted for each e-mail address, user or network separately. The text of a network is that of
/// `Visit::ip_prefix`.
#[derive(Debug, Clone, Copy)]
pub enum Limited<'a> {
    /// Asking for a code to this address, from this network. `known` says whether the browser was signed in with this address before.
    ///
    /// Requests of one network for one address are limited tightly. All requests for an address are limited loosely, so that a
    /// stranger who asks for codes to somebody's address doesn't keep the person out. A third of each limit is kept for browsers that
    /// were signed in with the address before.
    Code {
        email: &'a EmailAddress,
        ip_prefix: &'a str,
        known: bool,
    },
    /// Sending a picture.
    Upload(&'a UserId),
    /// Changing name and picture.
    ChangeProfile(&'a UserId),
    /// Opening a room.
    OpenRoom(&'a UserId),
    /// Making a link into a room.
    Invite(&'a UserId),
    /// Coming in as a guest from this network.
    Guest { ip_prefix: &'a str },
    /// Following or unfollowing a person.
    Follow(&'a UserId),
    /// An attempt to delete an account.
    DeleteAccount(&'a UserId),
    /// Sending a test letter.
    TestLetter(&'a UserId),
    /// Sending a refresh token that Snug did not make. Tokens that Snug made are never counted, however often a browser sends them.
    ForgedToken { ip_prefix: &'a str },
}

impl Limited<'_> {
    /// The limits that apply, in the order in which they are checked; none if limits are switched off.
    pub fn limits(self, config: &LimitsConfig, keyring: &Keyring) -> Vec<Limit> {
        if !config.enforced {
            return vec![];
        }
        // The key of the rows in the database is made of `name` and `whom`. So a limit whose name changes starts to count from zero.
        // The key is a keyed hash, so that the table does not show who signed in from where.
        let limit = |(name, setting): (&str, &'static str), whom: &str, window_s: i64, most: u32, sentence| Limit {
            key: key(keyring, name, whom),
            setting,
            window_s,
            most: most.into(),
            sentence,
            of_network: is_of_network(name).then_some(most),
            reserve: None,
        };
        match self {
            Self::Code {
                email,
                ip_prefix,
                known,
            } => {
                let here = format!("{ip_prefix} {}", email.as_str());
                let code = |names: (&str, &'static str), whom: &str, window_s: i64, most: u32, sentence| {
                    let reserve_key = key(keyring, &format!("{}-known", names.0), whom);
                    limit(names, whom, window_s, most, sentence).keeping_a_third(known, reserve_key)
                };
                let (address, network) = (email.as_str(), "Many codes were requested from your network.");
                vec![
                    code(
                        ("code-here", "limits.codes_per_minute_same_network"),
                        &here,
                        MINUTE_S,
                        config.codes_per_minute_same_network,
                        CODE_SENT,
                    ),
                    code(
                        ("code-here", "limits.codes_per_hour_same_network"),
                        &here,
                        HOUR_S,
                        config.codes_per_hour_same_network,
                        CODE_SENT,
                    ),
                    code(
                        ("code-here", "limits.codes_per_day_same_network"),
                        &here,
                        DAY_S,
                        config.codes_per_day_same_network,
                        CODE_SENT,
                    ),
                    code(
                        ("code", "limits.codes_per_minute"),
                        address,
                        MINUTE_S,
                        config.codes_per_minute,
                        CODE_SENT,
                    ),
                    code(
                        ("code", "limits.codes_per_hour"),
                        address,
                        HOUR_S,
                        config.codes_per_hour,
                        CODE_SENT,
                    ),
                    code(
                        ("code", "limits.codes_per_day"),
                        address,
                        DAY_S,
                        config.codes_per_day,
                        CODE_SENT,
                    ),
                    code(
                        ("code-ip", "limits.codes_per_hour_ip"),
                        ip_prefix,
                        HOUR_S,
                        config.codes_per_hour_ip,
                        network,
                    ),
                ]
            }
            Self::Upload(user) => vec![limit(
                ("upload", "limits.uploads_per_hour"),
                user.as_str(),
                HOUR_S,
                config.uploads_per_hour,
                "You changed your picture many times.",
            )],
            Self::ChangeProfile(user) => {
                let profile = |setting: &'static str, window_s: i64, most: u32| {
                    let sentence = "You changed your name or picture many times.";
                    limit(("profile", setting), user.as_str(), window_s, most, sentence)
                };
                vec![
                    profile(
                        "limits.profile_changes_per_minute",
                        MINUTE_S,
                        config.profile_changes_per_minute,
                    ),
                    profile(
                        "limits.profile_changes_per_hour",
                        HOUR_S,
                        config.profile_changes_per_hour,
                    ),
                ]
            }
            Self::OpenRoom(user) => vec![limit(
                ("open", "limits.rooms_opened_per_hour"),
                user.as_str(),
                HOUR_S,
                config.rooms_opened_per_hour,
                "You opened many rooms in a short time.",
            )],
            Self::Invite(user) => vec![limit(
                ("invite", "limits.invites_per_hour"),
                user.as_str(),
                HOUR_S,
                config.invites_per_hour,
                "You made many links in a short time.",
            )],
            Self::Guest { ip_prefix } => vec![limit(
                ("guest-ip", "limits.guests_per_hour_ip"),
                ip_prefix,
                HOUR_S,
                config.guests_per_hour_ip,
                "Many guests came in from your network, so only people with an account can come in now.",
            )],
            Self::Follow(user) => vec![limit(
                ("follow", "limits.follows_per_hour"),
                user.as_str(),
                HOUR_S,
                config.follows_per_hour,
                "You followed or unfollowed people many times.",
            )],
            Self::DeleteAccount(user) => vec![limit(
                ("delete", OF_DELETIONS),
                user.as_str(),
                HOUR_S,
                DELETIONS_PER_HOUR,
                "You tried many times to delete your account.",
            )],
            Self::TestLetter(user) => vec![limit(
                ("test-letter", OF_TEST_LETTERS),
                user.as_str(),
                HOUR_S,
                TEST_LETTERS_PER_HOUR,
                "You sent many test letters.",
            )],
            Self::ForgedToken { ip_prefix } => vec![limit(
                ("forged-ip", "limits.forged_tokens_per_hour_ip"),
                ip_prefix,
                HOUR_S,
                config.forged_tokens_per_hour_ip,
                "Many invalid sign-ins came from your network.",
            )],
        }
    }
}

fn key(keyring: &Keyring, name: &str, whom: &str) -> String {
    sha256_hex(&keyring.mac(Purpose::Limit, &[name.as_bytes(), whom.as_bytes()]))
}

/// Whether the limit `name` is that of a whole network.
fn is_of_network(name: &str) -> bool {
    name.ends_with("-ip")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Config;

    #[test]
    fn an_update_does_not_change_the_keys_under_which_events_are_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let keyring = Keyring::for_tests();
        let mut config = Config::for_tests(folder.path()).limits;
        let email = EmailAddress::parse("ada@example.org").expect("an address");
        let user = UserId::parse("aaaaaaaaaaaaaaaaaaaa").expect("an id");
        let ip_prefix = "192.0.2.0/24";
        let (by_email, by_user, by_network) = (email.as_str(), user.as_str(), ip_prefix);
        let code = Limited::Code {
            email: &email,
            ip_prefix,
            known: true,
        };
        let here = "192.0.2.0/24 ada@example.org";
        let code_keys = [
            ("code-here", here),
            ("code-here", here),
            ("code-here", here),
            ("code", by_email),
            ("code", by_email),
            ("code", by_email),
            ("code-ip", by_network),
        ];
        let table: [(Limited, &[(&str, &str)]); 10] = [
            (code, &code_keys),
            (Limited::Upload(&user), &[("upload", by_user)]),
            (
                Limited::ChangeProfile(&user),
                &[("profile", by_user), ("profile", by_user)],
            ),
            (Limited::OpenRoom(&user), &[("open", by_user)]),
            (Limited::Invite(&user), &[("invite", by_user)]),
            (Limited::Guest { ip_prefix }, &[("guest-ip", by_network)]),
            (Limited::Follow(&user), &[("follow", by_user)]),
            (Limited::DeleteAccount(&user), &[("delete", by_user)]),
            (Limited::TestLetter(&user), &[("test-letter", by_user)]),
            (Limited::ForgedToken { ip_prefix }, &[("forged-ip", by_network)]),
        ];
        for (limited, parts) in table {
            config.enforced = false;
            assert!(
                limited.limits(&config, &keyring).is_empty(),
                "{limited:?} when switched off"
            );
            config.enforced = true;
            let limits = limited.limits(&config, &keyring);
            let keys: Vec<&str> = limits.iter().map(|limit| limit.key.as_str()).collect();
            let mac = |(name, whom): &(&str, &str)| keyring.mac(Purpose::Limit, &[name.as_bytes(), whom.as_bytes()]);
            let wanted: Vec<String> = parts.iter().map(|part| sha256_hex(&mac(part))).collect();
            assert_eq!(keys, wanted, "{limited:?}");
            for (limit, (name, _)) in limits.iter().zip(parts) {
                assert_eq!(limit.of_network.is_some(), name.ends_with("-ip"), "{name}");
                let is_listed = |key: &str| Config::reference().contains(&format!("\n{key} ="));
                let setting = limit.setting.strip_prefix("limits.");
                let has_no_setting = match *name {
                    "delete" => limit.setting == OF_DELETIONS,
                    "test-letter" => limit.setting == OF_TEST_LETTERS,
                    _ => false,
                };
                assert_ne!(setting.is_some_and(is_listed), has_no_setting, "{:?}", limit.setting);
            }
        }
        let reserves = code.limits(&config, &keyring);
        let reserves: Vec<&str> = reserves
            .iter()
            .filter_map(|limit| Some(limit.reserve.as_ref()?.key.as_str()))
            .collect();
        let reserve = |(name, whom): &(&str, &str)| key(&keyring, &format!("{name}-known"), whom);
        assert_eq!(reserves, code_keys.iter().map(reserve).collect::<Vec<String>>());
    }

    #[test]
    fn a_third_of_a_limit_is_kept_for_known_browsers_and_strangers_always_get_one_event() {
        let limit = |most| Limit {
            key: "key".into(),
            setting: "limits.codes_per_hour_ip",
            window_s: 60,
            most,
            sentence: "",
            of_network: Some(30),
            reserve: None,
        };
        for (most, shared, kept) in [(1, 1, 1), (2, 2, 1), (3, 2, 1), (5, 4, 1), (20, 14, 6), (30, 20, 10)] {
            let known = limit(most).keeping_a_third(true, "reserve".into());
            assert_eq!(
                (known.most, known.reserve.map(|reserve| reserve.most)),
                (shared, Some(kept))
            );
            let stranger = limit(most).keeping_a_third(false, "reserve".into());
            assert_eq!((stranger.most, stranger.reserve), (shared, None));
            assert_eq!(stranger.of_network, Some(30), "the log names the whole limit");
        }
    }
}
