//! The table of everything that can be set: a key's place in the file, and how its value is read into the draft.

use toml::Value;

use super::draft::{BackendName, Draft};
use super::reading::{
    choice, days, domains, flag, hosts, ip_addresses, networks, number, parsed, path, seconds, sender,
};
use super::{DatabaseUrl, PublicUrl, S3Url, SignUpMode, SmtpUrl};

pub(super) struct Key {
    /// `table.name`, as under `[snug]` in the file.
    pub path: &'static str,
    /// Whether its value must not be repeated in a message.
    pub secret: bool,
    /// `Err` ends the sentence that begins with the key.
    pub set: fn(&mut Draft, &Value) -> Result<(), String>,
}

impl Key {
    pub fn table(&self) -> &'static str {
        self.path.split_once('.').map_or(self.path, |(table, _)| table)
    }

    pub fn name(&self) -> &'static str {
        self.path.split_once('.').map_or("", |(_, name)| name)
    }

    /// `SNUG_<TABLE>_<KEY>`.
    pub fn variable(&self) -> String {
        format!("SNUG_{}", self.path.replace('.', "_").to_uppercase())
    }

    /// How a message names it, for those who write files and for those who write variables.
    pub fn label(&self) -> String {
        format!("[snug.{}] {} ({})", self.table(), self.name(), self.variable())
    }
}

/// The file, the environment, the checks and the messages all come from this table.
pub(super) const KEYS: &[Key] = &[
    open("data.dir", |d, v| put(&mut d.data_dir, path(v))),
    open("public.url", |d, v| {
        put(&mut d.public_url, parsed(v, PublicUrl::parse).map(Some))
    }),
    open("public.hosts", |d, v| put(&mut d.hosts, hosts(v))),
    open("public.proxies", |d, v| put(&mut d.proxies, networks(v))),
    secret("database.url", |d, v| {
        put(&mut d.database_url, parsed(v, DatabaseUrl::parse).map(Some))
    }),
    open("mail.backend", |d, v| {
        let names = [("outbox", BackendName::Outbox), ("smtp", BackendName::Smtp)];
        put(&mut d.mail_backend, choice(v, &names))
    }),
    secret("mail.smtp_url", |d, v| {
        put(&mut d.smtp_url, parsed(v, SmtpUrl::parse).map(Some))
    }),
    open("mail.from", |d, v| put(&mut d.mail_from, sender(v).map(Some))),
    open("auth.access_ttl_seconds", |d, v| {
        put(&mut d.auth.access_ttl, seconds(v))
    }),
    open("auth.confirm_seconds", |d, v| {
        put(&mut d.auth.confirm_after, seconds(v))
    }),
    open("auth.idle_days", |d, v| put(&mut d.auth.idle, days(v))),
    open("auth.absolute_days", |d, v| put(&mut d.auth.absolute, days(v))),
    open("sign_up.mode", |d, v| {
        let names = [("open", SignUpMode::Open), ("invited", SignUpMode::Invited)];
        put(&mut d.sign_up.mode, choice(v, &names))
    }),
    open("sign_up.allow", |d, v| put(&mut d.sign_up.allow, domains(v))),
    open("sign_up.guests", |d, v| put(&mut d.sign_up.guests, flag(v))),
    open("limits.enforced", |d, v| put(&mut d.limits.enforced, flag(v))),
    open("limits.codes_per_minute", |d, v| {
        put(&mut d.limits.codes_per_minute, count(v))
    }),
    open("limits.codes_per_hour", |d, v| {
        put(&mut d.limits.codes_per_hour, count(v))
    }),
    open("limits.codes_per_day", |d, v| {
        put(&mut d.limits.codes_per_day, count(v))
    }),
    open("limits.codes_per_hour_ip", |d, v| {
        put(&mut d.limits.codes_per_hour_ip, count(v))
    }),
    open("limits.forged_tokens_per_hour_ip", |d, v| {
        put(&mut d.limits.forged_tokens_per_hour_ip, count(v))
    }),
    open("limits.uploads_per_hour", |d, v| {
        put(&mut d.limits.uploads_per_hour, count(v))
    }),
    open("limits.rooms_opened_per_hour", |d, v| {
        put(&mut d.limits.rooms_opened_per_hour, count(v))
    }),
    open("limits.invites_per_hour", |d, v| {
        put(&mut d.limits.invites_per_hour, count(v))
    }),
    open("limits.guests_per_hour_ip", |d, v| {
        put(&mut d.limits.guests_per_hour_ip, count(v))
    }),
    open("limits.follows_per_hour", |d, v| {
        put(&mut d.limits.follows_per_hour, count(v))
    }),
    open("limits.connections_per_address", |d, v| {
        put(&mut d.limits.connections_per_address, count(v))
    }),
    open("voice.udp_port", |d, v| {
        put(&mut d.voice.udp_port, number(v, 0..=65_535))
    }),
    open("voice.advertise", |d, v| put(&mut d.voice.advertise, ip_addresses(v))),
    open("voice.people_per_room", |d, v| {
        put(&mut d.voice.people_per_room, count(v))
    }),
    open("voice.peers_per_user", |d, v| {
        put(&mut d.voice.peers_per_user, count(v))
    }),
    open("voice.peers_per_address", |d, v| {
        put(&mut d.voice.peers_per_address, count(v))
    }),
    open("pictures.max_upload_bytes", |d, v| {
        put(&mut d.pictures.max_upload_bytes, number(v, 64 * 1024..=8 * 1024 * 1024))
    }),
    secret("pictures.s3_url", |d, v| {
        put(&mut d.pictures.s3_url, parsed(v, S3Url::parse).map(Some))
    }),
];

type Set = fn(&mut Draft, &Value) -> Result<(), String>;

const fn open(path: &'static str, set: Set) -> Key {
    Key {
        path,
        secret: false,
        set,
    }
}

const fn secret(path: &'static str, set: Set) -> Key {
    Key {
        path,
        secret: true,
        set,
    }
}

fn put<T>(place: &mut T, read: Result<T, String>) -> Result<(), String> {
    read.map(|value| *place = value)
}

fn count(value: &Value) -> Result<u32, String> {
    number(value, 1..=1_000_000)
}
