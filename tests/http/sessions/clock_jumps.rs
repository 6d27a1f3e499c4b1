//! The wall clock jumps: by an hour either way, and by a day back. Nobody is signed out, and no token lives longer.

use crate::{
    database::On,
    test_app::{TestApp, claims},
    visitor::Visitor,
};

on_both_databases! {
    an_answer_under_way_during_a_jump_signs_nobody_out,
    a_browser_goes_on_refreshing_after_a_jump,
    a_thief_is_caught_after_a_jump,
}

/// The jumps, in seconds.
const JUMPS_S: [i64; 3] = [3_600, -3_600, -86_400];
/// The life of an access token, and the age at which a refresh token is rotated, in seconds.
const ACCESS_S: i64 = 600;
const C_S: i64 = 120;

async fn has_access(visitor: &Visitor) -> bool {
    visitor.me().await.status == 200
}

/// The worst case: an answer is under way while the clock jumps, so the browser still presents the token from before. Without the
/// rule for jumps, the server would see an old token after a jump forward, rotate twice, and take the browser for a thief.
async fn an_answer_under_way_during_a_jump_signs_nobody_out(on: On) {
    for jump_s in JUMPS_S {
        let mut app = TestApp::on(on).await;
        let ada = app.person("Ada").await;
        app.pass_s(ACCESS_S + 1);
        let before = ada.jar.copy();
        ada.refresh().await.must(200);
        let after = ada.jar.get("refresh");
        app.state.clock.jump_s(jump_s);
        // Another tab refreshes with the new token, and uses what it gets.
        ada.refresh().await.must(200);
        ada.me().await.must(200);
        // A request from before the jump arrives, with the token from before.
        ada.jar.restore(before);
        ada.refresh().await.must(200);
        ada.me().await.must(200);
        assert_eq!(ada.jar.get("refresh"), after, "one successor: {jump_s}");
        assert_eq!(app.ask::<i64>("select gen from sessions").await, 2, "{jump_s}");
        let confirmed = app.ask::<i64>("select confirmed from sessions").await;
        assert_eq!(confirmed, 0, "nothing proves yet that the answer has arrived: {jump_s}");
    }
}

async fn a_browser_goes_on_refreshing_after_a_jump(on: On) {
    for jump_s in JUMPS_S {
        let mut app = TestApp::on(on).await;
        let ada = app.person("Ada").await;
        app.pass_s(ACCESS_S + 1);
        ada.refresh().await.must(200);
        app.state.clock.jump_s(jump_s);
        for _ in 0..30 {
            app.pass_s(C_S / 2);
            if !has_access(&ada).await {
                ada.refresh().await.must(200);
            }
            ada.me().await.must(200);
        }
        app.pass_s(C_S);
        ada.refresh().await.must(200);
        let generation = app.ask::<i64>("select gen from sessions").await;
        assert!(generation > 2, "tokens are rotated again after {jump_s}: {generation}");
        assert_eq!(
            app.ask::<i64>("select count(*) from sessions where revoked_at is not null")
                .await,
            0
        );
    }
}

async fn a_thief_is_caught_after_a_jump(on: On) {
    for jump_s in JUMPS_S {
        let mut app = TestApp::on(on).await;
        let (ada, thief) = (app.person("Ada").await, app.visitor());
        thief.jar.restore(ada.jar.copy());
        app.pass_s(ACCESS_S + 1);
        ada.refresh().await.must(200);
        app.pass_s(C_S + 1);
        ada.me().await.must(200);
        app.until("select count(*) from sessions where confirmed = 1", 1).await;
        app.state.clock.jump_s(jump_s);
        thief.refresh().await.must_fail(401, "session_ended");
        // After a jump forward, her access token has expired too, and the server checks that first.
        let why = if jump_s > 0 { "signed_out" } else { "session_ended" };
        ada.me().await.must_fail(401, why);
        ada.refresh().await.must_fail(401, "session_ended");
    }
}

#[tokio::test]
async fn a_jump_extends_no_access_token() {
    for jump_s in JUMPS_S {
        let mut app = TestApp::start().await;
        let ada = app.person("Ada").await;
        let issued_at = claims(&ada.jar.get("access").expect("a token"))["iat"]
            .as_i64()
            .expect("a time");
        app.state.clock.jump_s(jump_s);
        let works = has_access(&ada).await;
        assert_eq!(
            works,
            jump_s < 0,
            "after a jump forward, the clock says that it is over: {jump_s}"
        );
        app.pass_s(ACCESS_S + 1);
        assert!(!has_access(&ada).await, "{jump_s}");
        // Now the clock again shows the time at which the token was made.
        let until_again_s = issued_at - app.state.now_s();
        if until_again_s > 0 {
            app.pass_s(until_again_s + 1);
            assert!(!has_access(&ada).await, "{jump_s}");
        }
    }
}

#[tokio::test]
async fn a_jump_brings_no_session_back_that_was_signed_out() {
    let mut app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let stolen = app.visitor();
    stolen.jar.restore(ada.jar.copy());
    ada.sign_out().await.must(200);
    // The clock is a day ahead for a moment, and another sign-out tidies the memory of the server meanwhile.
    app.state.clock.jump_s(86_400);
    ben.refresh().await.must(200);
    ben.sign_out().await.must(200);
    app.state.clock.jump_s(-86_400);
    assert!(!has_access(&stolen).await);
    app.pass_s(1);
    stolen.refresh().await.must_fail(401, "session_ended");
}

#[tokio::test]
async fn a_jump_extends_no_code() {
    let mut app = TestApp::start().await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let code = ada.read_code();
    app.state.clock.jump_s(-86_400);
    app.pass_s(1);
    assert_ne!(ada.verify_code(&code).await.status, 200);
    ada.request_code("ada@example.org").await.must(200);
    ada.verify_code(&ada.read_code()).await.must(200);
}

#[tokio::test]
async fn a_step_back_of_2_s_breaks_no_code() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.visitor(), app.visitor());
    ada.request_code("ada@example.org").await.must(200);
    let code = ada.read_code();
    app.state.clock.jump_s(-2);
    // The next letter deletes the codes that are from before a jump back.
    ben.request_code("ben@example.org").await.must(200);
    ada.verify_code(&code).await.must(200);
}

#[tokio::test]
async fn a_limit_lasts_no_longer_than_its_window_after_a_jump_back() {
    let mut app = TestApp::with(On::Sqlite, |config| config.limits.enforced = true).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    app.state.clock.jump_s(-86_400);
    let refused = ada.request_code("ada@example.org").await.must_fail(429, "too_many");
    let wait_s = refused.retry_after_s();
    assert!((1..=60).contains(&wait_s), "{wait_s}");
    app.pass_s(wait_s);
    ada.request_code("ada@example.org").await.must(200);
}
