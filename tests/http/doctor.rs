//! What a running Snug answers to `snug doctor`, and what the doctor finds in it.

use crate::{database::On, test_app::TestApp, test_socket::TestSocket};
use snug::{
    model::health::{HealthFinding, HealthVerdict},
    server::doctor::{
        ExamineOptions, examine,
        probe::{ProbeAnswer, ProbeKind, ProbeToken},
    },
};

on_both_databases! { the_doctor_finds_a_running_snug_and_its_voice_port }

/// A token for this Snug, and the value of its header.
fn token(app: &TestApp, kind: ProbeKind) -> (ProbeToken, String) {
    let token = ProbeToken::new(kind, app.state.now_s());
    let value = token.header_value(&app.state.keyring);
    (token, value)
}

/// What the doctor says about a Snug that listens at the address of `app`.
async fn examined(app: &TestApp) -> Vec<HealthFinding> {
    let mut config = app.state.config.clone();
    config.listen.site = vec![app.address];
    examine(&config, &ExamineOptions::default()).await.findings
}

fn find<'a>(findings: &'a [HealthFinding], check: &str) -> &'a HealthFinding {
    let found = findings.iter().find(|finding| finding.check == check);
    found.unwrap_or_else(|| panic!("no {check} in {findings:#?}"))
}

async fn the_doctor_finds_a_running_snug_and_its_voice_port(on: On) {
    let app = TestApp::on(on).await;
    let findings = examined(&app).await;
    for check in ["server", "database", "keyring", "data_folder", "voice_udp"] {
        assert_eq!(find(&findings, check).verdict, HealthVerdict::Good, "{findings:#?}");
    }
    assert!(
        !findings.iter().any(|finding| finding.verdict == HealthVerdict::Bad),
        "{findings:#?}"
    );
}

#[tokio::test]
async fn a_snug_that_another_program_uses_is_found_by_its_lock() {
    let app = TestApp::start().await;
    let mut config = app.state.config.clone();
    config.listen.site = vec![([127, 0, 0, 1], 1).into()];
    let findings = examine(&config, &ExamineOptions::default()).await.findings;
    // The lock is held by the process of this test, which is the one that makes the report.
    let server = find(&findings, "server");
    assert!(
        server.message.contains("the process that makes this report"),
        "{server:?}"
    );
}

#[tokio::test]
async fn strangers_find_nothing_where_the_doctor_asks() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let (_, value) = token(&app, ProbeKind::Facts);
    let changed = value.replace("facts", "seen");
    for path in ["/probe", "/ws/probe"] {
        for sent in [None, Some(""), Some("facts"), Some(changed.as_str())] {
            let mut request = visitor.raw_get(path);
            if let Some(sent) = sent {
                request = request.header("snug-probe", sent);
            }
            let answer = visitor.send(request).await.must(404);
            assert_eq!(answer.text(), "There is nothing here.", "{path}: {sent:?}");
        }
    }
}

#[tokio::test]
async fn a_question_through_the_public_url_gets_no_facts_about_the_server() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for (kind, has_facts) in [(ProbeKind::Seen, false), (ProbeKind::Facts, true)] {
        let (token, value) = token(&app, kind);
        let request = visitor.raw_get("/probe").header("snug-probe", value);
        let answer = visitor.send(request).await.must(200);
        let answer = ProbeAnswer::read(&answer.body, &token, &app.state.keyring).expect("a proof");
        assert_eq!(answer.facts.is_some(), has_facts);
        assert!(answer.seen.is_host_accepted && answer.seen.client.is_loopback());
    }
}

#[tokio::test]
async fn the_answer_says_what_a_proxy_has_done() {
    let app = TestApp::with(On::Sqlite, |config| {
        config.proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let visitor = app.visitor();
    let (token, value) = token(&app, ProbeKind::Seen);
    let request = visitor
        .raw_get("/probe")
        .header("snug-probe", value)
        .header("x-forwarded-for", "192.0.2.66, 203.0.113.7")
        .header("host", "elsewhere.example");
    let answer = visitor.send(request).await.must(200);
    let seen = ProbeAnswer::read(&answer.body, &token, &app.state.keyring)
        .expect("a proof")
        .seen;
    assert_eq!(seen.client.to_string(), "203.0.113.7");
    assert_eq!(seen.forwarded_for, ["192.0.2.66", "203.0.113.7"]);
    assert_eq!(seen.host.as_deref(), Some("elsewhere.example"));
    assert!(!seen.is_host_accepted && !seen.is_upgrade);
}

#[tokio::test]
async fn a_socket_of_the_doctor_answers_in_its_first_message_and_a_plain_request_says_so() {
    let app = TestApp::start().await;
    let (token, value) = token(&app, ProbeKind::Seen);
    let origin = app.origin();
    let headers = [("snug-probe", value.as_str())];
    let opened = TestSocket::<ProbeAnswer>::open_with("/ws/probe", app.address, "", Some(&origin), &headers).await;
    let answer = opened.expect("a socket").recv_until(Some).await;
    assert_eq!(answer.proof, token.proof(&app.state.keyring));
    assert!(answer.seen.is_upgrade);
    let visitor = app.visitor();
    let plain = visitor
        .send(visitor.raw_get("/ws/probe").header("snug-probe", value))
        .await;
    let plain = ProbeAnswer::read(&plain.must(200).body, &token, &app.state.keyring).expect("a proof");
    assert!(!plain.seen.is_upgrade);
}
