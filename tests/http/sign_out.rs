//! Signing out: it revokes the session, clears the cookies, and takes effect at once.

use crate::{database::On, test_app::TestApp};

on_both_databases! {
    signing_out_clears_the_cookies_and_revokes_the_session,
    a_copied_access_token_is_refused_at_once_and_after_a_restart,
    with_an_expired_access_token_the_refresh_token_signs_out,
}

async fn signing_out_clears_the_cookies_and_revokes_the_session(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let before = ada.jar.copy();
    let answer = ada.sign_out().await.must(200);
    for name in ["access", "refresh", "access-expires"] {
        let cookie = answer.set_cookie(name);
        assert!(
            cookie.starts_with(&format!("{name}=;")) && cookie.contains("Max-Age=0"),
            "{cookie}"
        );
        assert_eq!(ada.jar.get(name), None);
    }
    ada.me().await.must_fail(401, "signed_out");
    assert_eq!(
        app.ask::<String>("select revoke_reason from sessions").await,
        "signed out"
    );
    ada.jar.restore(before);
    ada.refresh().await.must_fail(401, "session_ended");
}

async fn a_copied_access_token_is_refused_at_once_and_after_a_restart(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let copy = ada.jar.copy();
    ada.sign_out().await.must(200);
    ada.jar.restore(copy.clone());
    ada.me().await.must_fail(401, "session_ended");
    ada.list_rooms().await.must_fail(401, "session_ended");
    app.pass_s(300);
    app.restart().await;
    ada.me().await.must_fail(401, "session_ended");
}

async fn with_an_expired_access_token_the_refresh_token_signs_out(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    app.pass_s(601);
    ada.sign_out().await.must(200);
    assert_eq!(
        app.ask::<i64>("select count(*) from sessions where revoked_at is not null")
            .await,
        1
    );
}

#[tokio::test]
async fn another_device_stays_signed_in() {
    let app = TestApp::start().await;
    let (laptop, phone) = (app.person("Ada").await, app.newcomer("ada@example.org").await);
    laptop.sign_out().await.must(200);
    phone.me().await.must(200);
    phone.refresh().await.must(200);
}

#[tokio::test]
async fn signing_out_twice_or_without_a_session_succeeds() {
    let app = TestApp::start().await;
    app.visitor().sign_out().await.must(200);
    let ada = app.person("Ada").await;
    ada.sign_out().await.must(200);
    ada.sign_out().await.must(200);
}

#[tokio::test]
async fn a_form_without_scripts_redirects_to_the_sign_in_page() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    assert_eq!(
        ada.submit("/settings", "/api/auth/sign_out", &[])
            .await
            .must(302)
            .location(),
        "/sign-in"
    );
    assert_eq!(ada.jar.get("access"), None);
}
