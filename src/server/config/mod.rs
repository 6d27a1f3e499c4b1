//! What an operator may set: `Leptos.toml`, overridden by `SNUG_<TABLE>_<KEY>`, checked whole before anything starts.

mod all_config_keys;
mod config_key;
mod draft;
mod ip_network;
mod parse_value;
mod public_url;
mod reference;
#[cfg(test)]
mod reference_page;
mod rules;
mod s3_url;
mod secret_url;
mod sources;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use ipnet::IpNet;

use crate::model::user::EmailAddress;

pub(super) use parse_value::split_sender;
pub use public_url::PublicUrl;
pub use s3_url::S3Url;
pub use secret_url::{DatabaseUrl, SmtpUrl};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Everything that can be set. Made only by `load`, so its parts agree with each other; secrets do not show in `Debug`.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything lies that must outlive the process. Relative to the working directory.
    pub data_dir: PathBuf,
    pub public_url: PublicUrl,
    /// Host names that this Snug answers to besides that of the public URL, lower case, without a port.
    pub hosts: Vec<String>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpNet>,
    pub database_url: DatabaseUrl,
    pub mail: MailConfig,
    pub auth: AuthConfig,
    pub sign_up: SignUpConfig,
    pub limits: LimitsConfig,
    pub voice: VoiceConfig,
    pub pictures: PicturesConfig,
    pub times: TimeLimits,
}

#[derive(Clone, Debug)]
pub struct MailConfig {
    pub backend: MailBackend,
    /// The sender, as `ada@example.org` or `Ada <ada@example.org>`.
    pub from: String,
}

#[derive(Clone, Debug)]
pub enum MailBackend {
    /// Letters become files under `<data_dir>/outbox/`.
    Outbox,
    Smtp {
        url: SmtpUrl,
    },
}

