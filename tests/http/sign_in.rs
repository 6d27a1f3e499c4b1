//! Signing in: it creates the account, starts a session, and replaces the browser's previous session.

use crate::{
    database::On,
    test_app::{TestApp, claims},
};
use snug::model::user::User;

on_both_databases! {
    two_browsers_of_a_new_person_get_one_account,
    signing_in_again_replaces_the_session_of_this_browser,
    a_session_stores_its_device_and_only_the_network_of_its_address,
}

async fn two_browsers_of_a_new_person_get_one_account(on: On) {
    let app = TestApp::on(on).await;
    let (laptop, phone) = (app.visitor(), app.visitor());
    laptop.request_code("ada@example.org").await.must(200);
    let laptop_code = laptop.read_code();
    phone.request_code("ada@example.org").await.must(200);
    let phone_code = phone.read_code();
    let (one, other) = tokio::join!(laptop.verify_code(&laptop_code), phone.verify_code(&phone_code));
    assert_eq!(
        one.must(200).json::<User>().person.id,
        other.must(200).json::<User>().person.id
    );
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 1);
    assert_eq!(app.ask::<i64>("select count(*) from sessions").await, 2);
}

async fn signing_in_again_replaces_the_session_of_this_browser(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let before = ada.jar.copy();
    let room = ada.open_room("Tea", "open").await;
    let mut socket = ada.enter(&room).await;

    ada.sign_up("ada@example.org").await;
    ada.me().await.must(200);
    socket.recv_all().await;
    assert_eq!(
        app.ask::<String>("select revoke_reason from sessions where revoked_at is not null")
            .await,
        "replaced"
    );
    ada.jar.restore(before);
    ada.me().await.must_fail(401, "session_ended");
    ada.refresh().await.must_fail(401, "session_ended");
}

async fn a_session_stores_its_device_and_only_the_network_of_its_address(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let browser = format!("Lynx/2.9\u{9}{}", "x".repeat(400));
    let request = ada
        .raw_post("/api/auth/verify_code")
        .header("accept", "application/json")
        .header("user-agent", browser);
    ada.send(request.form(&[("code", ada.read_code())])).await.must(200);
    let user_agent = app.ask::<String>("select user_agent from sessions").await;
    assert_eq!((user_agent.len(), &user_agent[..8]), (200, "Lynx/2.9"));
    assert_eq!(
        app.ask::<String>("select ip_prefix from sessions").await,
        "127.0.0.0/24"
    );
}

#[tokio::test]
async fn a_token_of_another_server_is_refused() {
    let (here, there) = (TestApp::start().await, TestApp::start().await);
    let (ada, ben) = (here.person("Ada").await, there.person("Ben").await);
    ada.jar.restore(ben.jar.copy());
    ada.me().await.must_fail(401, "signed_out");
    ada.refresh().await.must_fail(401, "signed_out");
}

#[tokio::test]
async fn a_changed_access_token_is_refused() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let token = ada.jar.get("access").expect("a token");
    let [header, body, signature] = token.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let (first, last) = signature.split_at(1);
    let other = if first == "A" { "B" } else { "A" };
    for forged in [
        format!("{header}.{body}.{other}{last}"),
        format!("{header}.{body}."),
        // {"alg":"none","typ":"at+jwt"}
        format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{body}."),
        "nonsense".into(),
        String::new(),
    ] {
        ada.jar.set("access", &forged);
        ada.me().await.must_fail(401, "signed_out");
    }
    ada.jar.set("access", &token);
    ada.me().await.must(200);
}

#[tokio::test]
async fn a_refreshed_access_token_names_the_same_session() {
    let mut app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let session = |ada: &crate::visitor::Visitor| claims(&ada.jar.get("access").expect("a token"))["sid"].clone();
    let first = session(&ada);
    app.pass_s(700);
    ada.refresh().await.must(200);
    assert_eq!(session(&ada), first);
}

#[tokio::test]
async fn a_form_without_scripts_signs_in_and_keeps_next() {
    let app = TestApp::start().await;
    let ada = app.visitor();
    let next = "/rooms/abcdefghij";
    let asked = ada
        .submit(
            "/sign-in",
            "/api/auth/request_code",
            &[("email", "ada@example.org"), ("next", next)],
        )
        .await;
    assert_eq!(asked.must(302).location(), "/sign-in?next=%2Frooms%2Fabcdefghij");
    let letter = crate::letters::find_newest(&app.outbox(), "ada@example.org").expect("a letter");
    let code = crate::letters::code_in(&letter).expect("a code");

    let from = "/sign-in?next=%2Frooms%2Fabcdefghij";
    let wrong = ada
        .submit(from, "/api/auth/verify_code", &[("code", "12345"), ("next", next)])
        .await
        .must(302);
    assert_eq!(wrong.location(), from, "next is kept");
    let page = ada.page(from).await.must(200).text();
    assert!(page.contains("role=\"alert\""), "{page}");

    let right = ada
        .submit(from, "/api/auth/verify_code", &[("code", &code), ("next", next)])
        .await
        .must(302);
    assert_eq!(right.location(), "/activate?next=%2Frooms%2Fabcdefghij");
    assert!(right.set_cookie("access").contains("HttpOnly"));
    let activated = ada
        .submit(
            &right.location(),
            "/api/profile/activate",
            &[("name", "Ada"), ("next", next)],
        )
        .await;
    assert_eq!(activated.must(302).location(), next);
}

#[tokio::test]
async fn a_sign_in_does_not_redirect_to_another_site() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    ada.request_code("ada@example.org").await.must(200);
    let fields = [("code", ada.read_code()), ("next", "https://evil.example/".into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        ada.submit("/sign-in", "/api/auth/verify_code", &fields)
            .await
            .must(302)
            .location(),
        "/rooms"
    );
}
