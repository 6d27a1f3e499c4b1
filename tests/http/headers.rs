//! The security headers of every answer: pages, endpoints, pictures, files, and every kind of refusal.

use crate::{
    answer::Answer,
    cross_site::{list_endpoints, pages},
    database::On,
    owner_link, photos,
    test_app::TestApp,
};
use reqwest::header::{HeaderMap, HeaderName};
use snug::server::{
    config::PublicUrl,
    fail_point::{FailPoint, Write},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn over_https() -> TestApp {
    TestApp::with(On::Sqlite, |config| {
        config.public_url = PublicUrl::parse("https://snug.example.org").expect("an address");
    })
    .await
}

/// Asserts that an answer has the headers that every answer must have.
#[track_caller]
fn is_safe(app: &TestApp, answer: &Answer, what: &str) {
    for (name, wanted) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(wanted), "{what}: {name}");
        assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{what}: {name} once");
    }
    let permissions = answer.header("permissions-policy").expect("permissions");
    assert!(
        permissions.contains("microphone=(self)") && permissions.contains("camera=(self)"),
        "{what}: {permissions}"
    );
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
        "{what}: {policy}"
    );
    assert!(answer.header("cache-control").is_some(), "{what}: no cache-control");
    let mut names = answer.headers.keys().map(|name| name.as_str());
    assert!(
        !names.any(|name| name.starts_with("access-control-")),
        "{what}: the answer lets other sites read it"
    );
    let by_https_only = app.origin().starts_with("https:").then_some("max-age=31536000");
    let message = answer.header("strict-transport-security");
    assert_eq!(
        message, by_https_only,
        "{what}: the header must be sent over https, and only over https"
    );
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    ask_everything(TestApp::start().await).await;
}

#[tokio::test]
async fn over_https_every_answer_also_has_strict_transport_security() {
    ask_everything(over_https().await).await;
}

async fn ask_everything(app: TestApp) {
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    for path in pages(room.id.as_str()) {
        let answer = ada.page(&path).await;
        is_safe(&app, &answer, &path);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        is_safe(&app, &app.visitor().page(&path).await, &path);
    }
    for endpoint in list_endpoints() {
        let answer = ada.post(&endpoint, &[]).await;
        is_safe(&app, &answer, &endpoint);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{endpoint}");
    }
    // One of the endpoints above has signed Ada out, so she signs in again.
    let ada = app.person("Ada").await;
    let photo: snug::model::user::User = ada.activate("Ada", &photos::small_photo()).await.must(200).json();
    let photo = photo.person.picture;
    let foreign = ada.bare_post("/api/auth/me").header("origin", "https://evil.example");
    let large = ada.raw_post("/api/rooms/open").body(vec![b'x'; 70 * 1024]);
    let incomplete_upgrade = ada
        .raw_get("/ws/rooms")
        .header("upgrade", "websocket")
        .header("origin", app.origin());
    let elsewhere = ada.raw_get("/").header("host", "evil.example");
    for (what, status, answer) in [
        ("a picture", 200, ada.get(&photo).await),
        ("no picture", 404, ada.get("/pictures/none").await),
        ("a face", 200, ada.get("/faces/Ada.svg").await),
        (
            "a code to scan",
            200,
            ada.get(&format!("/rooms/{}/qr.svg", room.id)).await,
        ),
        ("no file", 404, ada.get("/pkg/none.js").await),
        ("health", 200, ada.get("/healthz").await),
        ("readiness", 200, ada.get("/readyz").await),
        ("a page that redirects", 303, app.visitor().page("/rooms").await),
        ("no owner's link", 410, ada.get("/owner/none").await),
        ("a socket without a session", 401, app.visitor().get("/ws/rooms").await),
        ("an incomplete upgrade", 400, ada.send(incomplete_upgrade).await),
        ("another site", 403, ada.send(foreign).await),
        ("another host", 403, ada.send(elsewhere).await),
        ("a large body", 413, ada.send(large).await),
        ("another method", 404, ada.send(ada.raw_post("/nothing")).await),
    ] {
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        is_safe(&app, &answer, what);
    }
}

#[tokio::test]
async fn a_429_and_answers_without_a_database_have_the_security_headers() {
    let app = TestApp::with(On::Sqlite, |config| config.limits.enforced = true).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    is_safe(&app, &ada.request_code("ada@example.org").await.must(429), "too often");
    let ben = app.person("Ben").await;
    app.state.database.close().await;
    is_safe(&app, &ben.me().await.must(503), "an endpoint without its database");
    is_safe(&app, &ben.page("/settings").await, "a page without its database");
}

#[tokio::test]
async fn an_opening_socket_and_a_304_have_the_security_headers() {
    ask_again(TestApp::start().await).await;
    ask_again(over_https().await).await;
}

