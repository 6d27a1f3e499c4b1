//! The checked settings that the rest of Snug reads.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;

use super::days::DAY;
use super::ip_network;
use super::listen::ListenConfig;
use super::log_settings::LogConfig;
use super::metrics_token::MetricsToken;
use super::public_url::{PublicUrl, names_this_machine};
use super::s3_url::S3Url;
use super::secret_url::{DatabaseUrl, SmtpUrl};
use super::tls_source::TlsSource;
use super::turn_server::{TurnSecret, turn_host};
use crate::model::{snug_info::SnugName, user::EmailAddress};

/// All settings. A `Config` is made only from a checked draft, so its values fit each other. `Debug` does not
/// show secrets.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder in which Snug stores everything. A relative path starts at the working directory.
    pub data_dir: PathBuf,
    /// The backups that Snug makes by itself, if the database is SQLite; `None` if it makes none.
    pub backups: Option<BackupPlan>,
    /// The name of this Snug until an owner chooses another one.
    pub name: SnugName,
    pub public_url: PublicUrl,
    pub listen: ListenConfig,
    /// Host names that this Snug accepts in addition to the host of the public URL: lower case, without a port.
    pub hosts: Vec<String>,
    /// The proxies whose `X-Forwarded-For` Snug believes.
    pub proxies: Vec<IpNet>,
    /// How Snug gets the certificate with which it ends TLS itself.
    pub tls: TlsSource,
    pub database_url: DatabaseUrl,
    pub mail: MailConfig,
    pub auth: AuthConfig,
    pub sign_up: SignUpConfig,
    pub limits: LimitsConfig,
    pub voice: VoiceConfig,
    pub pictures: PicturesConfig,
    pub log: LogConfig,
    /// The token with which programs on other machines may read the metrics; `None` if only programs on this machine may.
    pub metrics_token: Option<MetricsToken>,
    pub times: TimeLimits,
}

impl Config {
    /// Whether a request for this host (without a port) is meant for this Snug. If the public URL is on localhost, all
    /// names of this machine are allowed, because people and programs also use `127.0.0.1` and `[::1]`. All other names are
    /// refused, because an attacker can make a domain of their own point at this server (DNS rebinding).
    pub fn answers_to(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let here = self.public_url.is_loopback() && names_this_machine(&host);
        here || host == self.public_url.host() || self.hosts.contains(&host)
    }

    /// The port of the site at which browsers reach voices over TCP, if Snug ends TLS itself and the operator has not switched TCP off.
    pub fn shared_tcp_port(&self) -> Option<u16> {
        let is_shared = self.tls.is_here() && self.voice.tcp_port != Some(0);
        is_shared.then(|| self.public_url.port())
    }

    /// Whether this address is a configured proxy, so that we believe its `X-Forwarded-For`.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|proxy| ip_network::holds(*proxy, address))
    }
}

/// How often Snug makes a backup by itself, and how many of these backups it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupPlan {
    pub every: Duration,
    /// At least 1.
    pub keep: usize,
}

impl Default for BackupPlan {
    /// The default of the configuration: one backup a day, for a week.
    fn default() -> Self {
        Self { every: DAY, keep: 7 }
    }
}

#[derive(Clone, Debug)]
pub struct MailConfig {
    pub backend: MailBackend,
    /// The sender, as `ada@example.org` or `Ada <ada@example.org>`.
    pub from: String,
}

#[derive(Clone, Debug)]
pub enum MailBackend {
    /// E-mails are written to files in `<data_dir>/outbox/`.
    Outbox,
    Smtp {
        url: SmtpUrl,
    },
    /// No e-mails are sent, so nobody can sign in with a code.
    None,
}

