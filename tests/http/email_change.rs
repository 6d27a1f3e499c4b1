//! The address of an account: changed with a code sent to the new address, restored by a link sent to the old one.

use crate::{answer::Answer, database::On, letters, test_app::TestApp, visitor::Visitor};
use futures_util::future::join_all;
use serde_json::Value;
use snug::server::keyring::sha256_hex;

on_both_databases! {
    an_address_is_changed_with_a_code_to_the_new_one,
    a_link_to_the_old_address_undoes_the_change_within_a_week,
    a_change_needs_a_sign_in_of_the_last_ten_minutes,
    a_code_of_a_change_has_five_tries_and_ten_minutes,
    only_five_of_twenty_simultaneous_guesses_are_tried,
    the_database_contains_no_code_of_a_change,
    an_address_that_is_taken_is_a_conflict_and_changes_nothing,
    a_thief_can_not_undo_the_undo_with_a_later_change,
    the_limit_for_codes_applies_to_changes_too,
    a_code_works_only_in_the_session_that_asked_for_it,
}

async fn request(visitor: &Visitor, email: &str) -> Answer {
    visitor
        .post("/api/auth/request_email_change", &[("email", email)])
        .await
}

async fn confirm(visitor: &Visitor, code: &str) -> Answer {
    visitor.post("/api/auth/confirm_email_change", &[("code", code)]).await
}

pub async fn undo(visitor: &Visitor, link: &str) -> Answer {
    let (_, token) = link.split_once("token=").expect("a token");
    visitor.post("/api/auth/undo_email_change", &[("token", token)]).await
}

fn code_to(app: &TestApp, email: &str) -> String {
    let letter = letters::find_newest(&app.outbox(), email).expect("a letter");
    letters::code_in(&letter).expect("a code")
}

pub fn undo_link(app: &TestApp, email: &str) -> String {
    let letter = letters::find_newest(&app.outbox(), email).expect("a letter");
    letters::sign_in_link(&letter, &app.origin()).expect("a link")
}

pub async fn change(app: &TestApp, visitor: &Visitor, email: &str) {
    request(visitor, email).await.must(200);
    confirm(visitor, &code_to(app, email)).await.must(200);
}

async fn address(visitor: &Visitor) -> Value {
    visitor.post("/api/auth/email", &[]).await.must(200).json()
}

async fn an_address_is_changed_with_a_code_to_the_new_one(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let id = ada.me().await.must(200).json::<Value>()["id"].clone();
    request(&ada, "Countess@Example.net").await.must(200);
    let known = address(&ada).await;
    assert_eq!(
        known["email"], "ada@example.org",
        "the address changes only after the code"
    );
    assert_eq!(known["pending"]["email"], "countess@example.net");
    confirm(&ada, &code_to(&app, "countess@example.net")).await.must(200);
    let known = address(&ada).await;
    assert_eq!(
        (&known["email"], &known["pending"]),
        (&"countess@example.net".into(), &Value::Null)
    );
    confirm(&ada, "123456").await.must_fail(403, "forbidden");

    let phone = app.visitor();
    assert_eq!(
        serde_json::to_value(phone.sign_up("countess@example.net").await).expect("JSON")["id"],
        id
    );
    // While the change can be undone, the letter to the old address has no code (see `email_undo`). So a week passes before somebody
    // else signs up with this address.
    app.pass_s(7 * 86_400);
    assert_ne!(
        serde_json::to_value(app.visitor().sign_up("ada@example.org").await).expect("JSON")["id"],
        id
    );
}

async fn a_link_to_the_old_address_undoes_the_change_within_a_week(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    change(&app, &ada, "eve@example.net").await;
    let (letter, link) = (
        letters::find_newest(&app.outbox(), "ada@example.org").expect("a letter"),
        undo_link(&app, "ada@example.org"),
    );
    assert!(
        letter.contains("Your address at Snug was changed") && !letter.contains("eve@example.net"),
        "{letter}"
    );
    app.pass_s(6 * 86_400);
    let stranger = app.visitor();
    let page = stranger.page(&link).await.must(200);
    assert!(page.text().contains("a…@e….org"), "{}", page.text());
    assert_eq!(
        app.ask::<String>("select email from users").await,
        "eve@example.net",
        "opening the link changes nothing"
    );

    undo(&stranger, &link).await.must(200);
    assert_eq!(app.ask::<String>("select email from users").await, "ada@example.org");
    ada.refresh().await.must_fail(401, "session_ended");
    undo(&stranger, &link).await.must_fail(403, "forbidden");
    stranger.page(&link).await.must(410);

    let ada = app.newcomer("ada@example.org").await;
    change(&app, &ada, "eve@example.net").await;
    let link = undo_link(&app, "ada@example.org");
    app.pass_s(7 * 86_400);
    undo(&stranger, &link).await.must_fail(403, "forbidden");
    assert_eq!(app.ask::<String>("select email from users").await, "eve@example.net");
}

