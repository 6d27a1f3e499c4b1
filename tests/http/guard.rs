//! The guards: what other sites may not do, what bodies may not be, and the headers of every answer.

use crate::test_app::TestApp;

#[tokio::test]
async fn a_post_from_another_site_is_refused() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let post = |name: &str, value: &str| {
        ada.raw_post("/api/rooms/open")
            .header(name, value)
            .header("accept", "application/json")
            .form(&[("topic", "Tea"), ("kind", "open")])
    };
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost",
        "http://localhost.evil.example",
    ] {
        ada.send(post("origin", origin)).await.must_fail(403, "forbidden");
    }
    for site in ["cross-site", "same-site"] {
        ada.send(post("sec-fetch-site", site)).await.must_fail(403, "forbidden");
        ada.send(post("sec-fetch-site", site).header("origin", app.origin()))
            .await
            .must_fail(403, "forbidden");
    }
    assert_eq!(app.ask::<i64>("select count(*) from rooms").await, 0);
    ada.send(post("sec-fetch-site", "same-origin")).await.must(200);
    ada.send(post("origin", &app.origin())).await.must(200);
    // curl says neither, and holds nobody's cookies.
    ada.send(post("x-nothing", "nothing")).await.must(200);
}

#[tokio::test]
async fn every_door_refuses_another_site() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for door in [
        "auth/request_code",
        "auth/verify_code",
        "auth/refresh",
        "auth/sign_out",
        "auth/me",
        "profile/activate",
        "profile/activate_form",
        "rooms/list",
        "rooms/open",
        "rooms/find",
    ] {
        let request = ada
            .raw_post(&format!("/api/{door}"))
            .header("sec-fetch-site", "cross-site")
            .form(&[("", "")]);
        let answer = ada.send(request).await.must_fail(403, "forbidden");
        assert!(answer.set_cookies().is_empty(), "{door}");
    }
    ada.me().await.must(200);
}

#[tokio::test]
async fn a_door_is_not_opened_by_a_link() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for door in [
        "auth/sign_out",
        "rooms/open?topic=Tea&kind=open",
        "profile/activate?name=Eve",
    ] {
        let answer = ada.page(&format!("/api/{door}")).await;
        assert!((400..500).contains(&answer.status), "{door}: {}", answer.status);
    }
    ada.me().await.must(200);
    assert_eq!(app.ask::<i64>("select count(*) from rooms").await, 0);
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_a_browser_safe() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let answers = [
        ada.get("/healthz").await.must(200),
        ada.me().await.must(200),
        ada.find_room("x").await.must(404),
        ada.page("/").await,
        ada.page("/nowhere").await,
        app.visitor().page("/rooms").await,
        ada.get("/faces/Ada.svg").await,
    ];
    for answer in answers {
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"));
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
        assert_eq!(answer.header("strict-transport-security"), None, "not on plain http");
    }
}

#[tokio::test]
async fn a_page_runs_only_the_scripts_of_its_own_render() {
    let app = TestApp::start().await;
    let nonce = |policy: &str| {
        policy
            .split_once("'nonce-")
            .and_then(|(_, rest)| Some(rest.split_once('\'')?.0.to_owned()))
    };
    let mut nonces = vec![];
    for _ in 0..2 {
        let page = app.visitor().page("/sign-in").await.must(200);
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"),
            "{policy}"
        );
        let nonce = nonce(policy).expect("a nonce");
        for script in page.text().split("<script").skip(1) {
            let tag = script.split('>').next().expect("a tag");
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "<script{tag}>");
        }
        assert!(
            !page.text().contains(" style=\""),
            "the policy forbids style attributes"
        );
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn what_is_missing_from_a_form_is_422() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for door in [
        "auth/request_code",
        "auth/verify_code",
        "profile/activate",
        "rooms/open",
        "rooms/find",
    ] {
        ada.post(&format!("/api/{door}"), &[]).await.must_fail(422, "invalid");
        let request = ada
            .raw_post(&format!("/api/{door}"))
            .header("accept", "application/json");
        let answer = ada.send(request.body("\u{0}{[(")).await;
        assert!(
            (400..500).contains(&answer.status),
            "{door}: {} {}",
            answer.status,
            answer.text()
        );
    }
}

#[tokio::test]
async fn a_form_of_more_than_64_kib_is_413() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let long = "x".repeat(64 * 1024);
    for (door, field) in [
        ("auth/request_code", "email"),
        ("rooms/open", "topic"),
        ("rooms/find", "id"),
    ] {
        ada.post(&format!("/api/{door}"), &[(field, &long)])
            .await
            .must_fail(413, "too_large");
    }
}

#[tokio::test]
async fn a_door_that_is_none_is_404() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for path in ["/api/nothing", "/api/rooms/close", "/nothing"] {
        let answer = ada.post(path, &[]).await.must(404);
        assert!(
            !answer.text().contains("server function"),
            "in our own words: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn healthz_answers_once_ready() {
    let app = TestApp::start().await;
    app.visitor().get("/healthz").await.must(200);
}
