//! The answers of the refresh endpoint to every kind of refresh token (see docs/sessions.md), with a clock that tests move.

use crate::{
    database::On,
    letters,
    test_app::{TestApp, claims},
    visitor::Visitor,
};

on_both_databases! {
    without_a_refresh_cookie_a_refresh_is_answered_with_signed_out,
    a_token_of_a_revoked_missing_or_expired_session_is_answered_with_session_ended,
    a_refresh_right_after_a_rotation_keeps_the_refresh_token,
    a_refresh_token_that_is_old_enough_gets_a_successor,
    after_a_lost_answer_the_old_token_gets_the_same_successor,
    a_replayed_token_ends_the_session,
    a_token_replayed_by_a_page_request_ends_the_session,
    a_made_up_token_changes_nothing,
    a_successor_in_use_replaces_its_predecessor_only_once_it_is_old_enough,
    a_device_in_use_stays_signed_in_for_400_days,
    an_unreachable_database_signs_nobody_out,
}

/// `confirm_seconds`: the age in seconds from which the use of an access token confirms the token's generation.
const C_S: i64 = 120;

fn refresh_token(visitor: &Visitor) -> String {
    visitor.jar.get("refresh").expect("a refresh cookie")
}

async fn confirmed(app: &TestApp) {
    app.until("select confirmed from sessions", 1).await;
}

async fn without_a_refresh_cookie_a_refresh_is_answered_with_signed_out(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    ada.jar.remove("refresh");
    let answer = ada.refresh().await.must_fail(401, "signed_out");
    assert!(answer.set_cookies().is_empty());
    ada.me().await.must(200);
}

async fn a_token_of_a_revoked_missing_or_expired_session_is_answered_with_session_ended(on: On) {
    let mut app = TestApp::on(on).await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    app.tamper("update sessions set revoked_at = 1 where user_id = (select id from users where name = 'Ada')")
        .await;
    app.tamper("delete from sessions where user_id = (select id from users where name = 'Ben')")
        .await;
    for visitor in [&ada, &ben] {
        assert!(
            visitor
                .refresh()
                .await
                .must_fail(401, "session_ended")
                .set_cookies()
                .is_empty()
        );
    }
    app.pass_s(90 * 86_400 + 1);
    assert!(
        cem.refresh()
            .await
            .must_fail(401, "session_ended")
            .set_cookies()
            .is_empty()
    );
}

async fn a_refresh_right_after_a_rotation_keeps_the_refresh_token(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let (token, access) = (refresh_token(&ada), ada.jar.get("access"));
    let served_at = app.ask::<i64>("select served_at from sessions").await;
    app.pass_s(C_S - 5);
    ada.refresh().await.must(200);
    assert_eq!(refresh_token(&ada), token);
    assert_ne!(ada.jar.get("access"), access, "a new access token");
    assert_eq!(app.ask::<i64>("select served_at from sessions").await, served_at);
    assert_eq!(app.ask::<i64>("select gen from sessions").await, 1);
    ada.me().await.must(200);
}

async fn a_refresh_token_that_is_old_enough_gets_a_successor(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let (token, cur_hash) = (
        refresh_token(&ada),
        app.ask::<String>("select cur_hash from sessions").await,
    );
    app.pass_s(C_S);
    ada.refresh().await.must(200);
    assert_ne!(refresh_token(&ada), token);
    assert_eq!(app.ask::<i64>("select gen from sessions").await, 2);
    assert_eq!(app.ask::<String>("select prev_hash from sessions").await, cur_hash);
    assert_eq!(claims(&ada.jar.get("access").expect("a token"))["gen"], 2);
    ada.me().await.must(200);
}

async fn after_a_lost_answer_the_old_token_gets_the_same_successor(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let before = ada.jar.copy();
    app.pass_s(700);
    ada.refresh().await.must(200);
    let successor = refresh_token(&ada);

    // The answer never arrived, so 30 days later the browser still has the old cookies.
    app.pass_s(30 * 86_400);
    ada.jar.restore(before);
    ada.refresh().await.must(200);
    assert_eq!(refresh_token(&ada), successor, "the same successor as before");
    assert_eq!(app.ask::<i64>("select gen from sessions").await, 2);
    let age_s = app.state.now_s() - app.ask::<i64>("select served_at from sessions").await;
    assert!(age_s <= 5, "served_at is not updated: {age_s} s old");
    ada.me().await.must(200);
}

async fn a_replayed_token_ends_the_session(on: On) {
    let mut app = TestApp::on(on).await;
    ends_by_replay(&mut app, async |thief| {
        let answer = thief.refresh().await.must_fail(401, "session_ended");
        assert!(answer.set_cookies().is_empty());
    })
    .await;
}

/// A page refreshes an expired access token before it renders. A replayed token ends the session there too.
async fn a_token_replayed_by_a_page_request_ends_the_session(on: On) {
    let mut app = TestApp::on(on).await;
    ends_by_replay(&mut app, async |thief| {
        thief.jar.remove("access");
        let answer = thief.page("/rooms").await.must(303);
        assert!(answer.location().starts_with("/sign-in"), "{}", answer.location());
        assert!(answer.set_cookies().is_empty());
    })
    .await;
}