/// How long sign-ins last; `design/sessions.md` gives the reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthConfig {
    pub access_ttl: Duration,
    /// At least one second, at most half of `access_ttl`.
    pub confirm_after: Duration,
    /// A session ends this long after it was last used.
    pub idle: Duration,
    /// A session ends this long after the sign-in, however much it is used.
    pub absolute: Duration,
    pub code_ttl: Duration,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SignUpConfig {
    pub mode: SignUpMode,
    /// Domains as `@example.org`, lower case; empty means every domain.
    pub allow: Vec<String>,
    /// Whether links may admit people without an address.
    pub guests: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SignUpMode {
    /// Whoever has an address may make an account.
    Open,
    /// Only those who were invited may.
    Invited,
}

impl SignUpConfig {
    /// Whether this Snug takes addresses of this domain; who may come in besides is `mode`.
    pub fn admits(&self, address: &EmailAddress) -> bool {
        let is_of = |entry: &String| entry.strip_prefix('@') == Some(address.domain());
        self.allow.is_empty() || self.allow.iter().any(is_of)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct LimitsConfig {
    /// False only on a loopback public URL with outbox mail: for tests and for trying things out.
    pub enforced: bool,
    /// Letters with a code to one e-mail address.
    pub codes_per_minute: u32,
    pub codes_per_hour: u32,
    pub codes_per_day: u32,
    /// Letters with a code asked for from one IP address.
    pub codes_per_hour_ip: u32,
    /// Refresh tokens that are none of ours, from one network.
    pub forged_tokens_per_hour_ip: u32,
    /// By one user.
    pub uploads_per_hour: u32,
    /// By one user.
    pub rooms_opened_per_hour: u32,
    /// Links into rooms made by one user.
    pub invites_per_hour: u32,
    /// People who come in as guests from one network.
    pub guests_per_hour_ip: u32,
    /// People one user takes into their circle.
    pub follows_per_hour: u32,
    /// Connections at the same time from one IP address.
    pub connections_per_address: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct VoiceConfig {
    /// 0 takes any free port.
    pub udp_port: u16,
    /// The addresses that browsers are told; empty means every interface of the machine.
    pub advertise: Vec<IpAddr>,
    /// Participants in one room at the same time.
    pub people_per_room: u32,
    /// Voice connections of one person, over all pages and devices.
    pub peers_per_user: u32,
    /// Voice connections from one IP address.
    pub peers_per_address: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PicturesConfig {
    pub max_upload_bytes: usize,
    /// The bucket that pictures go to instead of the data folder.
    pub s3_url: Option<S3Url>,
}

/// How long the endpoint waits for what clients send. Not for operators to set: tests do.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeLimits {
    /// A request's head must be here within this time. Hyper counts idle connections too, and browsers keep one they opened
    /// ahead of need for 60 s: closed under them before that, the next click would end in "empty response".
    pub head: Duration,
    /// A request, a photo over a slow line among them; sockets are not bound by it once they are upgraded.
    pub request: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(75),
            request: Duration::from_secs(120),
        }
    }
}

/// A configuration to start with, and sentences that the operator should read all the same.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    pub warnings: Vec<String>,
}

/// Everything that is wrong with a configuration: one sentence each, which names the key and its variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Problems(pub Vec<String>);

impl Config {
    /// Every key with its documentation, its variable and its default value, as a TOML file. It tells nothing about this
    /// machine.
    pub fn reference() -> String {
        reference::render()
    }

    /// Reads `Leptos.toml` at `file` (where it is absent the defaults hold) and this process's environment.
    ///
    /// # Errors
    /// As `load`.
    pub fn from_machine(file: &Path) -> Result<Loaded, Problems> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Problems(vec![format!("{} cannot be read: {error}.", file.display())])),
        };
        let lossy = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
        Self::load(
            &text,
            std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))),
        )
    }

    /// `file_text` is that of `Leptos.toml`; of `env` only `SNUG_*` and `LEPTOS_SITE_ADDR` are looked at, and an empty
    /// value is as good as none.
    ///
    /// # Errors
    /// All problems together, so that an operator mends them in one go.
    pub fn load(file_text: &str, env: impl IntoIterator<Item = (String, String)>) -> Result<Loaded, Problems> {
        let found = sources::find_settings(file_text, env);
        let mut draft = draft::Draft {
            site: found.site,
            ..Default::default()
        };
        let mut problems = found.problems;
        let mut wrong = Vec::new();
        for setting in found.settings {
            if let Err(sentence) = (setting.key.set)(&mut draft, &setting.value) {
                problems.push(setting.problem(&sentence));
                wrong.push(setting.key.path);
            }
        }
        problems.extend(rules::list_broken(&draft, &wrong));
        let warnings = [found.warnings, rules::list_warnings(&draft)].concat();
        match draft.finish() {
            Ok(config) if problems.is_empty() => Ok(Loaded { config, warnings }),
            _ => Err(Problems(problems)),
        }
    }

    /// Whether a request for this host (without a port) is meant for us. On localhost every name of this machine is: one
    /// opens 127.0.0.1, a program asks `[::1]`. Any other name is that of somebody who points their own domain here.
    pub fn answers_to(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let here = self.public_url.is_loopback() && public_url::names_this_machine(&host);
        here || host == self.public_url.host() || self.hosts.contains(&host)
    }

    /// Whether what this address says of the one behind it is believed.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|proxy| ip_network::holds(*proxy, address))
    }

    /// The defaults over a folder of the test's own, without limits and on any free voice port, so that tests that run
    /// at once do not meet.
    pub fn for_tests(data_dir: &Path) -> Self {
        let draft = draft::Draft {
            data_dir: data_dir.to_owned(),
            ..Default::default()
        };
        let mut config = draft.finish().expect("the defaults need nothing else");
        config.limits.enforced = false;
        config.voice.udp_port = 0;
        config
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("Snug cannot start with this configuration:")?,
            count => write!(f, "Snug cannot start with this configuration, for {count} reasons:")?,
        }
        self.0.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for Problems {}
