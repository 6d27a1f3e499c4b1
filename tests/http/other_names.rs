//! Other names of the same Snug: pages and sockets work there. A proxy that lets no WebSockets through is named.

use crate::{database::On, test_app::TestApp, visitor::Visitor};
use snug::model::signal::ListSignal;

/// The status of a socket that a page of `origin` opens on the host `host`.
async fn open(visitor: &Visitor, path: &str, host: &str, origin: &str) -> u16 {
    let request = visitor
        .raw_get(path)
        .header("host", host)
        .header("origin", origin)
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_page_under_another_name_can_open_sockets_of_the_same_name() {
    let app = TestApp::with(On::Sqlite, |config| config.hosts = vec!["snug.lan".into()]).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let port = app.address.port();
    let (here, public) = (format!("127.0.0.1:{port}"), format!("localhost:{port}"));
    for path in ["/ws/rooms".to_owned(), format!("/ws/rooms/{}", room.id)] {
        for (host, origin, wanted) in [
            (here.as_str(), format!("http://{here}"), 101),
            (here.as_str(), app.origin(), 101),
            ("localhost:1", "http://localhost:1".into(), 101),
            ("snug.lan", "https://snug.lan".into(), 101),
            ("snug.lan", "http://snug.lan".into(), 403),
            (here.as_str(), "http://127.0.0.1:1".into(), 403),
            (public.as_str(), format!("http://{here}"), 403),
            ("evil.example", "https://evil.example".into(), 403),
        ] {
            assert_eq!(
                open(&ada, &path, host, &origin).await,
                wanted,
                "{origin} opens {path} on {host}"
            );
        }
    }
}

#[tokio::test]
async fn the_policy_of_a_page_under_another_name_allows_its_own_sockets() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let port = app.address.port();
    let (here, public) = (format!("127.0.0.1:{port}"), format!("localhost:{port}"));
    for (host, is_other) in [(&here, true), (&public, false)] {
        let page = ada
            .send(ada.raw_get("/rooms").header("host", host).header("accept", "text/html"))
            .await
            .must(200);
        let policy = page.header("content-security-policy").expect("a policy");
        assert_eq!(
            policy.contains(&format!(" ws://{here} wss://{here}")),
            is_other,
            "{policy}"
        );
    }
}

#[tokio::test]
async fn a_socket_that_a_proxy_made_a_plain_request_is_named_to_its_person() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    for path in ["/ws/rooms".to_owned(), format!("/ws/rooms/{}", room.id)] {
        // A person who only opens the address does not hear about a proxy.
        ben.get(&path).await.must_fail(422, "invalid");
        let stripped = ada
            .raw_get(&path)
            .header("origin", app.origin())
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        ada.send(stripped).await.must_fail(426, "not_upgraded");
        let why = ada.get(&path).await.must_fail(426, "not_upgraded");
        assert_eq!(why.header("upgrade"), Some("websocket"));
        assert!(why.detail().contains("proxy"), "{}", why.detail());
        ben.get(&path).await.must_fail(422, "invalid");
    }
    assert!(
        ada.open_own_socket::<ListSignal>("/ws/rooms").await.is_ok(),
        "without the proxy it works again"
    );
    app.visitor().get("/ws/rooms").await.must_fail(401, "signed_out");
}
