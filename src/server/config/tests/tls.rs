//! Tests of the settings for `https` without a proxy.

use super::{LEPTOS_TOML, SMTP, config, problems};
use crate::server::config::{CommandLine, Config, LanSetup, TlsSource};
use std::{net::SocketAddr, path::Path};

const CERT: (&str, &str) = ("SNUG_PUBLIC_TLS_CERT", "/etc/snug/fullchain.pem");
const KEY: (&str, &str) = ("SNUG_PUBLIC_TLS_KEY", "/etc/snug/privkey.pem");

/// The variables of a mail server.
fn smtp() -> Vec<(String, String)> {
    SMTP.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn two_files_make_snug_end_tls_itself() {
    assert_eq!(config("", &[]).tls, TlsSource::Elsewhere);
    let both = config("", &[CERT, KEY, ("LEPTOS_SITE_ADDR", "127.0.0.1:3443")]);
    let TlsSource::Files(files) = &both.tls else {
        panic!("two files are set");
    };
    assert_eq!(files.cert, Path::new("/etc/snug/fullchain.pem"));
    assert_eq!(files.key, Path::new("/etc/snug/privkey.pem"));
    assert_eq!(both.public_url.origin(), "https://localhost:3443");
}

#[test]
fn plain_http_is_redirected_beside_port_443() {
    let all = ("LEPTOS_SITE_ADDR", "0.0.0.0:443");
    let redirect = |env: &[(&str, &str)]| config("", env).listen.redirect;
    assert!(redirect(&[all]).is_empty(), "a proxy does it");
    assert_eq!(
        redirect(&[all, CERT, KEY]),
        ["0.0.0.0:80".parse::<SocketAddr>().expect("an address")]
    );
    let other = ("SNUG_PUBLIC_HTTP_ADDR", "127.0.0.1:8080");
    assert_eq!(
        redirect(&[all, CERT, KEY, other]),
        ["127.0.0.1:8080".parse::<SocketAddr>().expect("an address")]
    );
    let [wrong] = problems("", &[("SNUG_PUBLIC_HTTP_ADDR", "80")])
        .try_into()
        .expect("one problem");
    assert!(wrong.contains("should be an IP address and a port"), "{wrong}");
}

#[test]
fn a_domain_gets_a_certificate_and_is_the_public_url_on_all_addresses() {
    let said = CommandLine {
        arguments: vec![("public.domains", "Talk.example.org,www.example.org".into())],
        lan: None,
    };
    let loaded = Config::load_with(LEPTOS_TOML, smtp(), said);
    let config = loaded.expect("a good configuration").config;
    let TlsSource::Acme(acme) = &config.tls else {
        panic!("a domain is set");
    };
    assert_eq!(acme.domains, ["talk.example.org", "www.example.org"]);
    assert_eq!(acme.directory, "https://acme-v02.api.letsencrypt.org/directory");
    assert_eq!(config.public_url.origin(), "https://talk.example.org");
    assert!(config.answers_to("www.example.org") && !config.answers_to("localhost"));
    let listen = |addresses: &[SocketAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(listen(&config.listen.site), ["0.0.0.0:443", "[::]:443"]);
    assert_eq!(listen(&config.listen.redirect), ["0.0.0.0:80", "[::]:80"]);
    // Another address is kept, as behind a router that forwards port 443.
    let mut env = smtp();
    env.push(("LEPTOS_SITE_ADDR".into(), "0.0.0.0:8443".into()));
    env.push(("SNUG_PUBLIC_DOMAINS".into(), "[2001:db8::7]".into()));
    let behind = Config::load(LEPTOS_TOML, env).expect("a good configuration").config;
    assert_eq!(listen(&behind.listen.site), ["0.0.0.0:8443"]);
    assert_eq!(behind.public_url.origin(), "https://[2001:db8::7]");
}

#[test]
fn an_operator_with_a_certificate_needs_no_authority_for_their_domain() {
    let mut env = smtp();
    env.extend(
        [CERT, KEY, ("SNUG_PUBLIC_DOMAINS", "talk.example.org")].map(|(name, value)| (name.into(), value.into())),
    );
    let config = Config::load("", env).expect("a good configuration").config;
    assert!(matches!(config.tls, TlsSource::Files(_)));
    assert_eq!(config.listen.site[0].port(), 443);
}

#[test]
fn the_public_url_is_one_of_the_domains() {
    let mut env = smtp();
    env.push(("SNUG_PUBLIC_DOMAINS".into(), "talk.example.org".into()));
    env.push(("SNUG_PUBLIC_URL".into(), "https://other.example.org".into()));
    let problems = Config::load("", env).expect_err("another host").0;
    assert!(problems[0].contains("SNUG_PUBLIC_DOMAINS"), "{problems:?}");
    let wrong = [
        ("SNUG_PUBLIC_DOMAINS", "https://talk.example.org"),
        ("SNUG_PUBLIC_ACME_URL", "http://ca.example/directory"),
        ("SNUG_PUBLIC_ACME_CONTACT", "ada"),
    ];
    for (one, words) in wrong
        .iter()
        .zip(["a list of hosts", "begins with https://", "an e-mail address"])
    {
        let [problem] = super::problems("", &[*one]).try_into().expect("one problem");
        assert!(problem.contains(words), "{problem}");
    }
}

#[test]
fn voices_over_tcp_share_the_port_of_the_site_unless_tcp_is_off() {
    let shared = |env: &[(&str, &str)]| config("", env).shared_tcp_port();
    let url = ("SNUG_PUBLIC_URL", "https://localhost");
    assert_eq!(shared(&[]), None, "a proxy has the port");
    assert_eq!(shared(&[CERT, KEY, url]), Some(443));
    assert_eq!(shared(&[CERT, KEY]), Some(3000));
    assert_eq!(shared(&[CERT, KEY, ("SNUG_VOICE_TCP_PORT", "0")]), None);
    let same = [
        CERT,
        KEY,
        ("LEPTOS_SITE_ADDR", "0.0.0.0:443"),
        ("SNUG_VOICE_TCP_PORT", "443"),
    ];
    let [problem] = problems("", &same).try_into().expect("one problem");
    assert!(
        problem.starts_with("[snug.voice] tcp_port (SNUG_VOICE_TCP_PORT) should be left out"),
        "{problem}"
    );
}

#[test]
fn the_local_network_is_served_on_all_addresses_without_a_mail_server() {
    let said = |env: &[(&str, &str)]| {
        let lan = LanSetup {
            address: [192, 168, 1, 5].into(),
            all: vec![[127, 0, 0, 1].into(), [192, 168, 1, 5].into()],
        };
        let said = CommandLine {
            arguments: vec![],
            lan: Some(lan),
        };
        let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Config::load_with(LEPTOS_TOML, env, said)
    };
    let config = said(&[]).expect("a good configuration").config;
    assert_eq!(config.public_url.origin(), "https://192.168.1.5:3000");
    assert_eq!(
        config.tls,
        TlsSource::Own(["192.168.1.5", "127.0.0.1", "localhost"].map(String::from).into())
    );
    assert_eq!(config.listen.site.len(), 2);
    assert!(config.answers_to("localhost") && config.answers_to("192.168.1.5") && !config.answers_to("evil.example"));
    let [problem] = said(&[("SNUG_LIMITS_ENFORCED", "false")])
        .expect_err("others can reach it")
        .0
        .try_into()
        .expect("one");
    assert!(problem.contains("LEPTOS_SITE_ADDR"), "{problem}");
    let problems = said(&[("SNUG_PUBLIC_DOMAINS", "talk.example.org")])
        .expect_err("both")
        .0;
    assert!(
        problems
            .iter()
            .any(|problem| problem.contains("should be left out with --lan")),
        "{problems:?}"
    );
}

#[test]
fn settings_for_the_internet_are_refused_in_the_local_network() {
    let problems = |env: &[(&str, &str)]| {
        let said = CommandLine {
            arguments: vec![],
            lan: Some(LanSetup {
                address: [192, 168, 1, 5].into(),
                all: vec![[192, 168, 1, 5].into()],
            }),
        };
        let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Config::load_with(LEPTOS_TOML, env, said).map_or_else(|problems| problems.0, |_| vec![])
    };
    for url in ["https://talk.example.org", "http://localhost:3000"] {
        let [problem] = problems(&[("SNUG_PUBLIC_URL", url)]).try_into().expect("one problem");
        assert!(
            problem.starts_with("[snug.public] url (SNUG_PUBLIC_URL) should be left out with --lan"),
            "{problem}"
        );
    }
    assert!(problems(&[("SNUG_PUBLIC_URL", "https://192.168.1.5:3000")]).is_empty());
    let [problem] = problems(&[CERT, KEY]).try_into().expect("one problem");
    assert!(problem.contains("tls_cert"), "{problem}");
}

#[test]
fn settings_that_have_no_effect_are_named_in_warnings() {
    let warnings = |env: &[(&str, &str)]| super::load("", env).expect("a good configuration").warnings;
    let contact = ("SNUG_PUBLIC_ACME_CONTACT", "ada@example.org");
    let redirect = ("SNUG_PUBLIC_HTTP_ADDR", "0.0.0.0:80");
    let [first, second] = warnings(&[contact, redirect]).try_into().expect("two warnings");
    assert!(
        first.contains("SNUG_PUBLIC_HTTP_ADDR") && second.contains("SNUG_PUBLIC_ACME_CONTACT"),
        "{first} {second}"
    );
    assert_eq!(warnings(&[contact, redirect, CERT, KEY]).len(), 1);
    assert!(warnings(&[contact, redirect, ("SNUG_PUBLIC_DOMAINS", "talk.example.org")]).is_empty());
}

#[test]
fn limits_stay_on_if_a_name_of_this_machine_is_served_on_all_addresses() {
    let local = [("SNUG_PUBLIC_DOMAINS", "localhost"), ("SNUG_LIMITS_ENFORCED", "false")];
    let [problem] = problems("", &local).try_into().expect("one problem");
    assert!(problem.starts_with("[snug.limits] enforced"), "{problem}");
}

#[test]
fn one_file_alone_is_refused_and_the_message_names_the_other() {
    let [alone] = problems("", &[CERT]).try_into().expect("one problem");
    assert!(
        alone.starts_with("[snug.public] tls_key (SNUG_PUBLIC_TLS_KEY) should name"),
        "{alone}"
    );
    let [alone] = problems("", &[KEY]).try_into().expect("one problem");
    assert!(
        alone.starts_with("[snug.public] tls_cert (SNUG_PUBLIC_TLS_CERT) should name"),
        "{alone}"
    );
}

#[test]
fn a_public_url_without_https_does_not_fit_to_a_certificate() {
    let plain = ("SNUG_PUBLIC_URL", "http://localhost:3000");
    let [problem] = problems("", &[CERT, KEY, plain]).try_into().expect("one problem");
    assert!(
        problem.starts_with("[snug.public] url (SNUG_PUBLIC_URL) should begin with https://"),
        "{problem}"
    );
}
