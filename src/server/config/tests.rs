//! Tests of whole configurations: what an operator writes, and what Snug makes of it.

mod addresses;
mod mail;
mod shipped_file;
mod tls;

use std::{net::IpAddr, path::Path};

use super::days::DAY;
use super::{Advertise, Config, Loaded, LogFormat, LogLevel, MailBackend, Problems, VoiceConfig};

const LEPTOS_TOML: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Leptos.toml"));

fn load(file: &str, env: &[(&str, &str)]) -> Result<Loaded, Problems> {
    let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    Config::load(file, env)
}

fn config(file: &str, env: &[(&str, &str)]) -> Config {
    load(file, env).expect("a good configuration").config
}

fn problems(file: &str, env: &[(&str, &str)]) -> Vec<String> {
    load(file, env).expect_err("a bad configuration").0
}

const SMTP: [(&str, &str); 2] = [
    ("SNUG_MAIL_BACKEND", "smtp"),
    ("SNUG_MAIL_SMTP_URL", "smtps://u:secret@mail.example.org"),
];

#[test]
fn the_defaults_serve_localhost_with_everything_under_data() {
    let config = config("", &[]);
    assert_eq!(config.data_dir, Path::new("data"));
    assert_eq!(config.name.as_str(), "Snug");
    assert_eq!(config.public_url.origin(), "http://localhost:3000");
    assert_eq!(config.database_url.expose(), "sqlite:data/snug.db");
    assert!(matches!(config.mail.backend, MailBackend::Outbox));
    assert_eq!(config.mail.from, "Snug <snug@localhost>");
    assert_eq!(config.auth.access_ttl.as_secs(), 600);
    assert_eq!(config.auth.confirm_after.as_secs(), 120);
    assert_eq!(config.auth.idle, 90 * DAY);
    assert!(config.sign_up.guests && config.limits.enforced);
    assert_eq!(
        config.voice,
        VoiceConfig {
            udp_port: 3478,
            tcp_port: None,
            advertise: Advertise::default(),
            turn_urls: vec![],
            turn_secret: None,
            people_per_room: 500,
            peers_per_user: 4,
            peers_per_address: 512,
        }
    );
    assert_eq!(config.pictures.max_upload_bytes, 8_388_608);
}

#[test]
fn a_variable_overrides_the_file_and_an_empty_one_does_not() {
    let file = "[snug.data]\ndir = \"/srv/snug\"\n[snug.voice]\nudp_port = 4000\n[snug.database]\nurl = \"\"\n";
    let env = [
        ("SNUG_DATA_DIR", ""),
        ("SNUG_PUBLIC_NAME", "Ada's Snug"),
        ("SNUG_VOICE_UDP_PORT", "5000"),
        ("SNUG_SIGN_UP_GUESTS", "false"),
        ("SNUG_VOICE_ADVERTISE", "203.0.113.7"),
    ];
    let config = config(file, &env);
    assert_eq!(config.data_dir, Path::new("/srv/snug"));
    assert_eq!(config.name.as_str(), "Ada's Snug");
    assert_eq!(config.database_url.expose(), "sqlite:/srv/snug/snug.db");
    assert_eq!(config.voice.udp_port, 5000);
    assert!(!config.sign_up.guests);
    assert_eq!(
        config.voice.advertise.addresses,
        ["203.0.113.7".parse::<IpAddr>().expect("an address")]
    );
}

#[test]
fn a_turn_server_needs_its_secret_which_is_never_shown() {
    let urls = ("SNUG_VOICE_TURN_URLS", "turns:turn.example.org:443");
    let secret = ("SNUG_VOICE_TURN_SECRET", "a-secret-of-the-turn-server");
    let alone = problems("", &[urls]);
    assert!(
        alone[0].starts_with("[snug.voice] turn_secret (SNUG_VOICE_TURN_SECRET) should be the secret"),
        "{alone:?}"
    );
    let loaded = load("", &[urls, secret]).expect("a configuration");
    assert_eq!(loaded.config.voice.turn_urls, ["turns:turn.example.org:443"]);
    assert!(!format!("{loaded:?}").contains("a-secret"));
    let short = load("", &[urls, ("SNUG_VOICE_TURN_SECRET", "short-secret")]).expect_err("too short");
    assert!(!short.to_string().contains("short-secret"), "{short}");
    let unused = load("", &[secret]).expect("a configuration").warnings;
    assert!(
        unused.iter().any(|warning| warning.contains("has no effect")),
        "{unused:?}"
    );
}

