//! Requests for a host name that is not ours: people get a page with a link, programs get JSON.

use crate::{answer::Answer, database::On, test_app::TestApp};
use snug::server::config::PublicUrl;

on_both_databases! {
    a_person_at_an_unknown_host_gets_a_page_with_a_link_to_the_same_page_here,
    a_program_at_an_unknown_host_gets_json,
    a_strangers_address_does_not_change_the_page_or_where_it_leads,
    health_answers_under_every_host_with_any_headers,
}

const HERE: &str = "https://snug.example.org";
const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
const NO_HEADERS: [(&str, &str); 0] = [];

async fn start(on: On) -> TestApp {
    TestApp::with(on, |config| {
        config.public_url = PublicUrl::parse(HERE).expect("an address")
    })
    .await
}

async fn ask(app: &TestApp, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let visitor = app.visitor();
    let request = visitor.raw_request(method, path).header("host", "old.example.net");
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    visitor.send(request).await
}

fn link(page: &str) -> &str {
    assert_eq!(page.matches("href=").count(), 1, "{page}");
    page.split("href=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a link")
}

async fn a_person_at_an_unknown_host_gets_a_page_with_a_link_to_the_same_page_here(on: On) {
    let app = start(on).await;
    for (path, wanted) in [
        ("/", "https://snug.example.org/"),
        (
            "/invite/abc.def?x=1&y=2",
            "https://snug.example.org/invite/abc.def?x=1&amp;y=2",
        ),
        ("/nowhere", "https://snug.example.org/nowhere"),
    ] {
        for headers in [
            &[("accept", HTML)][..],
            &[("accept", HTML), ("sec-fetch-mode", "navigate")],
            &[("accept", "*/*"), ("sec-fetch-mode", "navigate")],
        ] {
            let page = ask(&app, "GET", path, headers).await.must(403);
            assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
            let text = page.text();
            assert_eq!(link(&text), wanted, "{path}");
            assert!(text.contains(">https://snug.example.org</a>"), "{text}");
            assert!(text.contains("name=color-scheme content='light dark'"), "{text}");
            assert!(!text.contains("<script") && !text.contains("style"), "{text}");
            for (name, value) in [
                (
                    "content-security-policy",
                    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
                ),
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
                ("referrer-policy", "same-origin"),
                ("strict-transport-security", "max-age=31536000"),
            ] {
                assert_eq!(page.header(name), Some(value), "{name}");
            }
            assert!(page.set_cookies().is_empty());
        }
    }
    let sent = ask(
        &app,
        "POST",
        "/api/rooms/open",
        &[("accept", HTML), ("sec-fetch-mode", "navigate")],
    )
    .await;
    assert_eq!(link(&sent.must(403).text()), "https://snug.example.org/");
}

async fn a_program_at_an_unknown_host_gets_json(on: On) {
    let app = start(on).await;
    for (path, headers) in [
        ("/", &NO_HEADERS[..]),
        ("/rooms", &[("accept", "*/*")]),
        ("/rooms", &[("accept", "application/json")]),
        (
            "/api/auth/me",
            &[("accept", "application/json"), ("sec-fetch-mode", "cors")],
        ),
        (
            "/favicon.svg",
            &[("accept", "image/*,*/*;q=0.8"), ("sec-fetch-mode", "no-cors")],
        ),
        ("/ws/rooms", &[("accept", HTML), ("sec-fetch-mode", "websocket")]),
    ] {
        for method in ["GET", "POST"] {
            let answer = ask(&app, method, path, headers).await.must_fail(403, "forbidden");
            assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
            assert!(answer.detail().contains(HERE), "{}", answer.detail());
        }
    }
    assert_eq!(ask(&app, "HEAD", "/", &[("accept", HTML)]).await.must(403).text(), "");
}

async fn a_strangers_address_does_not_change_the_page_or_where_it_leads(on: On) {
    let app = start(on).await;
    for path in [
        "//evil.example/",
        "/%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/?'onclick='alert(1)",
        "/@evil.example",
        &format!("/{}", "x".repeat(5_000)),
        "/sign-in?__path=%2Fapi&__err=x",
    ] {
        let page = ask(&app, "GET", path, &[("accept", HTML)]).await.must(403).text();
        assert!(link(&page).starts_with("https://snug.example.org/"), "{page}");
        assert!(!page.contains("<script") && !page.contains("'onclick"), "{page}");
        assert!(page.len() < 5_000, "{} bytes", page.len());
    }
}

async fn health_answers_under_every_host_with_any_headers(on: On) {
    let app = start(on).await;
    for (headers, is_of_page) in [
        (&NO_HEADERS[..], false),
        (&[("accept", HTML)], false),
        (
            &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
            true,
        ),
        (&[("origin", "https://evil.example"), ("upgrade", "h2c")], true),
    ] {
        for path in ["/healthz", "/readyz"] {
            assert_eq!(ask(&app, "GET", path, headers).await.must(200).text(), "ok", "{path}");
        }
        let metrics = ask(&app, "GET", "/metrics", headers).await;
        if is_of_page {
            let why = metrics.must_fail(403, "forbidden").detail();
            assert!(
                why.contains("SNUG_METRICS_TOKEN"),
                "the metrics answer, and not the guard: {why}"
            );
        } else {
            assert!(metrics.must(200).text().ends_with("# EOF\n"));
        }
    }
    ask(&app, "GET", "/healthz/x", &NO_HEADERS).await.must(403);
}
