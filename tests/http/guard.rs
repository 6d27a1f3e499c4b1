//! The guards in front of the endpoints: requests from other sites, broken bodies, and unknown addresses.

use crate::test_app::TestApp;

#[tokio::test]
async fn a_post_from_another_site_is_refused() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let post = |name: &str, value: &str| {
        ada.bare_post("/api/rooms/open")
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
    // A request with neither header may come from anywhere, so clients like curl must send an `Origin`.
    ada.send(post("x-nothing", "nothing")).await.must_fail(403, "forbidden");
}

#[tokio::test]
async fn a_missing_field_is_422_and_a_broken_body_is_a_4xx() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for endpoint in [
        "auth/request_code",
        "auth/verify_code",
        "profile/activate",
        "rooms/open",
        "rooms/find",
    ] {
        ada.post(&format!("/api/{endpoint}"), &[])
            .await
            .must_fail(422, "invalid");
        let request = ada
            .raw_post(&format!("/api/{endpoint}"))
            .header("accept", "application/json");
        let answer = ada.send(request.body("\u{0}{[(")).await;
        assert!(
            (400..500).contains(&answer.status),
            "{endpoint}: {} {}",
            answer.status,
            answer.text()
        );
    }
}

#[tokio::test]
async fn an_unknown_endpoint_is_404() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for path in ["/api/nothing", "/api/rooms/close", "/nothing"] {
        let answer = ada.post(path, &[]).await.must(404);
        assert!(
            !answer.text().contains("server function"),
            "not the library's own text: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn healthz_answers_once_ready() {
    let app = TestApp::start().await;
    app.visitor().get("/healthz").await.must(200);
}
