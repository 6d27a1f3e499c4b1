//! Tests of the host names that a Snug accepts, and of the proxies that it trusts.

use super::config;
use std::net::IpAddr;

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
