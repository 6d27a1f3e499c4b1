//! The settings that the rest of Snug reads, once they are whole and checked.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;

use super::ip_network;
use super::public_url::{PublicUrl, names_this_machine};
use super::s3_url::S3Url;
use super::secret_url::{DatabaseUrl, SmtpUrl};
use crate::model::user::EmailAddress;

/// Everything that can be set. Made only from a draft that was checked, so its parts agree with each other;
/// secrets do not show in `Debug`.
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

impl Config {
    /// Whether a request for this host (without a port) is meant for us. On localhost every name of this machine is: people
    /// open 127.0.0.1, and a program asks `[::1]`. Any other name belongs to somebody who points their own domain here.
    pub fn answers_to(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let here = self.public_url.is_loopback() && names_this_machine(&host);
        here || host == self.public_url.host() || self.hosts.contains(&host)
    }

    /// Whether we believe what this address says about the client behind it.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|proxy| ip_network::holds(*proxy, address))
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
    /// Letters become files under `<data_dir>/outbox/`.
    Outbox,
    Smtp {
        url: SmtpUrl,
    },
}

/// How long sign-ins last.
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
    /// Whether this Snug takes addresses of this domain. Whether a new account may be made is up to `mode`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_up_admits_by_domain() {
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
