//! Codes, tokens and devices.

use crate::{answer::Answer, database::On, test_app::TestApp};

on_both_databases! {
    a_wrong_code_is_an_error_and_writes_nothing,
    an_empty_body_is_answered_with_a_sentence,
    a_code_works_once,
    a_code_can_not_be_guessed,
    two_devices_stay_signed_in,
    a_refresh_token_ends_its_session_once_its_successor_is_confirmed,
    fifty_refreshes_at_once_have_one_successor,
    two_sign_ins_in_one_second_have_different_refresh_tokens,
    an_access_token_is_refused_after_sign_out,
}

async fn a_wrong_code_is_an_error_and_writes_nothing(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let answer = ada.verify_code(&ada.wrong_code()).await.must_fail(422, "invalid");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 0);
    assert_eq!(app.ask::<i64>("select count(*) from sessions").await, 0);
    ada.verify_code(&ada.read_code()).await.must(200);
}

async fn an_empty_body_is_answered_with_a_sentence(on: On) {
    let app = TestApp::on(on).await;
    let stranger = app.visitor();
    for endpoint in ["auth/request_code", "auth/verify_code"] {
        stranger
            .post(&format!("/api/{endpoint}"), &[])
            .await
            .must_fail(422, "invalid");
        let bare = stranger
            .raw_post(&format!("/api/{endpoint}"))
            .header("accept", "application/json");
        let answer = stranger.send(bare).await;
        assert!((400..500).contains(&answer.status), "{endpoint}: {}", answer.status);
        assert!(answer.detail().len() > 10, "{}", answer.text());
    }
    stranger.get("/healthz").await.must(200);
}

async fn a_code_works_once(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let (code, cookies) = (ada.read_code(), ada.jar.copy());
    ada.verify_code(&code).await.must(200);
    ada.jar.restore(cookies);
    let again = ada.verify_code(&code).await.must_fail(403, "forbidden");
    assert!(again.set_cookies().is_empty());
    assert_eq!(app.ask::<i64>("select count(*) from sessions").await, 1);
}

async fn a_code_can_not_be_guessed(on: On) {
    let app = TestApp::with(on, |config| config.limits.enforced = true).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let code: u32 = ada.read_code().parse().expect("digits");
    let guesses: Vec<String> = (1..=20)
        .map(|step| format!("{:06}", (code + step) % 1_000_000))
        .collect();
    let answers = futures_util::future::join_all(guesses.iter().map(|guess| ada.verify_code(guess))).await;
    let tried = answers.iter().filter(|answer| answer.status == 422).count();
    assert_eq!(
        tried,
        5,
        "{:?}",
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
    );
    ada.verify_code(&ada.read_code()).await.must_fail(403, "forbidden");
    app.visitor()
        .request_code("ada@example.org")
        .await
        .must_fail(429, "too_many");
}

async fn two_devices_stay_signed_in(on: On) {
    let mut app = TestApp::on(on).await;
    let (laptop, phone) = (app.person("Ada").await, app.newcomer("ada@example.org").await);
    for _ in 0..4 {
        app.pass_s(700);
        for device in [&laptop, &phone, &laptop] {
            device.refresh().await.must(200);
            device.me().await.must(200);
        }
    }
}

async fn a_refresh_token_ends_its_session_once_its_successor_is_confirmed(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let rotated = ada.jar.copy();
    app.pass_s(700);
    ada.refresh().await.must(200);
    app.pass_s(121);
    ada.me().await.must(200);
    app.until("select confirmed from sessions", 1).await;
    ada.jar.restore(rotated);
    ada.refresh().await.must_fail(401, "session_ended");
}

async fn fifty_refreshes_at_once_have_one_successor(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let token = ada.jar.get("refresh").expect("a token");
    app.pass_s(121);
    let requests = (0..50).map(|_| {
        let request = ada.raw_post("/api/auth/refresh").header("accept", "application/json");
        ada.send(request.form(&[("", "")]))
    });
    let answers = futures_util::future::join_all(requests).await;
    let mut successors: Vec<String> = answers
        .into_iter()
        .map(|answer| value_of(&answer.must(200), "refresh"))
        .collect();
    successors.sort_unstable();
    successors.dedup();
    assert_eq!(successors.len(), 1, "all get the same successor");
    assert_ne!(successors[0], token);
    assert_eq!(app.ask::<i64>("select gen from sessions").await, 2);
    ada.me().await.must(200);
    ada.refresh().await.must(200);
}

fn value_of(answer: &Answer, cookie: &str) -> String {
    let set = answer.set_cookie(cookie);
    set.split(';')
        .next()
        .and_then(|pair| pair.split_once('='))
        .expect("a value")
        .1
        .to_owned()
}

async fn two_sign_ins_in_one_second_have_different_refresh_tokens(on: On) {
    let app = TestApp::on(on).await;
    let (one, other) = (
        app.newcomer("ada@example.org").await,
        app.newcomer("ada@example.org").await,
    );
    assert_ne!(one.jar.get("refresh"), other.jar.get("refresh"));
    assert_ne!(one.jar.get("access"), other.jar.get("access"));
    assert_eq!(app.ask::<i64>("select count(distinct cur_hash) from sessions").await, 2);
}

async fn an_access_token_is_refused_after_sign_out(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let copy = ada.jar.copy();
    ada.sign_out().await.must(200);
    ada.jar.restore(copy);
    ada.me().await.must_fail(401, "session_ended");
    assert_eq!(ada.watch_rooms().await.err().expect("refused").status, 401);
}