async fn ask_again(mut app: TestApp) {
    std::fs::write(app.site_root().join("pkg/snug.css"), "p {}").expect("a file");
    app.restart().await;
    let ada = app.person("Ada").await;
    let photo = ada.activate("Ada", &photos::small_photo()).await.must(200);
    let photo = photo.json::<snug::model::user::User>().person.picture;
    for path in [&photo, "/faces/Ada.svg", "/pkg/snug.css"] {
        let answer = ada.get(path).await.must(200);
        let tag = answer.header("etag").expect("a tag");
        let again = ada.raw_get(path).header("if-none-match", tag);
        is_safe(&app, &ada.send(again).await.must(304), &format!("{path}, unchanged"));
    }
    let socket = ada
        .raw_get("/ws/rooms")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("origin", app.origin());
    let opened = socket.send().await.expect("an answer");
    let opened = Answer {
        status: opened.status().as_u16(),
        headers: opened.headers().clone(),
        body: vec![],
    };
    is_safe(&app, &opened.must(101), "a socket");
}

#[tokio::test]
async fn a_500_has_the_security_headers() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    app.state.fail_points.set(|point| {
        assert_ne!(point, FailPoint::Before(Write::Activation), "a fault in the program");
    });
    let answer = ada.activate("Ada", "").await.must(500);
    is_safe(&app, &answer, "a fault in the program");
    assert!(!answer.text().contains("fault in the program"), "{}", answer.text());
}

#[tokio::test]
async fn the_answer_to_an_unreadable_request_has_the_security_headers() {
    let long = "x".repeat(1_000_000);
    for app in [TestApp::start().await, over_https().await] {
        for (words, status) in [
            ("GARBAGE\r\n\r\n".to_owned(), 400),
            (format!("GET /{long} HTTP/1.1\r\nhost: localhost\r\n\r\n"), 431),
            (format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {long}\r\n\r\n"), 431),
        ] {
            let mut stream = tokio::net::TcpStream::connect(app.address).await.expect("connected");
            // The server may close the connection before the whole request is written.
            let _ = stream.write_all(words.as_bytes()).await;
            let mut answer = vec![];
            let _ = stream.read_to_end(&mut answer).await;
            let answer = read(&answer).must(status);
            is_safe(&app, &answer, &format!("an unreadable request's {status}"));
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{status}");
        }
    }
}

/// Parses an answer from the bytes on the wire.
fn read(octets: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(octets);
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let (first, lines) = head.split_once("\r\n").expect("headers");
    let status = first.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    let mut headers = HeaderMap::new();
    for line in lines.split("\r\n") {
        let (name, value) = line.split_once(": ").expect("a header");
        let name: HeaderName = name.parse().expect("a name");
        headers.append(name, value.parse().expect("a value"));
    }
    Answer {
        status: status.and_then(|status| status.parse().ok()).expect("a status"),
        headers,
        body: body.into(),
    }
}

#[tokio::test]
async fn a_file_of_the_site_has_the_security_headers() {
    let mut app = TestApp::start().await;
    std::fs::write(app.site_root().join("pkg/snug.css"), "p {}").expect("a file");
    app.restart().await;
    let file = app.visitor().get("/pkg/snug.css").await.must(200);
    is_safe(&app, &file, "a file");
    assert_ne!(file.header("cache-control"), Some("no-store"));
}

/// The content security policy forbids inline styles and handlers, so a browser would ignore them and log an error.
#[tokio::test]
async fn no_page_has_inline_styles_or_event_handlers() {
    let app = TestApp::start().await;
    let host = app.visitor();
    let link = owner_link::link(&app).await.expect("a link");
    owner_link::claim(&host, &link).await.must(302);
    host.come_in("Host").await;
    let room = host.open_room("Tea", "open").await;
    let _inside = host.enter(&room).await;
    let newcomer = app.newcomer("new@example.org").await;
    let errors = ["/rooms?open=1", "/sign-in?left=1"];
    for path in pages(room.id.as_str()).into_iter().chain(errors.map(String::from)) {
        for visitor in [&host, &newcomer, &app.visitor()] {
            let page = visitor.page(&path).await.text();
            for tag in page.split('<').filter_map(|part| part.split('>').next()) {
                let actions = tag.split_whitespace().find(|word| {
                    let name = word.split('=').next().unwrap_or_default();
                    word.contains('=') && (name == "style" || (name.starts_with("on") && name.len() > 3))
                });
                assert_eq!(actions, None, "{path}: <{tag}>");
            }
            assert!(!page.contains("<style"), "{path}");
            assert!(!page.contains("javascript:"), "{path}");
        }
    }
}