/// How long sign-ins last.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthConfig {
    /// How long an access token is valid.
    pub access_ttl: Duration,
    /// When the browser sends an access token that is at least this old and belongs to the current refresh token, we know that the
    /// browser has stored that refresh token. A refresh token is also not rotated until this long after it was last sent. At least
    /// one second, at most half of `access_ttl`. The time must be longer than four messages over the network plus one flush of the cookies
    /// to the disk, because a late response can overwrite the new cookies with the old ones before the new ones are saved.
    /// With the default of 120 s and a flush of 30 s, each message can take 22 s.
    pub confirm_after: Duration,
    /// A session ends this long after it was last used.
    pub idle: Duration,
    /// A session ends this long after the sign-in, even if it is in use.
    pub absolute: Duration,
    /// How long a code from an e-mail is valid.
    pub code_ttl: Duration,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SignUpConfig {
    pub mode: SignUpMode,
    /// Domains in the form `@example.org`, in lower case. If the list is empty, every domain is allowed.
    pub allow: Vec<String>,
    /// Whether links may admit people without an e-mail address.
    pub guests: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SignUpMode {
    /// Everybody who has an e-mail address may make an account.
    Open,
    /// Only people who have a valid link into a room may make an account.
    Invited,
}

impl SignUpConfig {
    /// Whether this Snug accepts e-mail addresses of this domain. `mode` decides separately about new accounts.
    pub fn admits(&self, address: &EmailAddress) -> bool {
        let is_of = |entry: &String| entry.strip_prefix('@') == Some(address.domain());
        self.allow.is_empty() || self.allow.iter().any(is_of)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct LimitsConfig {
    /// Whether the limits per minute, hour and day, `sockets_per_person`, the budgets of signals and the pace of hosts apply. The
    /// configuration can set this to false only if nobody else can reach the server, so only for tests and for trying Snug out.
    pub enforced: bool,
    /// E-mails with a sign-in code to one address.
    pub codes_per_minute: u32,
    pub codes_per_hour: u32,
    pub codes_per_day: u32,
    /// E-mails with a sign-in code to one address that one network requests.
    pub codes_per_minute_same_network: u32,
    pub codes_per_hour_same_network: u32,
    pub codes_per_day_same_network: u32,
    /// E-mails with a sign-in code that one network requests.
    pub codes_per_hour_ip: u32,
    /// Refresh tokens from one network that Snug did not make.
    pub forged_tokens_per_hour_ip: u32,
    /// Pictures that one user uploads.
    pub uploads_per_hour: u32,
    /// Changes of name or picture by one user.
    pub profile_changes_per_minute: u32,
    pub profile_changes_per_hour: u32,
    /// Rooms that one user opens.
    pub rooms_opened_per_hour: u32,
    /// Links into rooms that one user makes.
    pub invites_per_hour: u32,
    /// Guests from one network.
    pub guests_per_hour_ip: u32,
    /// People whom one user follows.
    pub follows_per_hour: u32,
    /// Connections at the same time from one IP address.
    pub connections_per_address: u32,
    /// WebSockets of one user at the same time. Use [`LimitsConfig::sockets_per_person`], which knows whether limits are enforced.
    pub sockets_per_person: u32,
    /// Large requests with a picture that are read at the same time from one IP address.
    pub uploads_at_once_per_address: u32,
    /// Signals from one IP address. Use [`Config::signals_per_second_per_address`], which knows the default.
    pub signals_per_second_per_address: Option<u32>,
}

impl LimitsConfig {
    /// How many WebSockets one user may have at the same time.
    pub fn sockets_per_person(&self) -> usize {
        match self.enforced {
            true => self.sockets_per_person as usize,
            false => usize::MAX,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct VoiceConfig {
    /// 0 means any free port.
    pub udp_port: u16,
    /// The TCP port for people whose network blocks UDP; 0 means none. `None` means the number of the UDP port.
    pub tcp_port: Option<u16>,
    pub advertise: Advertise,
    /// The addresses of the TURN servers, such as `turns:turn.example.org:5349`.
    pub turn_urls: Vec<String>,
    /// The secret that Snug shares with the TURN servers.
    pub turn_secret: Option<TurnSecret>,
    /// Participants in one room at the same time.
    pub people_per_room: u32,
    /// Voice connections of one person at the same time, on all their pages and devices together.
    pub peers_per_user: u32,
    /// Voice connections from one IP address at the same time.
    pub peers_per_address: u32,
}

impl VoiceConfig {
    /// The hosts of the TURN servers, each without its port.
    pub fn turn_hosts(&self) -> Vec<String> {
        self.turn_urls.iter().filter_map(|url| turn_host(url)).collect()
    }
}

/// The addresses at which browsers can reach the voice port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advertise {
    /// Whether the list has the entry `auto`: the addresses of all network interfaces of the machine.
    pub auto: bool,
    pub addresses: Vec<IpAddr>,
    /// Host names, in lower case.
    pub names: Vec<String>,
}

impl Advertise {
    /// Whether we tell browsers the addresses of all network interfaces. An empty list means the same as `auto`.
    pub fn includes_interfaces(&self) -> bool {
        self.auto || (self.addresses.is_empty() && self.names.is_empty())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct PicturesConfig {
    pub max_upload_bytes: usize,
    /// The bucket that stores pictures; `None` for the data folder.
    pub s3_url: Option<S3Url>,
}

/// How long the server waits for what clients send. Operators cannot set these times; tests shorten them.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeLimits {
    /// The head of a request must arrive within this time. Hyper also closes connections that are idle for this long.
    /// Browsers open some connections before they need them, and keep them for 60 s. If we closed such a connection earlier,
    /// the next click could fail with "empty response".
    pub head: Duration,
    /// The handshake of TLS must be done within this time, if Snug ends TLS itself. Browsers take less than a second, even over a slow
    /// mobile network a few seconds.
    pub handshake: Duration,
    /// A request must be answered within this time. The time is long enough to upload a photo over a slow network. It does
    /// not apply to WebSockets after the upgrade.
    pub request: Duration,
    /// A large body can pause for this long at its beginning. After that, it must arrive at the required rate.
    pub body_grace: Duration,
    /// A connection ends if it has something to write and the other side takes none of it for this long.
    pub write: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(75),
            handshake: Duration::from_secs(10),
            request: Duration::from_secs(120),
            body_grace: Duration::from_secs(10),
            write: Duration::from_secs(75),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_up_accepts_only_listed_domains() {
        let ada = EmailAddress::parse("ada@example.org").expect("an address");
        let sub = EmailAddress::parse("ada@sub.example.org").expect("an address");
        let admits = |allow: &[&str], address| {
            let allow = allow.iter().map(|entry| entry.to_string()).collect();
            SignUpConfig {
                mode: SignUpMode::Open,
                allow,
                guests: true,
            }
            .admits(address)
        };
        assert!(admits(&[], &ada));
        assert!(admits(&["@example.com", "@example.org"], &ada));
        assert!(!admits(&["@example.com"], &ada));
        assert!(!admits(&["@example.org"], &sub));
    }
}
