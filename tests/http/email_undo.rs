//! A stolen address: while a change of address can be undone, nobody else takes the old address, and the undo ends the thief's sessions.

use crate::{
    answer::Answer,
    database::On,
    email_change::{change, undo, undo_link},
    letters,
    test_app::TestApp,
    visitor::Visitor,
};

on_both_databases! {
    signing_in_with_the_old_address_leads_to_the_undo_and_creates_no_account,
    a_code_from_before_the_change_creates_no_account,
    nobody_else_changes_to_an_address_that_can_be_put_back,
    after_a_change_back_in_the_settings_the_thief_can_undo_nothing,
    after_a_week_the_old_address_is_free,
    the_undo_stays_possible_when_the_clock_jumps_back,
    the_undo_ends_the_thiefs_sessions_even_if_the_address_is_taken,
    an_account_that_already_has_the_old_address_can_still_sign_in,
}

const OLD: &str = "ada@example.org";
const NEW: &str = "eve@example.net";

async fn email(visitor: &Visitor) -> serde_json::Value {
    visitor
        .post("/api/auth/email", &[])
        .await
        .must(200)
        .json::<serde_json::Value>()["email"]
        .clone()
}

async fn users(app: &TestApp) -> i64 {
    app.ask("select count(*) from users").await
}

async fn try_to_change(app: &TestApp, visitor: &Visitor, email: &str) -> Answer {
    visitor
        .post("/api/auth/request_email_change", &[("email", email)])
        .await
        .must(200);
    let letter = letters::find_newest(&app.outbox(), email).expect("a letter");
    let code = letters::code_in(&letter).expect("a code");
    visitor.post("/api/auth/confirm_email_change", &[("code", &code)]).await
}

async fn signing_in_with_the_old_address_leads_to_the_undo_and_creates_no_account(on: On) {
    let app = TestApp::on(on).await;
    let thief = app.person("Ada").await;
    change(&app, &thief, NEW).await;
    let ada = app.visitor();
    let (old, stranger) = (
        ada.request_code(OLD).await,
        app.visitor().request_code("x@example.org").await,
    );
    assert_eq!(
        (old.status, old.text()),
        (stranger.status, stranger.text()),
        "the page does not tell"
    );
    let letter = ada.read_letter();
    assert_eq!(letters::code_in(&letter), None, "{letter}");
    let text = letter.replace("=\r\n", "");
    assert!(text.contains("Put the address back") && !text.contains(NEW), "{text}");
    let link = letters::sign_in_link(&letter, &app.origin()).expect("a link");
    assert!(link.starts_with("/undo-email"), "{link}");
    let page = ada.page(&link).await.must(200).text();
    assert!(
        page.contains("Put the address back"),
        "the letter names the button of the page: {page}"
    );
    undo(&ada, &link).await.must(200);
    thief.me().await.must_fail(401, "session_ended");
    assert_eq!(users(&app).await, 1);
    ada.sign_up(OLD).await;
    assert_eq!(email(&ada).await, OLD);
    assert_eq!(users(&app).await, 1);
}

async fn a_code_from_before_the_change_creates_no_account(on: On) {
    let app = TestApp::on(on).await;
    let (thief, ada, tablet) = (app.person("Ada").await, app.visitor(), app.visitor());
    tablet.request_code(OLD).await.must(200);
    let link = letters::sign_in_link(&tablet.read_letter(), &app.origin()).expect("a link");
    ada.request_code(OLD).await.must(200);
    let code = ada.read_code();
    change(&app, &thief, NEW).await;
    let refused = ada.verify_code(&code).await.must_fail(403, "forbidden");
    assert!(refused.detail().contains("press its link"), "{}", refused.detail());
    let (_, token) = link.split_once("token=").expect("a token");
    let token = token.split('&').next().expect("a token");
    tablet
        .post("/api/auth/verify_link", &[("token", token)])
        .await
        .must_fail(403, "forbidden");
    assert_eq!(users(&app).await, 1);
    undo(&ada, &undo_link(&app, OLD)).await.must(200);
    // The refusal has not used up the code.
    ada.verify_code(&code).await.must(200);
    assert_eq!(users(&app).await, 1);
}