async fn a_change_needs_a_sign_in_of_the_last_ten_minutes(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    app.pass_s(595);
    assert_eq!(address(&ada).await["may_change"], true);
    request(&ada, "countess@example.net").await.must(200);
    app.pass_s(10);
    ada.refresh().await.must(200);
    assert_eq!(address(&ada).await["may_change"], false);
    request(&ada, "other@example.net").await.must_fail(403, "forbidden");
    confirm(&ada, &code_to(&app, "countess@example.net"))
        .await
        .must_fail(403, "forbidden");
    // Ada signs in again in this browser. With `again`, the page shows the form although she is signed in. After the sign-in,
    // the page leads back to the settings.
    ada.page("/sign-in?again=1&next=%2Fsettings").await.must(200);
    ada.request_code("ada@example.org").await.must(200);
    ada.page("/sign-in?next=%2Fsettings").await.must(200);
    ada.verify_code(&ada.read_code()).await.must(200);
    assert_eq!(
        ada.page("/sign-in?next=%2Fsettings").await.must(303).location(),
        "/settings"
    );
    change(&app, &ada, "countess@example.net").await;
}

async fn a_code_of_a_change_has_five_tries_and_ten_minutes(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    request(&ada, "countess@example.net").await.must(200);
    let code = code_to(&app, "countess@example.net");
    let wrong = format!("{:06}", (code.parse::<u32>().expect("digits") + 1) % 1_000_000);
    for left in [
        "4 tries left",
        "3 tries left",
        "2 tries left",
        "one try left",
        "your last try",
    ] {
        let answer = confirm(&ada, &wrong).await.must_fail(422, "invalid");
        assert!(answer.detail().contains(left), "{}", answer.detail());
    }
    confirm(&ada, &code).await.must_fail(403, "forbidden");

    request(&ada, "countess@example.net").await.must(200);
    let code = code_to(&app, "countess@example.net");
    app.pass_s(601);
    ada.refresh().await.must(200);
    confirm(&ada, &code).await.must_fail(403, "forbidden");
    assert_eq!(app.ask::<String>("select email from users").await, "ada@example.org");
}

async fn only_five_of_twenty_simultaneous_guesses_are_tried(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    request(&ada, "countess@example.net").await.must(200);
    let code: u32 = code_to(&app, "countess@example.net").parse().expect("digits");
    let guesses: Vec<String> = (1..=20)
        .map(|step| format!("{:06}", (code + step) % 1_000_000))
        .collect();
    let answers = join_all(guesses.iter().map(|guess| confirm(&ada, guess))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    let counted = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((counted(422), counted(403)), (5, 15), "{statuses:?}");
}

/// Somebody who steals the database could hash all million possible codes in a second. So the MAC must need a key that is not
/// in the database.
async fn the_database_contains_no_code_of_a_change(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    request(&ada, "countess@example.net").await.must(200);
    let code = code_to(&app, "countess@example.net");
    let row = app.ask::<String>("select id || ' ' || mac from email_changes").await;
    let (id, mac) = row.split_once(' ').expect("two columns");
    assert!(mac.len() == 64 && !mac.contains(&code), "{row}");
    for plain in [code.clone(), format!("{id}{code}"), format!("{code}{id}")] {
        assert_ne!(sha256_hex(plain.as_bytes()), mac);
    }
}

async fn an_address_that_is_taken_is_a_conflict_and_changes_nothing(on: On) {
    let app = TestApp::on(on).await;
    let (ada, _ben) = (app.person("Ada").await, app.person("Ben").await);
    // Only the owner of an address may learn that the address has an account, so the conflict appears after the code, not before.
    request(&ada, "ben@example.org").await.must(200);
    let answer = confirm(&ada, &code_to(&app, "ben@example.org"))
        .await
        .must_fail(409, "conflict");
    assert!(answer.detail().contains("Use another one"), "{}", answer.detail());
    assert_eq!(address(&ada).await["email"], "ada@example.org");
    request(&ada, "ada@example.org").await.must_fail(422, "invalid");
    request(&ada, "ada").await.must_fail(422, "invalid");
}

async fn a_thief_can_not_undo_the_undo_with_a_later_change(on: On) {
    let app = TestApp::on(on).await;
    let thief = app.person("Ada").await;
    change(&app, &thief, "eve@example.net").await;
    let back_to_ada = undo_link(&app, "ada@example.org");
    change(&app, &thief, "eve@example.com").await;
    let back_to_eve = undo_link(&app, "eve@example.net");
    let ada = app.visitor();
    undo(&ada, &back_to_ada).await.must(200);
    undo(&thief, &back_to_eve).await.must_fail(403, "forbidden");
    assert_eq!(app.ask::<String>("select email from users").await, "ada@example.org");
    thief.refresh().await.must_fail(401, "session_ended");
}

async fn the_limit_for_codes_applies_to_changes_too(on: On) {
    let app = TestApp::with(on, |config| config.limits.enforced = true).await;
    let ada = app.person("Ada").await;
    request(&ada, "countess@example.net").await.must(200);
    request(&ada, "countess@example.net").await.must_fail(429, "too_many");
}

async fn a_code_works_only_in_the_session_that_asked_for_it(on: On) {
    let app = TestApp::on(on).await;
    let (laptop, phone) = (app.person("Ada").await, app.newcomer("ada@example.org").await);
    request(&laptop, "countess@example.net").await.must(200);
    let code = code_to(&app, "countess@example.net");
    confirm(&phone, &code).await.must_fail(403, "forbidden");
    confirm(&laptop, &code).await.must(200);
}
