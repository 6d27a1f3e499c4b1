//! Refreshing tokens: each check of the refresh endpoint, and pages that refresh a session before they render.

use crate::{
    database::On,
    test_app::{TestApp, claims},
};

on_both_databases! {
    the_refresh_token_is_taken_only_from_the_cookie,
    a_forged_refresh_token_is_refused,
    a_refresh_token_without_a_session_is_refused,
    a_refresh_token_without_a_user_is_refused,
    a_refresh_updates_the_row_and_sets_new_cookies,
    a_failing_refresh_sets_no_cookie,
}

async fn the_refresh_token_is_taken_only_from_the_cookie(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let token = ada.jar.get("refresh").expect("a token");
    ada.jar.remove("refresh");
    ada.post("/api/auth/refresh", &[("refresh", &token), ("token", &token)])
        .await
        .must_fail(401, "signed_out");
    ada.jar.set("refresh", &token);
    ada.refresh().await.must(200);
}

async fn a_forged_refresh_token_is_refused(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    ada.jar.set("refresh", "v1.kid.session-01.c2VjcmV0.dGFn");
    ada.refresh().await.must_fail(401, "signed_out");
    let access = ada.jar.get("access").expect("a token");
    ada.jar.set("refresh", &access);
    ada.refresh().await.must_fail(401, "signed_out");
}

async fn a_refresh_token_without_a_session_is_refused(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    app.tamper("delete from sessions").await;
    ada.refresh().await.must_fail(401, "session_ended");
}

async fn a_refresh_token_without_a_user_is_refused(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    app.tamper("delete from users").await;
    ada.refresh().await.must_fail(401, "session_ended");
    ada.me().await.must_fail(401, "signed_out");
}

async fn a_refresh_updates_the_row_and_sets_new_cookies(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let before = ada.jar.copy();
    let cur_hash = app.ask::<String>("select cur_hash from sessions").await;
    app.pass_s(601);
    ada.me().await.must_fail(401, "signed_out");
    let answer = ada.refresh().await.must(200);
    assert_eq!(answer.text(), "600", "the seconds that the access token lives");
    for name in ["access", "refresh", "access-expires"] {
        assert_ne!(ada.jar.get(name).as_ref(), before.get(name), "{name}");
        assert_eq!(answer.set_cookie(name).contains("HttpOnly"), name != "access-expires");
    }
    assert_ne!(app.ask::<String>("select cur_hash from sessions").await, cur_hash);
    assert_eq!(
        app.ask::<i64>("select count(*) from sessions").await,
        1,
        "the row is updated, no row is added"
    );
    let (old, new) = (
        claims(&before["access"]),
        claims(&ada.jar.get("access").expect("a token")),
    );
    assert_eq!((&old["sub"], &old["sid"]), (&new["sub"], &new["sid"]));
    ada.me().await.must(200);
}

async fn a_failing_refresh_sets_no_cookie(on: On) {
    let app = TestApp::on(on).await;
    let (stranger, ada) = (app.visitor(), app.person("Ada").await);
    assert!(stranger.refresh().await.must(401).set_cookies().is_empty());
    app.tamper("update sessions set revoked_at = 1").await;
    assert!(ada.refresh().await.must(401).set_cookies().is_empty());
    assert!(
        ada.jar.get("refresh").is_some(),
        "only signing out removes the refresh token"
    );
}

#[tokio::test]
async fn after_a_401_a_refresh_makes_the_same_call_succeed() {
    let mut app = TestApp::start().await;
    let ada = app.person("Ada").await;
    app.pass_s(3_600);
    ada.list_rooms().await.must_fail(401, "signed_out");
    ada.refresh().await.must(200);
    ada.list_rooms().await.must(200);
}

#[tokio::test]
async fn a_page_refreshes_an_expired_access_token_before_it_renders() {
    let mut app = TestApp::start().await;
    let ada = app.person("Ada").await;
    app.pass_s(3_600);
    let page = ada.page("/rooms").await.must(200);
    page.set_cookie("access");
    assert!(page.text().contains("Open a room"));
}

#[tokio::test]
async fn signing_out_clears_the_cookies_and_revokes_the_access_token_at_once() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let copy = ada.jar.copy();
    ada.sign_out().await.must(200);
    assert!(
        ["access", "refresh", "access-expires"]
            .iter()
            .all(|name| ada.jar.get(name).is_none())
    );
    ada.jar.restore(copy);
    ada.me().await.must_fail(401, "session_ended");
}
