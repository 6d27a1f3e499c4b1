//! Replayed tokens (old tokens that a newer one has replaced) and forged tokens.

use crate::{
    database::On,
    ice_client::FRAME,
    letters,
    test_app::TestApp,
    voice::{speaker, wait},
};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

on_both_databases! {
    forged_tokens_are_limited_per_network_and_real_ones_are_not,
}

/// The time within which a replay must have all its effects.
const LIMIT: Duration = Duration::from_secs(1);
/// The time during which the test counts packets. The client sends 25 packets in this time.
const WATCHED: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_ends_session_socket_and_voice_and_sends_a_letter_within_1_s() {
    let mut app = TestApp::start().await;
    let (ada, ben, thief) = (app.person("Ada").await, app.person("Ben").await, app.visitor());
    thief.jar.restore(ada.jar.copy());
    app.pass_s(700);
    ada.refresh().await.must(200);
    ben.refresh().await.must(200);
    app.pass_s(121);
    let room = ada.open_room("Tea", "open").await;
    app.until("select count(*) from sessions where confirmed = 1", 1).await;
    let (_ben_socket, ears) = ben.plug_in(&room).await;
    let (mut socket, rude) = speaker(&ada, &room).await;
    wait(&ears, 10);
    let letters_before = letters::list(&app.outbox()).len();

    let replayed = Instant::now();
    let answer = thief.refresh().await.must_fail(401, "session_ended");
    assert!(answer.set_cookies().is_empty());
    ada.me().await.must_fail(401, "session_ended");
    timeout(LIMIT, socket.recv_all())
        .await
        .expect("the socket is closed in time");
    while letters::list(&app.outbox()).len() == letters_before {
        assert!(replayed.elapsed() < LIMIT, "no letter");
        sleep(Duration::from_millis(5)).await;
    }
    assert!(replayed.elapsed() < LIMIT, "{:?}", replayed.elapsed());
    let letter = letters::find_newest(&app.outbox(), "ada@example.org").expect("a letter");
    assert!(letter.contains("ended"), "{letter}");

    // Ada's client goes on sending packets, but nobody hears them.
    sleep(LIMIT.saturating_sub(replayed.elapsed())).await;
    let sent = rude.sent();
    sleep(WATCHED).await;
    let frames = (WATCHED.as_millis() / FRAME.as_millis()) as u64;
    assert!(rude.sent() >= sent + frames / 2, "the client did not go on sending");
    assert_eq!(ears.heard_since(replayed + LIMIT).len(), 0, "packets were forwarded");
    let reasons = "select count(*) from sessions where revoke_reason = 'reuse'";
    assert_eq!(app.ask::<i64>(reasons).await, 1);
    ben.me().await.must(200);
}

async fn forged_tokens_are_limited_per_network_and_real_ones_are_not(on: On) {
    let mut app = TestApp::with(on, |config| {
        config.limits.enforced = true;
        config.limits.forged_tokens_per_hour_ip = 3;
    })
    .await;
    let (ada, forger) = (app.person("Ada").await, app.visitor());
    let good = ada.jar.get("refresh").expect("a token");
    forger.jar.set("refresh", &good[..good.len() - 2]);
    for _ in 0..3 {
        let answer = forger.refresh().await.must_fail(401, "signed_out");
        assert!(answer.set_cookies().is_empty());
    }
    let refused = forger.refresh().await.must_fail(429, "too_many");
    let wait_s = refused.retry_after_s();
    assert!((1..=3_600).contains(&wait_s), "{wait_s}");
    assert!(refused.set_cookies().is_empty());
    let page = forger.page("/rooms").await;
    assert!(page.location().starts_with("/sign-in") && page.set_cookies().is_empty());

    for _ in 0..5 {
        ada.refresh().await.must(200);
    }
    let changed = "select count(*) from sessions where revoked_at is not null or gen <> 1";
    assert_eq!(app.ask::<i64>(changed).await, 0);
    let over = ada.jar.copy();
    ada.sign_out().await.must(200);
    ada.jar.restore(over);
    for _ in 0..5 {
        ada.refresh().await.must_fail(401, "session_ended");
    }
    app.pass_s(wait_s);
    forger.refresh().await.must_fail(401, "signed_out");
}