async fn nobody_else_changes_to_an_address_that_can_be_put_back(on: On) {
    let app = TestApp::on(on).await;
    let (thief, ben) = (app.person("Ada").await, app.person("Ben").await);
    change(&app, &thief, NEW).await;
    let refused = try_to_change(&app, &ben, OLD).await.must_fail(409, "conflict");
    assert!(
        refused.detail().contains("kept for that account"),
        "{}",
        refused.detail()
    );
    assert_eq!(email(&ben).await, "ben@example.org");
    let host = app.person("Host").await;
    let room = host.open_room("Tea", "open").await;
    let _socket = host.enter(&room).await;
    let gus = app.guest(&host.make_guest_link(&room).await, "Gus").await;
    try_to_change(&app, &gus, OLD).await.must_fail(409, "conflict");
    // The account itself can change back.
    change(&app, &thief, OLD).await;
    assert_eq!(email(&thief).await, OLD);
}

async fn after_a_change_back_in_the_settings_the_thief_can_undo_nothing(on: On) {
    const LAST: &str = "eve@example.com";
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    change(&app, &ada, NEW).await;
    change(&app, &ada, LAST).await;
    let (of_ada, of_thief) = (undo_link(&app, OLD), undo_link(&app, NEW));
    change(&app, &ada, OLD).await;
    let newest = letters::find_newest(&app.outbox(), LAST).expect("a letter");
    assert!(letters::code_in(&newest).is_some(), "no letter with a link: {newest}");
    for link in [&of_thief, &of_ada] {
        undo(&app.visitor(), link).await.must_fail(403, "forbidden");
    }
    assert_eq!(email(&ada).await, OLD);
    // Another change can be undone as before.
    change(&app, &ada, "ada@example.net").await;
    undo(&app.visitor(), &undo_link(&app, OLD)).await.must(200);
}

async fn after_a_week_the_old_address_is_free(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    change(&app, &ada, NEW).await;
    app.pass_s(7 * 86_400 - 5);
    let other = app.visitor();
    other.request_code(OLD).await.must(200);
    assert_eq!(letters::code_in(&other.read_letter()), None);
    app.pass_s(10);
    other.sign_up(OLD).await;
    assert_eq!(users(&app).await, 2);
}

async fn the_undo_stays_possible_when_the_clock_jumps_back(on: On) {
    let app = TestApp::on(on).await;
    let thief = app.person("Ada").await;
    change(&app, &thief, NEW).await;
    let link = undo_link(&app, OLD);
    app.state.clock.jump_s(-86_400);
    let ada = app.visitor();
    ada.request_code(OLD).await.must(200);
    assert_eq!(letters::code_in(&ada.read_letter()), None, "the address is still kept");
    undo(&ada, &link).await.must(200);
    ada.sign_up(OLD).await;
    assert_eq!(email(&ada).await, OLD);
    assert_eq!(users(&app).await, 1);
}

async fn the_undo_ends_the_thiefs_sessions_even_if_the_address_is_taken(on: On) {
    let app = TestApp::on(on).await;
    let thief = app.person("Ada").await;
    let host = app.person("Host").await;
    let room = host.open_room("Tea", "open").await;
    let _socket = host.enter(&room).await;
    let mut inside = thief.enter(&room).await;
    change(&app, &thief, NEW).await;
    let link = undo_link(&app, OLD);
    // Before this version, a sign-in with the old address created an account.
    app.tamper(
        "insert into users (id, email, name, picture, created_at) values ('aaaaaaaaaaaaaaaaaaaa', 'ada@example.org', '', '', 0)",
    )
    .await;
    let refused = undo(&app.visitor(), &link).await.must_fail(409, "conflict");
    assert!(refused.detail().contains("signed out"), "{}", refused.detail());
    thief.me().await.must_fail(401, "session_ended");
    thief.refresh().await.must_fail(401, "session_ended");
    assert!(inside.recv_close_code().await.is_some(), "the socket is closed");
    host.me().await.must(200);
    // The link still works. Once the address is free, it puts the address back.
    app.tamper("delete from users where id = 'aaaaaaaaaaaaaaaaaaaa'").await;
    undo(&app.visitor(), &link).await.must(200);
    assert_eq!(
        app.ask::<String>("select email from users where name = 'Ada'").await,
        OLD
    );
}

async fn an_account_that_already_has_the_old_address_can_still_sign_in(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    change(&app, &ada, NEW).await;
    app.tamper(
        "insert into users (id, email, name, picture, created_at) values ('aaaaaaaaaaaaaaaaaaaa', 'ada@example.org', '', '', 0)",
    )
    .await;
    app.newcomer(OLD).await;
    assert_eq!(users(&app).await, 2);
}
