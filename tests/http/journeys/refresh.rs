//! "Refresh Token": the seed's seven steps in one endpoint, and the pages that renew before they render.

use crate::{
    database::On,
    test_app::{TestApp, claims},
};

on_both_databases! {
    step_1_get_the_refresh_token_from_the_cookie,
    step_2_check_if_the_token_is_valid,
    step_3_check_if_the_token_is_in_the_database,
    step_4_check_if_the_user_is_valid,
    steps_5_to_7_generate_new_tokens_update_the_row_put_them_in_cookies,
    a_failing_refresh_sets_no_cookie,
}

async fn step_1_get_the_refresh_token_from_the_cookie(on: On) {
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

async fn step_2_check_if_the_token_is_valid(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    ada.jar.set("refresh", "v1.kid.session-01.c2VjcmV0.dGFn");
    ada.refresh().await.must_fail(401, "signed_out");
    let access = ada.jar.get("access").expect("a token");
    ada.jar.set("refresh", &access);
    ada.refresh().await.must_fail(401, "signed_out");
}

async fn step_3_check_if_the_token_is_in_the_database(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    app.tamper("delete from sessions").await;
    ada.refresh().await.must_fail(401, "session_ended");
}

async fn step_4_check_if_the_user_is_valid(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    app.tamper("delete from users").await;
    ada.refresh().await.must_fail(401, "session_ended");
    ada.me().await.must_fail(401, "signed_out");
}

async fn steps_5_to_7_generate_new_tokens_update_the_row_put_them_in_cookies(on: On) {
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
        "updated, not added"
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
    assert!(ada.jar.get("refresh").is_some(), "only sign-out takes it away");
}

#[tokio::test]
async fn when_the_status_is_401_the_front_end_refreshes_and_tries_again() {
    let mut app = TestApp::start().await;
    let ada = app.person("Ada").await;
    app.pass_s(3_600);
    ada.list_rooms().await.must_fail(401, "signed_out");
    ada.refresh().await.must(200);
    ada.list_rooms().await.must(200);
}

#[tokio::test]
async fn pages_renew_a_stale_access_cookie_before_the_render() {
    let mut app = TestApp::start().await;
    let ada = app.person("Ada").await;
    app.pass_s(3_600);
    let page = ada.page("/rooms").await.must(200);
    page.set_cookie("access");
    assert!(page.text().contains("Open a room"));
}

#[tokio::test]
async fn sign_out_revokes_clears_the_cookies_and_the_access_token_is_dead_at_once() {
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
