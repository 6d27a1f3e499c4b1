//! Tests of the addresses of a Snug: where it listens, its public URL, the host names that it accepts, and the proxies that it trusts.

use super::{config, load, problems};
use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
};

#[test]
fn a_snug_answers_to_its_own_name_and_to_the_listed_hosts() {
    let here = config("", &[]);
    for name in ["localhost", "LOCALHOST", "127.0.0.1", "127.0.0.2", "[::1]"] {
        assert!(here.answers_to(name), "{name}");
    }
    assert!(!here.answers_to("evil.example") && !here.answers_to("localhost.evil.example"));
    let public = config(
        "",
        &[
            ("SNUG_PUBLIC_URL", "https://snug.example.org:8443"),
            ("SNUG_PUBLIC_HOSTS", "Snug.lan"),
            ("SNUG_MAIL_BACKEND", "smtp"),
            ("SNUG_MAIL_SMTP_URL", "smtps://u:p@mail.example.org"),
        ],
    );
    assert!(public.answers_to("snug.example.org") && public.answers_to("snug.lan"));
    assert!(!public.answers_to("localhost") && !public.answers_to("127.0.0.1") && !public.answers_to(""));
}

#[test]
fn only_listed_proxies_are_believed() {
    let address = |text: &str| text.parse::<IpAddr>().expect(text);
    assert!(!config("", &[]).trusts(address("127.0.0.1")));
    let some = config("[snug.public]\nproxies = [\"127.0.0.0/8\"]\n", &[]);
    assert!(some.trusts(address("127.0.0.1")) && !some.trusts(address("203.0.113.7")));
}

#[test]
fn the_public_url_uses_the_port_that_leptos_listens_on_unless_it_is_set() {
    let file = "[package.metadata.leptos]\nsite-addr = \"127.0.0.1:4000\"\n";
    let from_env = [("LEPTOS_SITE_ADDR", "0.0.0.0:5000")];
    assert_eq!(config(file, &[]).public_url.origin(), "http://localhost:4000");
    assert_eq!(config(file, &from_env).public_url.origin(), "http://localhost:5000");
    let both = [from_env[0], ("SNUG_PUBLIC_URL", "http://127.0.0.1:6000")];
    assert_eq!(config(file, &both).public_url.origin(), "http://127.0.0.1:6000");
    assert!(problems("", &[("LEPTOS_SITE_ADDR", "localhost")])[0].contains("LEPTOS_SITE_ADDR"));
}

#[test]
fn the_address_to_listen_on_comes_from_the_variable_the_file_or_nowhere() {
    let address = |file: &str, env: &[(&str, &str)]| load(file, env).expect("a good configuration").site_addr;
    let on_port = |port: u16| Some(SocketAddr::from(([127, 0, 0, 1], port)));
    let file = "[package.metadata.leptos]\nsite-addr = \"127.0.0.1:4000\"\n[snug.data]\ndir = \"here\"\n";
    assert_eq!(address("", &[]), None);
    assert_eq!(address(file, &[]), on_port(4000));
    let variable = ("LEPTOS_SITE_ADDR", "127.0.0.1:5000");
    assert_eq!(address(file, &[variable]), on_port(5000));
    // Snug's tables may come before and after that of the framework.
    assert_eq!(config(file, &[]).data_dir, Path::new("here"));
}
