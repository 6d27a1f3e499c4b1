//! What is missing before other people can use this Snug, and the letter that tries the mail settings.

use crate::{database::On, letters, owner_link, people, test_app::TestApp, visitor::Visitor};
use snug::{
    model::setup_check::{MailState, SetupCheck},
    server::config::{MailBackend, PublicUrl, SmtpUrl},
};

on_both_databases! {
    owners_read_what_is_missing_and_others_learn_nothing,
    an_owner_without_an_address_is_told_to_add_one,
    a_test_letter_goes_to_the_outbox_if_there_is_no_mail_server,
}

const SEND: &str = "/api/setup_check/send_test_letter";

async fn check(owner: &Visitor) -> SetupCheck {
    owner.post("/api/setup_check/find", &[]).await.must(200).json()
}

fn headings(check: &SetupCheck) -> Vec<&str> {
    check.missing.iter().map(|piece| piece.heading.as_str()).collect()
}

async fn owners_read_what_is_missing_and_others_learn_nothing(on: On) {
    let app = TestApp::on(on).await;
    let (host, ada) = (people::host(&app).await, app.person("Ada").await);
    let found = check(&host).await;
    assert_eq!(found.mail, MailState::Outbox);
    assert_eq!(
        headings(&found),
        ["Only this machine can open this Snug", "E-mails stay on this machine"]
    );
    let page = host.page("/people").await.must(200).text();
    for words in [
        "Setting up",
        "SNUG_PUBLIC_URL",
        "SNUG_MAIL_SMTP_URL",
        "Send a test letter to",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    ada.post("/api/setup_check/find", &[]).await.must_fail(404, "not_found");
    ada.post(SEND, &[("email", "ada@example.org")])
        .await
        .must_fail(403, "forbidden");
}

async fn an_owner_without_an_address_is_told_to_add_one(on: On) {
    let app = TestApp::on(on).await;
    let host = owner_link::new_owner(&app, "Host").await;
    assert!(headings(&check(&host).await).contains(&"You have no e-mail address"));
}

async fn a_test_letter_goes_to_the_outbox_if_there_is_no_mail_server(on: On) {
    let app = TestApp::on(on).await;
    let host = people::host(&app).await;
    host.post(SEND, &[("email", "x")]).await.must_fail(422, "invalid");
    let sent = host
        .submit("/people", SEND, &[("email", "tim@example.org")])
        .await
        .must(302);
    assert_eq!(sent.location(), "/people?letter=sent#setup");
    let page = host.page("/people?letter=sent").await.must(200).text();
    assert!(page.contains("The letter is in the outbox."), "{page}");
    let letter = letters::find_newest(&app.outbox(), "tim@example.org").expect("a letter");
    assert!(letter.contains("This is a test."), "{letter}");
}

#[tokio::test]
async fn a_public_snug_without_mail_misses_mail_and_an_address_for_voices() {
    let app = TestApp::with(On::Sqlite, |config| {
        config.public_url = PublicUrl::parse("https://snug.example.org").expect("an address");
        config.mail.backend = MailBackend::None;
        config.voice.advertise.addresses = vec!["192.168.1.5".parse().expect("an address")];
        config.sign_up.guests = false;
    })
    .await;
    let host = owner_link::new_owner(&app, "Host").await;
    let found = check(&host).await;
    assert_eq!(found.mail, MailState::Off);
    assert_eq!(
        headings(&found),
        [
            "No e-mails are sent",
            "Nobody new can come in",
            "People elsewhere will hear nothing"
        ]
    );
    let (mail, nobody_new) = (&found.missing[0].advice, &found.missing[1].advice);
    assert!(!mail.contains("admit guests"), "no link does: {mail}");
    assert!(
        nobody_new.contains("Set it to true, or set SNUG_MAIL_SMTP_URL"),
        "{nobody_new}"
    );
    let refused = host.post(SEND, &[("email", "ada@example.org")]).await;
    refused.must_fail(409, "conflict");
}

#[tokio::test]
async fn the_page_says_why_the_mail_server_did_not_take_the_letter() {
    let url = SmtpUrl::parse("smtp://somebody:hunter2@127.0.0.1:1").expect("an address");
    let app = TestApp::with(On::Sqlite, |config| config.mail.backend = MailBackend::Smtp { url }).await;
    let host = owner_link::new_owner(&app, "Host").await;
    let fields = [("email", "tim@example.org")];
    let refused = host.post(SEND, &fields).await.must_fail(409, "conflict");
    assert!(
        refused.detail().contains("127.0.0.1, port 1, refuses the connection"),
        "{}",
        refused.detail()
    );
    let back = host.submit("/people", SEND, &fields).await.must(302).location();
    let page = host.page(&back).await.must(200).text();
    assert!(
        page.contains("refuses the connection") && page.contains("value=\"tim@example.org\""),
        "{page}"
    );
    assert!(
        !page.contains("hunter2") && !page.contains("has taken the letter"),
        "{page}"
    );
}

#[tokio::test]
async fn an_owner_sends_at_most_ten_test_letters_an_hour() {
    let app = TestApp::with(On::Sqlite, |config| config.limits.enforced = true).await;
    let host = owner_link::new_owner(&app, "Host").await;
    for _ in 0..10 {
        host.post(SEND, &[("email", "tim@example.org")]).await.must(200);
    }
    host.post(SEND, &[("email", "tim@example.org")])
        .await
        .must_fail(429, "too_many");
}