#[test]
fn the_log_has_a_form_and_a_level() {
    let log = |env: &[(&str, &str)]| {
        let log = config("", env).log;
        (log.format, log.level)
    };
    assert_eq!(log(&[]), (LogFormat::Text, LogLevel::Info));
    let chosen = [("SNUG_LOG_FORMAT", "json"), ("SNUG_LOG_LEVEL", "debug")];
    assert_eq!(log(&chosen), (LogFormat::Json, LogLevel::Debug));
    let wrong = problems("", &[("SNUG_LOG_FORMAT", "xml"), ("SNUG_LOG_LEVEL", "loud")]);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].contains("\"text\" or \"json\""), "{wrong:?}");
}

#[test]
fn the_token_of_the_metrics_is_never_shown() {
    let loaded = load("", &[("SNUG_METRICS_TOKEN", "a-token-that-nobody-guesses")]).expect("a configuration");
    assert!(loaded.config.metrics_token.is_some() && !format!("{loaded:?}").contains("a-token"));
    let short = load("", &[("SNUG_METRICS_TOKEN", "a-token")]).expect_err("too short");
    assert!(!short.to_string().contains("a-token"), "{short}");
    assert!(config("", &[]).metrics_token.is_none());
}

#[test]
fn voices_use_tcp_beside_udp_unless_it_is_off() {
    let tcp_port = |env: &[(&str, &str)]| config("", env).voice.tcp_port;
    assert_eq!(tcp_port(&[]), None);
    assert_eq!(tcp_port(&[("SNUG_VOICE_TCP_PORT", "443")]), Some(443));
    assert_eq!(tcp_port(&[("SNUG_VOICE_TCP_PORT", "0")]), Some(0));
}

