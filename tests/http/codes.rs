//! Sign-in codes: the letter, the number of tries, the lifetime, and the browser in which a code works.

use crate::{database::On, letters, test_app::TestApp};
use snug::server::{
    auth::email_code::ATTEMPTS_MAX,
    keyring::{Keyring, Purpose, sha256_hex},
};

on_both_databases! {
    a_code_has_five_tries,
    a_code_ends_after_ten_minutes,
    a_code_works_only_in_the_browser_that_asked_for_it,
    a_code_signs_in_once_even_when_it_is_sent_many_times_at_once,
    the_database_contains_no_code,
    addresses_that_differ_only_in_case_are_one_account,
    a_code_may_be_pasted_with_spaces,
    a_malformed_code_does_not_use_up_a_try,
}

#[tokio::test]
async fn a_letter_has_plain_text_and_shows_the_code_before_the_link() {
    let app = TestApp::start().await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let (letter, code) = (ada.read_letter(), ada.read_code());
    let link = format!("{}/sign-in", app.origin());
    assert!(letter.contains("\r\nTo: ada@example.org\r\n"), "{letter}");
    assert!(letter.find("text/plain").expect("plain text") < letter.find("text/html").expect("HTML"));
    assert!(letter.contains("Content-Transfer-Encoding: 7bit") || letter.contains("quoted-printable"));
    let at = |words: &str| letter.find(words).expect(words);
    assert!(at(&format!(" {code}\r\n")) < at(&link), "{letter}");
}

#[tokio::test]
async fn asking_for_a_code_is_answered_with_null() {
    let app = TestApp::start().await;
    let answer = app.visitor().request_code("ada@example.org").await.must(200);
    assert_eq!(answer.text(), "null");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

async fn addresses_that_differ_only_in_case_are_one_account(on: On) {
    let app = TestApp::on(on).await;
    let first = app.visitor().sign_up("ada@example.org").await;
    let ada = app.visitor();
    ada.post("/api/auth/request_code", &[("email", "  ADA@Example.ORG ")])
        .await
        .must(200);
    let letter = letters::find_newest(&app.outbox(), "ada@example.org").expect("a letter");
    let again = ada
        .verify_code(&letters::code_in(&letter).expect("a code"))
        .await
        .must(200);
    assert_eq!(again.json::<snug::model::user::User>().person.id, first.person.id);
}

#[tokio::test]
async fn an_invalid_address_is_refused() {
    let app = TestApp::start().await;
    for wrong in [
        "",
        "ada",
        "ada@",
        "ada@example.org\r\nBcc: eve@example.org",
        "a b@example.org",
    ] {
        app.visitor().request_code(wrong).await.must_fail(422, "invalid");
    }
    assert_eq!(letters::list(&app.outbox()).len(), 0);
}

async fn a_code_may_be_pasted_with_spaces(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let code = ada.read_code();
    ada.verify_code(&format!(" {} {}\n", &code[..3], &code[3..]))
        .await
        .must(200);
}

async fn a_malformed_code_does_not_use_up_a_try(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    for _ in 0..ATTEMPTS_MAX {
        ada.verify_code("12345").await.must_fail(422, "invalid");
    }
    ada.verify_code(&ada.read_code()).await.must(200);
}

#[tokio::test]
async fn the_page_knows_the_address_and_the_resend_time_of_a_pending_code() {
    let mut app = TestApp::start().await;
    let ada = app.visitor();
    assert_eq!(ada.post("/api/auth/pending_code", &[]).await.must(200).text(), "null");
    ada.request_code("ada@example.org").await.must(200);
    let pending: serde_json::Value = ada.post("/api/auth/pending_code", &[]).await.must(200).json();
    assert_eq!(pending["email"], "ada@example.org");
    assert!(
        (58..=60).contains(&pending["resend_in_s"].as_i64().expect("seconds")),
        "{pending}"
    );
    app.pass_s(61);
    let later: serde_json::Value = ada.post("/api/auth/pending_code", &[]).await.must(200).json();
    assert_eq!(later["resend_in_s"], 0);
}

async fn a_code_has_five_tries(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    for left in (0..ATTEMPTS_MAX).rev() {
        let message = ada
            .verify_code(&ada.wrong_code())
            .await
            .must_fail(422, "invalid")
            .detail();
        match left {
            0 => assert!(message.contains("last try"), "{message}"),
            1 => assert!(message.contains("one try"), "{message}"),
            left => assert!(message.contains(&format!("{left} tries")), "{message}"),
        }
    }
    ada.verify_code(&ada.read_code()).await.must_fail(403, "forbidden");
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 0);
}

async fn a_code_ends_after_ten_minutes(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, ben) = (app.visitor(), app.visitor());
    ada.request_code("ada@example.org").await.must(200);
    ben.request_code("ben@example.org").await.must(200);
    app.pass_s(590);
    ada.verify_code(&ada.read_code()).await.must(200);
    app.pass_s(11);
    ben.verify_code(&ben.read_code()).await.must_fail(403, "forbidden");
}

async fn a_code_works_only_in_the_browser_that_asked_for_it(on: On) {
    let app = TestApp::on(on).await;
    let (ada, eve) = (app.visitor(), app.visitor());
    ada.request_code("ada@example.org").await.must(200);
    eve.verify_code(&ada.read_code()).await.must_fail(403, "forbidden");
    eve.request_code("eve@example.org").await.must(200);
    if ada.read_code() != eve.read_code() {
        eve.verify_code(&ada.read_code()).await.must_fail(422, "invalid");
    }
    ada.verify_code(&ada.read_code()).await.must(200);
}

async fn a_code_signs_in_once_even_when_it_is_sent_many_times_at_once(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let code = ada.read_code();
    let at_once = futures_util::future::join_all((0..4).map(|_| ada.verify_code(&code))).await;
    let mut statuses: Vec<u16> = at_once.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403, 403, 403]);
    assert_eq!(app.ask::<i64>("select count(*) from sessions").await, 1);
}

async fn the_database_contains_no_code(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let (code, secret) = (ada.read_code(), ada.jar.get("code").expect("the cookie"));
    let row = app.ask::<String>("select id || ' ' || mac from codes").await;
    assert_eq!(row.len(), 64 + 1 + 64);
    assert!(!row.contains(&code) && !row.contains(&secret), "{row}");
    // Somebody who steals the database could hash all million possible codes in a second. So the MAC must need a key that is
    // not in the database.
    let (id, mac) = row.split_once(' ').expect("two columns");
    for plain in [
        code.clone(),
        format!("{id}{code}"),
        format!("{code}{id}"),
        format!("{secret}{code}"),
    ] {
        assert_ne!(sha256_hex(plain.as_bytes()), mac);
    }
    let key = app.state.keyring.mac(Purpose::Code, &[id.as_bytes(), code.as_bytes()]);
    let stranger = Keyring::open(
        &tempfile::tempdir().expect("a folder").path().join("keyring.json"),
        true,
    )
    .expect("another keyring");
    assert_eq!(mac, sha256_hex(&key));
    assert_ne!(key, stranger.mac(Purpose::Code, &[id.as_bytes(), code.as_bytes()]));
}
