//! Tests of the settings for e-mails.

use super::{SMTP, config, load, problems};
use crate::server::config::MailBackend;

#[test]
fn a_public_snug_has_https_and_a_mail_server() {
    let env = [SMTP.as_slice(), &[("SNUG_PUBLIC_URL", "https://snug.example.org/")]].concat();
    let loaded = load("", &env).expect("a public Snug");
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert_eq!(loaded.config.mail.from, "Snug <snug@snug.example.org>");
    let MailBackend::Smtp { url } = &loaded.config.mail.backend else {
        panic!("smtp was asked for")
    };
    assert_eq!(url.expose(), "smtps://u:secret@mail.example.org");
    assert!(!format!("{loaded:?}").contains(":secret"));
}

#[test]
fn outbox_mail_with_a_public_url_is_refused_and_the_message_says_what_to_set() {
    let env = [
        ("SNUG_PUBLIC_URL", "https://snug.example.org"),
        ("SNUG_MAIL_BACKEND", "outbox"),
    ];
    let problems = problems("", &env);
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].contains("SNUG_MAIL_BACKEND=smtp and SNUG_MAIL_SMTP_URL"),
        "{problems:?}"
    );
}

#[test]
fn without_mail_settings_a_public_snug_starts_and_sends_no_mail() {
    let public = ("SNUG_PUBLIC_URL", "https://snug.example.org");
    let backend = |env: &[(&str, &str)]| config("", env).mail.backend;
    assert!(matches!(backend(&[public]), MailBackend::None));
    assert!(matches!(backend(&[]), MailBackend::Outbox));
    assert!(
        matches!(backend(&[SMTP[1]]), MailBackend::Smtp { .. }),
        "a server is enough"
    );
    assert!(matches!(backend(&[public, SMTP[1]]), MailBackend::Smtp { .. }));
    let none = ("SNUG_MAIL_BACKEND", "none");
    assert!(matches!(backend(&[none]), MailBackend::None), "also on localhost");
    let unused = load("", &[none, SMTP[1]]).expect("warnings only").warnings;
    assert!(unused[0].contains("no e-mails are sent"), "{unused:?}");
}

#[test]
fn smtp_needs_a_server() {
    let problems = problems("", &[("SNUG_MAIL_BACKEND", "smtp")]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("SNUG_MAIL_SMTP_URL"), "{problems:?}");
}

#[test]
fn an_unused_mail_server_and_unencrypted_mail_give_warnings() {
    let outbox = ("SNUG_MAIL_BACKEND", "outbox");
    let unused = load("", &[outbox, SMTP[1]]).expect("warnings only").warnings;
    assert!(unused[0].contains("stay in the outbox"), "{unused:?}");
    let clear = [SMTP[0], ("SNUG_MAIL_SMTP_URL", "smtp://u:p@mail.example.org")];
    assert!(load("", &clear).expect("warnings only").warnings[0].contains("unencrypted"));
}
