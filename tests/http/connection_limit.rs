//! The limit of connections per address: which connections make room when it is reached, and how visitors behind a
//! proxy are counted.

use crate::{database::On, test_app::TestApp, test_socket::TestSocket};
use snug::model::signal::ListSignal;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const WAIT_MAX: Duration = Duration::from_secs(5);

/// Opens a connection, sends `words`, and then stays silent.
async fn connect_and_send(app: &TestApp, words: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address).await.expect("connected");
    stream.write_all(words.as_bytes()).await.expect("sent");
    stream
}

/// Waits until the server has closed the connection.
async fn is_closed(mut stream: TcpStream) {
    let mut rest = vec![];
    let end = timeout(WAIT_MAX, stream.read_to_end(&mut rest)).await;
    let end = end.expect("closed");
    assert!(rest.is_empty(), "{end:?}: {}", String::from_utf8_lossy(&rest));
}

#[tokio::test]
async fn slow_connections_of_an_address_make_room_for_its_requests() {
    let app = TestApp::with(On::Sqlite, |config| config.limits.connections_per_address = 3).await;
    let slow_body = format!(
        "POST /api/auth/request_code HTTP/1.1\r\nHost: localhost\r\nOrigin: {}\r\nContent-Length: 100\r\n\r\nemail=",
        app.origin()
    );
    let silent = connect_and_send(&app, "").await;
    let slow_head = connect_and_send(&app, "GET / HTTP/1.1\r\nHost: local").await;
    let slow_body = connect_and_send(&app, &slow_body).await;
    // Each new connection takes the place of the one that has waited longest.
    app.visitor().get("/healthz").await.must(200);
    is_closed(silent).await;
    let _more = (
        connect_and_send(&app, "").await,
        connect_and_send(&app, "").await,
        connect_and_send(&app, "").await,
    );
    is_closed(slow_head).await;
    is_closed(slow_body).await;
    app.visitor().get("/healthz").await.must(200);
}

#[tokio::test]
async fn open_sockets_count_and_are_never_closed_to_make_room() {
    let app = TestApp::with(On::Sqlite, |config| config.limits.connections_per_address = 3).await;
    let ada = app.person("Ada").await;
    let mut sockets = vec![];
    for _ in 0..3 {
        sockets.push(ada.watch_rooms().await.expect("opened"));
    }
    is_closed(connect_and_send(&app, "").await).await;
    for socket in &mut sockets {
        socket.hear().await;
    }
    // Once a socket is closed, there is room for another connection.
    drop(sockets.pop());
    let again = async {
        loop {
            let mut stream = connect_and_send(
                &app,
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            )
            .await;
            let mut rest = String::new();
            let _ = stream.read_to_string(&mut rest).await;
            if rest.starts_with("HTTP/1.1 200") {
                break;
            }
        }
    };
    timeout(WAIT_MAX, again).await.expect("a place");
}

/// A server behind a trusted proxy on this machine, with a limit of `each` connections per address.
async fn proxied(each: u32) -> TestApp {
    TestApp::with(On::Sqlite, |config| {
        config.proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        config.limits.connections_per_address = each;
        config.limits.enforced = true;
        config.limits.codes_per_hour_ip = 1;
    })
    .await
}

async fn ask_for_code(app: &TestApp, email: &str, forwarded_for: &str) -> u16 {
    let visitor = app.visitor();
    let request = visitor
        .raw_post("/api/auth/request_code")
        .header("accept", "application/json")
        .header("x-forwarded-for", forwarded_for)
        .form(&[("email", email)]);
    visitor.send(request).await.status
}

#[tokio::test]
async fn limits_count_the_address_that_a_trusted_proxy_reports() {
    let app = proxied(512).await;
    assert_eq!(ask_for_code(&app, "ada@example.org", "203.0.113.7").await, 200);
    assert_eq!(ask_for_code(&app, "ben@example.org", "203.0.113.7").await, 429);
    // A limit covers a network of 256 addresses, so a neighbour shares it.
    assert_eq!(ask_for_code(&app, "ben@example.org", "203.0.113.8").await, 429);
    // The proxy adds the address that it saw on the right. What a visitor wrote to the left of it is ignored.
    assert_eq!(
        ask_for_code(&app, "ben@example.org", "198.51.100.9, 203.0.113.7").await,
        429
    );
    assert_eq!(
        ask_for_code(&app, "ben@example.org", "198.51.100.9, 127.0.0.2").await,
        200
    );
}

#[tokio::test]
async fn a_forwarded_address_is_ignored_unless_a_trusted_proxy_sent_it() {
    let app = TestApp::with(On::Sqlite, |config| {
        config.limits.enforced = true;
        config.limits.codes_per_hour_ip = 1;
    })
    .await;
    assert_eq!(ask_for_code(&app, "ada@example.org", "203.0.113.7").await, 200);
    assert_eq!(ask_for_code(&app, "ben@example.org", "198.51.100.9").await, 429);
}

#[tokio::test]
async fn behind_a_proxy_each_visitor_has_their_own_connection_limit() {
    let app = proxied(2).await;
    let ada = app.newcomer("ada@example.org").await;
    ada.come_in("Ada").await;
    let open = |from: &'static str| {
        let (origin, cookies) = (app.origin(), ada.jar.header());
        let headers = [("x-forwarded-for", from)];
        async move { TestSocket::<ListSignal>::open_with("/ws/rooms", app.address, &cookies, Some(&origin), &headers).await }
    };
    let _sockets = (
        open("203.0.113.7").await.expect("in"),
        open("203.0.113.7").await.expect("in"),
    );
    assert_eq!(open("203.0.113.7").await.err().expect("refused").status, 429);
    open("203.0.113.8").await.expect("somebody else");
}