#[test]
fn all_problems_are_reported_together_and_name_their_keys() {
    let file = "[snug.sign_up]\nmode = \"closed\"\n[snug.limits]\ncodes_per_hour = 0\n";
    let env = [
        ("SNUG_VOICE_UDP_PORT", "many"),
        ("SNUG_DATABASE_URL", "mysql://u:secret@h/d"),
        ("SNUG_SIGN_UP_ALLOW", "example.org"),
        ("SNUG_MAIL_BACKEND", "pigeon"),
        ("SNUG_AUTH_CONFIRM_SECONDS", "400"),
    ];
    let problems = load(file, &env).expect_err("seven problems");
    let wanted = [
        "- [snug.voice] udp_port (SNUG_VOICE_UDP_PORT) should be a whole number from 0 to 65535; it is \"many\", from the environment.",
        "- [snug.database] url (SNUG_DATABASE_URL) should be sqlite:",
        "- [snug.sign_up] mode (SNUG_SIGN_UP_MODE) should be \"open\" or \"invited\"; it is \"closed\", from Leptos.toml.",
        "- [snug.sign_up] allow (SNUG_SIGN_UP_ALLOW) should be a list of domains",
        "- [snug.limits] codes_per_hour (SNUG_LIMITS_CODES_PER_HOUR) should be a whole number from 1",
        "- [snug.mail] backend (SNUG_MAIL_BACKEND) should be \"outbox\" or \"smtp\" or \"none\"",
        "- [snug.auth] confirm_seconds (SNUG_AUTH_CONFIRM_SECONDS) should be at most half of access_ttl_seconds",
    ];
    let text = problems.to_string();
    for sentence in wanted {
        assert!(text.contains(sentence), "{sentence}\nnot in\n{text}");
    }
    assert_eq!(problems.0.len(), wanted.len(), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn confirm_seconds_is_at_least_one_and_at_most_half_of_the_access_time() {
    let pair = |confirm, access| {
        [
            ("SNUG_AUTH_CONFIRM_SECONDS", confirm),
            ("SNUG_AUTH_ACCESS_TTL_SECONDS", access),
        ]
    };
    assert_eq!(config("", &pair("1", "2")).auth.access_ttl.as_secs(), 2);
    assert!(problems("", &pair("2", "3"))[0].contains("which is 3; it is 2"));
    assert_eq!(problems("", &pair("0", "600")).len(), 1);
    assert_eq!(problems("", &[("SNUG_AUTH_IDLE_DAYS", "401")]).len(), 1);
}

#[test]
fn plain_http_in_public_is_refused_with_one_message_that_gives_the_reason() {
    let problems = problems("", &[("SNUG_PUBLIC_URL", "http://snug.example.org")]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("microphone"), "{problems:?}");
}

#[test]
fn limits_can_be_off_only_if_nobody_else_can_reach_the_server() {
    let off = ("SNUG_LIMITS_ENFORCED", "false");
    assert!(!config("", &[off]).limits.enforced);
    assert_eq!(problems("", &[SMTP.as_slice(), &[off]].concat()).len(), 1);
    let public = [SMTP.as_slice(), &[off, ("SNUG_PUBLIC_URL", "https://snug.example.org")]].concat();
    assert_eq!(problems("", &public).len(), 1);
    let heard_by_all = [off, ("LEPTOS_SITE_ADDR", "0.0.0.0:3000")];
    assert!(problems("", &heard_by_all)[0].contains("LEPTOS_SITE_ADDR"));
    let heard_here = config("", &[off, ("LEPTOS_SITE_ADDR", "127.0.0.1:4000")]);
    assert!(!heard_here.limits.enforced);
}

#[test]
fn unknown_names_warn_with_the_nearest_known_one() {
    let file = "[data]\n[snug]\nspeed = 1\n[snug.voice]\nudp_prot = 1\n[snug.cats]\nmany = true\n";
    let warnings = load(file, &[("SNUG_DATA_DIRR", "x"), ("OTHER", "y")])
        .expect("warnings only")
        .warnings;
    let wanted = [
        "Snug does not know \"data\" in Leptos.toml. Did you mean [snug.data]?",
        "Snug does not know snug.cats.many in Leptos.toml.",
        "Snug does not know snug.speed in Leptos.toml.",
        "Snug does not know snug.voice.udp_prot in Leptos.toml. The nearest name is voice.udp_port.",
        "Snug does not know the variable SNUG_DATA_DIRR. The nearest name is SNUG_DATA_DIR.",
    ];
    assert_eq!(warnings.len(), wanted.len(), "{warnings:?}");
    for (warning, wanted) in warnings.iter().zip(wanted) {
        assert!(warning.starts_with(wanted), "{warning}");
    }
}

#[test]
fn a_syntax_error_is_reported_by_line_without_showing_the_line() {
    let problems = problems(
        "[snug.mail]\n\nsmtp_url = \"smtps://u:secret@h\n",
        &[("SNUG_VOICE_UDP_PORT", "x")],
    );
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("Leptos.toml, line 3,"), "{problems:?}");
    assert!(!problems[0].contains("secret"));
}

#[test]
fn rules_name_keys_that_exist() {
    let every_rule = problems(
        "",
        &[
            ("SNUG_AUTH_CONFIRM_SECONDS", "600"),
            ("SNUG_AUTH_IDLE_DAYS", "500"),
            ("SNUG_PUBLIC_URL", "https://snug.example.org"),
            ("SNUG_MAIL_BACKEND", "outbox"),
            ("SNUG_LIMITS_ENFORCED", "false"),
            ("SNUG_VOICE_TURN_URLS", "turn:turn.example.org"),
        ],
    );
    assert_eq!(every_rule.len(), 5);
    assert!(
        every_rule.iter().all(|problem| problem.contains("(SNUG_")),
        "{every_rule:?}"
    );
}

#[test]
fn tests_use_their_own_data_folder() {
    let config = Config::for_tests(Path::new("/tmp/a test"));
    assert_eq!(config.database_url.expose(), "sqlite:/tmp/a%20test/snug.db");
    assert!(!config.limits.enforced);
}