async fn ends_by_replay(app: &mut TestApp, replay: impl AsyncFnOnce(&Visitor)) {
    let (ada, thief) = (app.person("Ada").await, app.visitor());
    thief.jar.restore(ada.jar.copy());
    let room = ada.open_room("Tea", "open").await;
    app.pass_s(700);
    ada.refresh().await.must(200);
    app.pass_s(C_S + 1);
    let mut socket = ada.enter(&room).await;
    confirmed(app).await;

    replay(&thief).await;
    assert_eq!(app.ask::<String>("select revoke_reason from sessions").await, "reuse");
    socket.recv_all().await;
    ada.me().await.must_fail(401, "session_ended");
    ada.refresh().await.must_fail(401, "session_ended");
}

async fn a_made_up_token_changes_nothing(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let good = refresh_token(&ada);
    let [version, kid, session, secret, tag] = good.split('.').collect::<Vec<_>>().try_into().expect("five parts");
    let other_secret = if secret.starts_with('A') {
        secret.replacen('A', "B", 1)
    } else {
        format!("A{}", &secret[1..])
    };
    for made_up in [
        String::new(),
        "nonsense".into(),
        good[..good.len() - 1].to_owned(),
        format!("v2.{kid}.{session}.{secret}.{tag}"),
        format!("{version}.other-key.{session}.{secret}.{tag}"),
        format!("{version}.{kid}.{session}.{other_secret}.{tag}"),
        format!("{good}.{tag}"),
    ] {
        ada.jar.set("refresh", &made_up);
        let answer = ada.refresh().await.must_fail(401, "signed_out");
        assert!(answer.set_cookies().is_empty(), "{made_up}");
    }
    assert_eq!(
        app.ask::<i64>("select count(*) from sessions where revoked_at is not null or gen <> 1")
            .await,
        0
    );
    ada.jar.set("refresh", &good);
    ada.refresh().await.must(200);
}

async fn a_successor_in_use_replaces_its_predecessor_only_once_it_is_old_enough(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let before = ada.jar.copy();
    app.pass_s(700);
    ada.refresh().await.must(200);
    let after = ada.jar.copy();
    // The new token is in use, but it is so young that another tab may still send the old one.
    ada.me().await.must(200);
    ada.jar.restore(before);
    ada.refresh().await.must(200);
    assert_eq!(app.ask::<i64>("select confirmed from sessions").await, 0);
    ada.jar.restore(after);
    app.pass_s(C_S);
    ada.me().await.must(200);
    confirmed(&app).await;
}

async fn a_device_in_use_stays_signed_in_for_400_days(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    for day in (0..400).step_by(50) {
        let answer = ada.refresh().await.must(200);
        let idle_left = format!("Max-Age={}", (90 * 86_400).min((400 - day) * 86_400));
        assert!(
            near(&answer.set_cookie("refresh"), &idle_left),
            "{} on day {day}",
            answer.set_cookie("refresh")
        );
        app.pass_s(50 * 86_400);
    }
    ada.refresh().await.must_fail(401, "session_ended");
}

/// Whether a cookie's `Max-Age` is at most 30 s below `wanted`, because the test takes time.
fn near(cookie: &str, wanted: &str) -> bool {
    let seconds = |text: &str| -> Option<i64> { text.split_once("Max-Age=")?.1.split(';').next()?.parse().ok() };
    seconds(cookie)
        .zip(seconds(wanted))
        .is_some_and(|(found, wanted)| (wanted - 30..=wanted).contains(&found))
}

async fn an_unreachable_database_signs_nobody_out(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    app.state.database.close().await;
    for answer in [
        ada.refresh().await,
        ada.sign_out().await,
        ada.me().await,
        ada.list_rooms().await,
    ] {
        let answer = answer.must_fail(503, "unavailable");
        assert!(
            answer
                .header("retry-after")
                .is_some_and(|seconds| seconds.parse::<u32>().is_ok_and(|s| s > 0))
        );
        assert!(answer.set_cookies().is_empty());
    }
    app.restart().await;
    ada.refresh().await.must(200);
    ada.me().await.must(200);
}

#[tokio::test]
async fn a_letter_tells_the_person_that_a_replay_ended_their_session() {
    let mut app = TestApp::start().await;
    let (ada, thief) = (app.person("Ada").await, app.visitor());
    thief.jar.restore(ada.jar.copy());
    app.pass_s(700);
    ada.refresh().await.must(200);
    app.pass_s(C_S + 1);
    ada.me().await.must(200);
    confirmed(&app).await;
    let letters_before = letters::list(&app.outbox()).len();
    thief.refresh().await.must_fail(401, "session_ended");
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(3);
    while letters::list(&app.outbox()).len() == letters_before {
        assert!(
            tokio::time::Instant::now() < deadline,
            "no letter tells Ada that her session was ended"
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let letter = letters::find_newest(&app.outbox(), "ada@example.org").expect("a letter");
    assert!(
        letters::code_in(&letter).is_none() && letter.contains("ended"),
        "{letter}"
    );
}

#[tokio::test]
async fn without_its_keyring_the_server_does_not_start_on_a_database_with_data() {
    let mut app = TestApp::start().await;
    app.person("Ada").await;
    let config = app.state.config.clone();
    app.stop().await;
    std::fs::remove_file(config.data_dir.join("keyring.json")).expect("the keyring");
    let error = snug::server::state::AppState::open(config)
        .await
        .err()
        .expect("it can't start");
    assert!(format!("{error:#}").contains("keyring"), "{error:#}");
}
