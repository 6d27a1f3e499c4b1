//! The id of a request: in the answer, in the log, and in what an error shows to the person.

use crate::{
    answer::Answer,
    database::{On, start_program},
    test_app::TestApp,
};
use snug::server::fail_point::{FailPoint, Write};
use std::collections::BTreeSet;

on_both_databases! { a_line_of_the_log_names_the_request_whose_answer_has_the_same_id }

#[track_caller]
fn id_of(answer: &Answer) -> String {
    assert_eq!(answer.headers.get_all("x-request-id").iter().count(), 1);
    answer.header("x-request-id").expect("an id").to_owned()
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_whatever_the_client_sends() {
    let app = TestApp::start().await;
    let ada = app.visitor();
    let mut ids = BTreeSet::new();
    for path in [
        "/",
        "/healthz",
        "/metrics",
        "/nowhere",
        "/faces/Ada.svg",
        "/api/no/such",
        "/ws/rooms",
    ] {
        let request = ada.raw_get(path).header("x-request-id", "mine");
        ids.insert(id_of(&ada.send(request).await));
    }
    ids.insert(id_of(&ada.me().await));
    let elsewhere = ada.raw_get("/").header("host", "evil.example");
    ids.insert(id_of(&ada.send(elsewhere).await.must(403)));
    assert_eq!(ids.len(), 9, "{ids:?}");
    assert!(ids.iter().all(|id| id.len() == 8), "{ids:?}");
}

#[tokio::test]
async fn a_trusted_proxy_gives_requests_their_ids() {
    let app = TestApp::with(On::Sqlite, |config| {
        config.proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let ask = async |id: &str| {
        let visitor = app.visitor();
        let request = visitor.raw_get("/healthz").header("x-request-id", id);
        id_of(&visitor.send(request).await)
    };
    assert_eq!(ask("7f3c-abc.1_2").await, "7f3c-abc.1_2");
    for wrong in ["has spaces", "\"quotes\"", &"x".repeat(65)] {
        assert_eq!(ask(wrong).await.len(), 8, "{wrong}");
    }
}

#[tokio::test]
async fn the_reference_that_a_person_reads_is_the_id_of_the_request() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    app.state.fail_points.set(|point| {
        assert_ne!(point, FailPoint::Before(Write::Activation), "a fault in the program");
    });
    let answer = ada.activate("Ada", "").await.must(500);
    let id = id_of(&answer);
    assert!(
        answer.detail().contains(&format!("reference {id}")),
        "{}",
        answer.detail()
    );
}

async fn a_line_of_the_log_names_the_request_whose_answer_has_the_same_id(on: On) {
    let variables = [
        ("SNUG_LOG_FORMAT", "json"),
        ("SNUG_LIMITS_ENFORCED", "true"),
        ("SNUG_LIMITS_CODES_PER_HOUR_IP", "1"),
    ];
    let program = start_program(on, &variables).await;
    let visitor = program.visitor();
    visitor.request_code("ada@example.org").await.must(200);
    let refused = visitor.request_code("ben@example.org").await.must(429);
    let log = program.log();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let is_about = |line: &&serde_json::Value| {
        let message = line["message"].as_str().unwrap_or_default();
        message.contains("SNUG_LIMITS_CODES_PER_HOUR_IP")
    };
    let line = lines.iter().find(is_about).expect("the log names the setting");
    assert_eq!(line["request"], id_of(&refused), "{line}");
    assert_eq!(line["level"], "WARN");
    assert!(
        lines.iter().any(|line| line["request"].is_null()),
        "the start is no request"
    );
    assert!(!log.contains("@example.org"), "{log}");
}

#[tokio::test]
async fn the_level_of_the_log_is_a_setting() {
    let quiet = start_program(On::Sqlite, &[("SNUG_LOG_LEVEL", "error")]).await;
    quiet.visitor().get("/healthz").await.must(200);
    assert!(!quiet.log().contains("INFO"), "{}", quiet.log());
    let loud = start_program(On::Sqlite, &[("SNUG_LOG_LEVEL", "error"), ("RUST_LOG", "snug=info")]).await;
    assert!(
        loud.log().contains("INFO"),
        "RUST_LOG overrides the setting: {}",
        loud.log()
    );
}
