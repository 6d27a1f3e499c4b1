//! The health checks: `/healthz` for the process and its voice thread, `/readyz` for the database.

use crate::{database::On, test_app::TestApp, visitor::Visitor};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

on_both_databases! {
    readyz_is_503_within_4_s_while_the_database_is_away_and_healthz_stays_200,
    the_health_checks_answer_whatever_the_headers_say,
}

/// Asks until the status is `wanted`, because an answer is kept for a second.
async fn ask_until(visitor: &Visitor, path: &str, wanted: u16) -> String {
    let deadline = Instant::now() + Duration::from_secs(4);
    loop {
        let answer = visitor.get(path).await;
        if answer.status == wanted {
            return answer.text();
        }
        assert!(Instant::now() < deadline, "{path} is not {wanted}: {}", answer.text());
        sleep(Duration::from_millis(50)).await;
    }
}

async fn readyz_is_503_within_4_s_while_the_database_is_away_and_healthz_stays_200(on: On) {
    let app = TestApp::on(on).await;
    let visitor = app.visitor();
    assert_eq!(visitor.get("/readyz").await.must(200).text(), "ok");
    // A query of this table fails now, as every query does when the database is away.
    app.tamper("alter table users rename to users_elsewhere").await;
    let sentence = ask_until(&visitor, "/readyz", 503).await;
    assert!(sentence.contains("The database does not answer."), "{sentence}");
    assert_eq!(visitor.get("/healthz").await.must(200).text(), "ok");
    app.tamper("alter table users_elsewhere rename to users").await;
    ask_until(&visitor, "/readyz", 200).await;
}

async fn the_health_checks_answer_whatever_the_headers_say(on: On) {
    let app = TestApp::on(on).await;
    let visitor = app.visitor();
    for path in ["/healthz", "/readyz"] {
        for (name, value) in [
            ("upgrade", "websocket"),
            ("host", "192.0.2.1"),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("accept", "text/html"),
        ] {
            let request = visitor.raw_get(path).header(name, value);
            let answer = visitor.send(request).await;
            assert_eq!(
                (answer.status, answer.text().as_str()),
                (200, "ok"),
                "{path} with {name}"
            );
        }
    }
}

#[tokio::test]
async fn the_server_ends_with_an_error_within_5_s_if_its_voice_thread_dies() {
    let mut app = TestApp::start().await;
    app.visitor().get("/healthz").await.must(200);
    app.state.voice.panic_for_tests();
    let error = timeout(Duration::from_secs(5), app.failed()).await.expect("it ends");
    assert!(error.contains("voice thread"), "{error}");
    assert!(!app.state.voice.is_alive());
}
