//! The table of all configuration keys. It says how each value is read and checked, and it is the source of the error
//! messages, of `snug config print` and of `docs/configuration.md`.

use super::backup_plan::backup_plan;
use super::config_key::ConfigKey;
use super::draft::BackendName;
use super::log_settings::{LogFormat, LogLevel};
use super::metrics_token::MetricsToken;
use super::parse_value::{
    advertised, choice, days, domains, email_address, flag, hosts, https_url, networks, number, parsed, path, seconds,
    sender, snug_name, socket_address, turn_urls,
};
use super::public_url::PublicUrl;
use super::s3_url::S3Url;
use super::secret_url::{DatabaseUrl, SmtpUrl};
use super::settings::SignUpMode;
use super::turn_server::TurnSecret;
use toml::Value;

pub(super) const KEYS: &[ConfigKey] = &[
    ConfigKey::new(
        "data.dir",
        r#""data""#,
        "The folder in which Snug stores everything it must keep: the database, the keys, the pictures and the \
         outbox. Back it up.",
        |d, v| put(&mut d.data_dir, path(v)),
    ),
    ConfigKey::new(
        "data.backups",
        r#"{ every = "1d", keep = 7 }"#,
        "How often Snug makes a backup by itself, into the folder `backups` of the data folder, and how many of these it keeps. \
         `every` is a number of hours (`12h`), days (`1d`) or weeks (`1w`). A variable has the form `every=1d,keep=7`. With \
         `\"off\"`, Snug makes none, not even before an upgrade. On PostgreSQL, the setting has no effect: use `pg_dump`.",
        |d, v| put(&mut d.backups, backup_plan(v)),
    ),
    ConfigKey::new(
        "public.name",
        r#""Snug""#,
        "The name of this Snug, such as `\"Ada's Snug\"`: at most 40 characters. The home page, the header and title of every \
         page, invitations and e-mails show it. An owner can choose another name on the page `/people`; then this key has no \
         effect any more.",
        |d, v| put(&mut d.name, snug_name(v)),
    ),
    ConfigKey::unset(
        "public.url",
        "`http://localhost` with the port of `site-addr`",
        r#""http://localhost:3000""#,
        "The address that people open, without a path. It must begin with `https://` unless it is on \
         localhost: browsers block the microphone on `http://` pages of any other host.",
        |d, v| put(&mut d.public_url, parsed(v, PublicUrl::parse).map(Some)),
    ),
    ConfigKey::new(
        "public.hosts",
        "[]",
        "Host names that Snug accepts in addition to the host of the public URL, such as `[\"snug.lan\"]`. \
         If the public URL is on localhost, every name of this machine is allowed too. Snug refuses requests \
         for all other names, so that nobody can point their own domain at this Snug.",
        |d, v| put(&mut d.hosts, hosts(v)),
    ),
    ConfigKey::new(
        "public.proxies",
        "[]",
        "The proxies in front of Snug, as addresses or networks: `[\"127.0.0.1\"]`, `[\"10.0.0.0/8\"]`. Snug believes \
         `X-Forwarded-For` from these proxies and from nobody else. Limits then apply to each person behind a proxy, not to the proxy.",
        |d, v| put(&mut d.proxies, networks(v)),
    ),
    ConfigKey::new(
        "public.domains",
        "[]",
        "The host names of this Snug, such as `[\"talk.example.org\"]`, or its public IP address. If you set them, Snug serves `https` \
         itself: it gets a certificate for all of them, keeps it in the data folder, and renews it. The first one becomes the public \
         URL if that is not set, and Snug listens on all addresses at ports 443 and 80 if `site-addr` has its default value. They have \
         to point at this machine, and one of the two ports must be open to the internet. By setting them you agree to the terms of the \
         certificate authority. `snug serve --domain NAME` does the same.",
        |d, v| put(&mut d.domains, hosts(v)),
    ),
    ConfigKey::new(
        "public.acme_url",
        r#""https://acme-v02.api.letsencrypt.org/directory""#,
        "The ACME directory of the certificate authority that gives the certificate for `domains`. The default is Let's Encrypt.",
        |d, v| put(&mut d.acme_url, https_url(v)),
    ),
    ConfigKey::unset(
        "public.acme_ca",
        "the roots of the system",
        r#""/etc/snug/roots.pem""#,
        "A file with further root certificates, in PEM, for a certificate authority that the system does not know, such as one in your \
         own network.",
        |d, v| put(&mut d.acme_ca, path(v).map(Some)),
    ),
    ConfigKey::unset(
        "public.acme_contact",
        "none",
        r#""ada@example.org""#,
        "An e-mail address at which the certificate authority may reach you. Let's Encrypt no longer stores addresses.",
        |d, v| put(&mut d.acme_contact, email_address(v).map(Some)),
    ),
    ConfigKey::unset(
        "public.tls_cert",
        "Snug does not end TLS itself",
        r#""/etc/snug/fullchain.pem""#,
        "A file with the certificate for the host of the public URL, followed by those of its issuers, in PEM. With it, Snug serves \
         `https` itself, without a proxy. Needs `tls_key`. If you replace the files, send the program the signal SIGHUP, and it uses \
         the new ones.",
        |d, v| put(&mut d.tls_cert, path(v).map(Some)),
    ),
    ConfigKey::unset(
        "public.tls_key",
        "Snug does not end TLS itself",
        r#""/etc/snug/privkey.pem""#,
        "The file with the private key of the certificate in `tls_cert`, in PEM and without a passphrase. The user that runs Snug must be \
         able to read it, and nobody else should.",
        |d, v| put(&mut d.tls_key, path(v).map(Some)),
    ),
    ConfigKey::unset(
        "public.http_addr",
        "port 80 of the IP address in `site-addr` if the port there is 443, or else none",
        r#""0.0.0.0:80""#,
        "If Snug ends TLS itself: the IP address and the port on which it redirects people who open its address with `http://`.",
        |d, v| put(&mut d.http_addr, socket_address(v).map(Some)),
    ),
    ConfigKey::unset(
        "database.url",
        "`snug.db` in the data folder",
        r#""sqlite:data/snug.db""#,
        "The database: `sqlite:/path/to/snug.db` or `postgres://user:password@host/database`.",
        |d, v| put(&mut d.database_url, parsed(v, DatabaseUrl::parse).map(Some)),
    )
    .secret(),
    ConfigKey::unset(
        "mail.backend",
        "`\"smtp\"` if `smtp_url` is set, otherwise `\"outbox\"` on localhost and `\"none\"` on a public host",
        r#""smtp""#,
        "`\"smtp\"` sends e-mails through the server in `smtp_url`. `\"outbox\"` writes e-mails to files in the data folder and \
         shows their codes in the terminal. It works on localhost only. `\"none\"` sends no e-mails: people come in by links for \
         guests, owners by the owner link, and the sign-in page says whom to ask.",
        |d, v| {
            let names = [
                ("outbox", BackendName::Outbox),
                ("smtp", BackendName::Smtp),
                ("none", BackendName::None),
            ];
            put(&mut d.mail_backend, choice(v, &names).map(Some))
        },
    ),
    ConfigKey::unset(
        "mail.smtp_url",
        "no mail server",
        r#""smtps://snug%40example.org:password@mail.example.org""#,
        "The mail server: `smtps://user:password@host` (TLS from the start) or \
         `smtp://user:password@host:587?tls=required` (STARTTLS). In the user and the password, write `%40` \
         for @, `%3A` for :, `%2F` for / and `%25` for %. This is a secret: set the variable instead of \
         writing it into the file.",
        |d, v| put(&mut d.smtp_url, parsed(v, SmtpUrl::parse).map(Some)),
    )
    .secret(),
    ConfigKey::unset(
        "mail.from",
        "`snug@` followed by the host of the public URL",
        r#""Snug <snug@localhost>""#,
        "The sender of e-mails.",
        |d, v| put(&mut d.mail_from, sender(v).map(Some)),
    ),
    ConfigKey::new(
        "auth.access_ttl_seconds",
        "600",
        "How long an access token is valid, in seconds. Pages renew it by themselves before it ends, and people do not notice.",
        |d, v| put(&mut d.auth.access_ttl, seconds(v)),
    ),
    ConfigKey::new(
        "auth.confirm_seconds",
        "120",
        "When a browser uses an access token that is at least this many seconds old, Snug knows that the browser has \
         stored the refresh token from the same response. At least 1 and at most half of `access_ttl_seconds`. Only tests need another value.",
        |d, v| put(&mut d.auth.confirm_after, seconds(v)),
    ),
    ConfigKey::new(
        "auth.idle_days",
        "90",
        "Snug signs out a device that was not used for this many days. At most `absolute_days`.",
        |d, v| put(&mut d.auth.idle, days(v)),
    ),
    ConfigKey::new(
        "auth.absolute_days",
        "400",
        "Every sign-in ends after this many days, even on a device that is used every day.",
        |d, v| put(&mut d.auth.absolute, days(v)),
    ),
    ConfigKey::new(
        "sign_up.mode",
        r#""open""#,
        "`\"open\"`: everybody who has an e-mail address may make an account. `\"invited\"`: only people who \
         have a valid link into a room may make an account.",
        |d, v| {
            let names = [("open", SignUpMode::Open), ("invited", SignUpMode::Invited)];
            put(&mut d.sign_up.mode, choice(v, &names))
        },
    ),
    ConfigKey::new(
        "sign_up.allow",
        "[]",
        "The domains whose e-mail addresses Snug accepts, such as `[\"@example.org\"]`. If the list is empty, \
         Snug accepts all.",
        |d, v| put(&mut d.sign_up.allow, domains(v)),
    ),
    ConfigKey::new(
        "sign_up.guests",
        "true",
        "Whether hosts may make links that admit guests: people without an e-mail address, who choose only a \
         name and a picture. If you switch this off, guests who are already here stay.",
        |d, v| put(&mut d.sign_up.guests, flag(v)),
    ),
    ConfigKey::new(
        "limits.enforced",
        "true",
        "Whether Snug applies the limits per minute, hour and day, the limit `sockets_per_person`, and the limits on how fast \
         people open pages and act in rooms. `false` is for trying Snug out: it needs a public URL on localhost, `site-addr` \
         on 127.0.0.1, and a mail backend that sends nothing.",
        |d, v| put(&mut d.limits.enforced, flag(v)),
    ),
    ConfigKey::new(
        "limits.codes_per_minute",
        "5",
        "How many e-mails with a sign-in code one address may get in a minute. A third of each limit on codes, but at \
         least one code, is kept for browsers that were signed in with the address before.",
        |d, v| put(&mut d.limits.codes_per_minute, count(v)),
    ),
    ConfigKey::new(
        "limits.codes_per_hour",
        "30",
        "How many e-mails with a sign-in code one address may get in an hour.",
        |d, v| put(&mut d.limits.codes_per_hour, count(v)),
    ),
    ConfigKey::new(
        "limits.codes_per_day",
        "100",
        "How many e-mails with a sign-in code one address may get in a day. With a low number, strangers can keep a person from \
         signing in by asking for codes to their address.",
        |d, v| put(&mut d.limits.codes_per_day, count(v)),
    ),
    ConfigKey::new(
        "limits.codes_per_minute_same_network",
        "1",
        "How many e-mails with a sign-in code one network may request for one address in a minute.",
        |d, v| put(&mut d.limits.codes_per_minute_same_network, count(v)),
    ),
    ConfigKey::new(
        "limits.codes_per_hour_same_network",
        "5",
        "How many e-mails with a sign-in code one network may request for one address in an hour.",
        |d, v| put(&mut d.limits.codes_per_hour_same_network, count(v)),
    ),
    ConfigKey::new(
        "limits.codes_per_day_same_network",
        "20",
        "How many e-mails with a sign-in code one network may request for one address in a day.",
        |d, v| put(&mut d.limits.codes_per_day_same_network, count(v)),
    ),
    ConfigKey::new(
        "limits.codes_per_hour_ip",
        "30",
        "How many e-mails with a sign-in code one network (/24 of IPv4, /48 of IPv6) may ask for in an hour. Raise it if \
         many people share a network, as in a school.",
        |d, v| put(&mut d.limits.codes_per_hour_ip, count(v)),
    ),
    ConfigKey::new(
        "limits.forged_tokens_per_hour_ip",
        "100",
        "How many forged refresh tokens one network may send in an hour. A browser that is signed in never sends one.",
        |d, v| put(&mut d.limits.forged_tokens_per_hour_ip, count(v)),
    ),
    ConfigKey::new(
        "limits.uploads_per_hour",
        "30",
        "How many pictures one person may upload in an hour.",
        |d, v| put(&mut d.limits.uploads_per_hour, count(v)),
    ),
    ConfigKey::new(
        "limits.profile_changes_per_minute",
        "10",
        "How often one person may change their name or picture in a minute.",
        |d, v| put(&mut d.limits.profile_changes_per_minute, count(v)),
    ),
    ConfigKey::new(
        "limits.profile_changes_per_hour",
        "60",
        "How often one person may change their name or picture in an hour.",
        |d, v| put(&mut d.limits.profile_changes_per_hour, count(v)),
    ),
    ConfigKey::new(
        "limits.rooms_opened_per_hour",
        "20",
        "How many rooms one person may open in an hour.",
        |d, v| put(&mut d.limits.rooms_opened_per_hour, count(v)),
    ),
    ConfigKey::new(
        "limits.invites_per_hour",
        "60",
        "How many links into rooms one person may make in an hour.",
        |d, v| put(&mut d.limits.invites_per_hour, count(v)),
    ),
    ConfigKey::new(
        "limits.guests_per_hour_ip",
        "30",
        "How many guests may come in from one network (/24 of IPv4, /48 of IPv6) in an hour. Raise it if \
         many people share a network.",
        |d, v| put(&mut d.limits.guests_per_hour_ip, count(v)),
    ),
    ConfigKey::new(
        "limits.follows_per_hour",
        "200",
        "How many people one person may follow in an hour.",
        |d, v| put(&mut d.limits.follows_per_hour, count(v)),
    ),
    ConfigKey::new(
        "limits.connections_per_address",
        "512",
        "How many connections one IP address (IPv6: one /64) may have at the same time. At most three \
         quarters of these can be WebSockets, which open pages keep.",
        |d, v| put(&mut d.limits.connections_per_address, count(v)),
    ),
    ConfigKey::new(
        "limits.sockets_per_person",
        "16",
        "How many WebSockets one person may have open at the same time, over all pages and devices. A page has one, or two if it shows \
         the list of rooms during a call. If a person opens one more, Snug closes the oldest WebSocket of a list or, \
         if there is none, the oldest of a room. The page of the closed WebSocket says so.",
        |d, v| put(&mut d.limits.sockets_per_person, count(v)),
    ),
    ConfigKey::new(
        "limits.uploads_at_once_per_address",
        "4",
        "How many large requests with a picture Snug reads at the same time from one IP address (IPv6: one /64), and how many times \
         8 MiB of memory they may take. More requests wait for up to 3 seconds. At most 8. Raise it if many people share an address, as \
         in a school. All addresses together may take 64 MiB.",
        |d, v| put(&mut d.limits.uploads_at_once_per_address, number(v, 1..=8)),
    ),
    ConfigKey::unset(
        "limits.signals_per_second_per_address",
        "the value of `voice.peers_per_address`",
        "512",
        "How many messages one IP address (IPv6: one /64) may send on the WebSockets of rooms in a second, at least 60. An \
         address may open a quarter as many WebSockets in a second, and try a tenth as many voice connections. Raise it if many people share an \
         address, as in a school.",
        |d, v| put(&mut d.limits.signals_per_second_per_address, count(v).map(Some)),
    ),
    ConfigKey::new(
        "voice.udp_port",
        "3478",
        "The UDP port that all voice connections use. Open it in the firewall. 0 means any free port.",
        |d, v| put(&mut d.voice.udp_port, number(v, 0..=65_535)),
    ),
    ConfigKey::unset(
        "voice.tcp_port",
        "the number of `udp_port`, if no other program uses it",
        "3478",
        "The TCP port for voices of people whose network blocks UDP. Open it in the firewall too. If Snug ends TLS itself, voices over \
         TCP also come in on the port of the site. 0 means neither: then these people hear nothing.",
        |d, v| put(&mut d.voice.tcp_port, number(v, 0..=65_535).map(Some)),
    ),
    ConfigKey::new(
        "voice.advertise",
        "[]",
        "The addresses at which browsers reach the voice port: IP addresses, host names, and `auto` for every address of the \
         network interfaces of this machine. Behind NAT, set the public address and `auto`, such as `[\"203.0.113.7\", \"auto\"]`: \
         with `auto`, people in your own network can hear too. Snug looks up host names again every minute. An empty list means \
         the same as `[\"auto\"]`.",
        |d, v| put(&mut d.voice.advertise, advertised(v)),
    ),
    ConfigKey::new(
        "voice.turn_urls",
        "[]",
        "TURN servers for people whose network lets nothing else through, such as `[\"turns:turn.example.org:443\"]`. Snug \
         itself is no TURN server; coturn is one. Needs `turn_secret`.",
        |d, v| put(&mut d.voice.turn_urls, turn_urls(v)),
    ),
    ConfigKey::unset(
        "voice.turn_secret",
        "no TURN server",
        r#""at least 16 characters""#,
        "The secret that the TURN servers share with Snug (`static-auth-secret` in coturn). Snug makes credentials from it \
         that are valid for an hour. This is a secret: set the variable instead of writing it into the file.",
        |d, v| put(&mut d.voice.turn_secret, parsed(v, TurnSecret::parse).map(Some)),
    )
    .secret(),
    ConfigKey::new(
        "voice.people_per_room",
        "500",
        "How many participants one room may have at the same time. The owner of the room can always come in.",
        |d, v| put(&mut d.voice.people_per_room, count(v)),
    ),
    ConfigKey::new(
        "voice.peers_per_user",
        "4",
        "How many voice connections one person may have at the same time, over all pages and devices.",
        |d, v| put(&mut d.voice.peers_per_user, count(v)),
    ),
    ConfigKey::new(
        "voice.peers_per_address",
        "512",
        "How many voice connections one IP address (IPv6: one /64) may have at the same time. Unless \
         `limits.signals_per_second_per_address` is set, the rates at which an address may join and send signals grow with it. \
         Raise it if many people share an address, as in a school.",
        |d, v| put(&mut d.voice.peers_per_address, count(v)),
    ),
    ConfigKey::new(
        "pictures.max_upload_bytes",
        "8388608",
        "The largest photo that people may upload, in bytes. At most 8388608 (8 MiB).",
        |d, v| put(&mut d.pictures.max_upload_bytes, number(v, 64 * 1024..=8 * 1024 * 1024)),
    ),
    ConfigKey::unset(
        "pictures.s3_url",
        "pictures are in the data folder",
        r#""s3://key:secret@snug-faces?region=eu-central-1""#,
        "A bucket for the pictures, used by this Snug only: `s3://key:secret@bucket?region=eu-central-1`. \
         For a server other than Amazon S3 (MinIO, Garage, R2), add `&endpoint=https://s3.example.org`. In \
         the key and the secret, write `%2F` for /, `%2B` for + and `%25` for %. This is a secret: set the \
         variable instead of writing it into the file.",
        |d, v| put(&mut d.pictures.s3_url, parsed(v, S3Url::parse).map(Some)),
    )
    .secret(),
    ConfigKey::new(
        "log.format",
        r#""text""#,
        "The form of the log: `\"text\"` for people, or `\"json\"` for programs that collect logs, with one JSON object for each line.",
        |d, v| {
            let names = [("text", LogFormat::Text), ("json", LogFormat::Json)];
            put(&mut d.log.format, choice(v, &names))
        },
    ),
    ConfigKey::new(
        "log.level",
        r#""info""#,
        "What Snug logs of itself: `\"error\"`, `\"warn\"`, `\"info\"`, `\"debug\"` or `\"trace\"`, each with everything before it. Of its \
         libraries, Snug logs warnings and errors. The variable `RUST_LOG` overrides this key, and can set a level for each part.",
        |d, v| {
            let names = LogLevel::ALL.map(|level| (level.as_str(), level));
            put(&mut d.log.level, choice(v, &names))
        },
    ),
    ConfigKey::unset(
        "metrics.token",
        "only programs on this machine may read the metrics",
        r#""a-secret-of-at-least-16-characters""#,
        "The token with which programs on other machines may read `/metrics`. They send it in the header `Authorization: Bearer`. This \
         is a secret: set the variable instead of writing it into the file.",
        |d, v| put(&mut d.metrics_token, parsed(v, MetricsToken::parse).map(Some)),
    )
    .secret(),
];

fn put<T>(place: &mut T, read: Result<T, String>) -> Result<(), String> {
    read.map(|value| *place = value)
}

fn count(value: &Value) -> Result<u32, String> {
    number(value, 1..=1_000_000)
}
