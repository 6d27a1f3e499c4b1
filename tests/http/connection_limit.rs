//! The limit of connections per address: which connections the server closes when an address reaches the limit, and how visitors behind a
//! proxy are counted.

use crate::{database::On, test_app::TestApp, test_socket::TestSocket};
use snug::model::signal::ListSignal;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

on_both_databases! {
    limits_count_the_address_that_a_trusted_proxy_reports,
    a_forwarded_address_is_ignored_unless_a_trusted_proxy_sent_it,
}

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
    // Each new connection replaces the connection that has waited longest.
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
async fn open_sockets_are_never_closed_to_make_room_and_leave_a_quarter_of_the_places_to_requests() {
    let app = TestApp::with(On::Sqlite, |config| config.limits.connections_per_address = 4).await;
    let ada = app.person("Ada").await;
    let mut sockets = vec![];
    for _ in 0..3 {
        sockets.push(ada.watch_rooms().await.expect("opened"));
    }
    let refused = ada.watch_rooms().await.err().expect("refused");
    assert_eq!(refused.status, 429);
    assert!(
        refused.body.contains("Too many pages are open from your network"),
        "{}",
        refused.body
    );
    // No socket can take the last place. A silent connection can, but the server closes this connection as soon as a request needs the
    // place.
    let silent = connect_and_send(&app, "").await;
    app.visitor().get("/healthz").await.must(200);
    is_closed(silent).await;
    for socket in &mut sockets {
        socket.hear().await;
    }
    // Once a socket is closed, another one can be opened.
    drop(sockets.pop());
    let again = async { while ada.watch_rooms().await.is_err() {} };
    timeout(WAIT_MAX, again).await.expect("a place");
}

/// A server behind a trusted proxy on this machine, with a limit of `each` connections per address.
async fn proxied(on: On, each: u32) -> TestApp {
    TestApp::with(on, |config| {
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

async fn limits_count_the_address_that_a_trusted_proxy_reports(on: On) {
    let app = proxied(on, 512).await;
    assert_eq!(ask_for_code(&app, "ada@example.org", "203.0.113.7").await, 200);
    assert_eq!(ask_for_code(&app, "ben@example.org", "203.0.113.7").await, 429);
    // The limit on codes applies to a network of 256 addresses, so it applies to a neighbouring address too.
    assert_eq!(ask_for_code(&app, "ben@example.org", "203.0.113.8").await, 429);
    // The server counts the rightmost address that is not a trusted proxy. Visitors can write anything to the left of it.
    assert_eq!(
        ask_for_code(&app, "ben@example.org", "198.51.100.9, 203.0.113.7").await,
        429
    );
    assert_eq!(
        ask_for_code(&app, "ben@example.org", "198.51.100.9, 127.0.0.2").await,
        200
    );
}

async fn a_forwarded_address_is_ignored_unless_a_trusted_proxy_sent_it(on: On) {
    let app = TestApp::with(on, |config| {
        config.limits.enforced = true;
        config.limits.codes_per_hour_ip = 1;
    })
    .await;
    assert_eq!(ask_for_code(&app, "ada@example.org", "203.0.113.7").await, 200);
    assert_eq!(ask_for_code(&app, "ben@example.org", "198.51.100.9").await, 429);
}

#[tokio::test]
async fn behind_a_proxy_each_visitor_has_their_own_limits_of_connections_and_sockets() {
    let app = proxied(On::Sqlite, 4).await;
    let ada = app.newcomer("ada@example.org").await;
    ada.come_in("Ada").await;
    let open = |from: &'static str| {
        let (origin, cookies) = (app.origin(), ada.jar.header());
        let headers = [("x-forwarded-for", from)];
        async move { TestSocket::<ListSignal>::open_with("/ws/rooms", app.address, &cookies, Some(&origin), &headers).await }
    };
    let ask = |from| ada.send(ada.raw_get("/healthz").header("x-forwarded-for", from));
    let _sockets = (
        open("2001:db8::1").await.expect("in"),
        open("2001:db8::2").await.expect("in"),
        open("2001:db8::3").await.expect("in"),
    );
    // All addresses of a /64 count as one visitor. The last place of this visitor is kept for requests.
    assert_eq!(open("2001:db8::4").await.err().expect("refused").status, 429);
    ask("2001:db8::4").await.must(200);
    open("2001:db8:0:1::1").await.expect("somebody else");
}

#[tokio::test]
async fn behind_a_proxy_a_slow_body_makes_room_for_the_requests_of_its_address() {
    let app = proxied(On::Sqlite, 1).await;
    let words = format!(
        "POST /api/auth/request_code HTTP/1.1\r\nHost: localhost\r\nOrigin: {}\r\nX-Forwarded-For: 203.0.113.7\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=",
        app.origin()
    );
    let mut slow = connect_and_send(&app, &words).await;
    let visitor = app.visitor();
    let ask_for_ever = async {
        loop {
            let request = visitor.raw_get("/healthz").header("x-forwarded-for", "203.0.113.7");
            visitor.send(request).await.must(200);
        }
    };
    let mut answer = [0; 13];
    tokio::select! {
        read = timeout(WAIT_MAX, slow.read_exact(&mut answer)) => drop(read.expect("in time").expect("an answer")),
        () = ask_for_ever => {}
    }
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 429 ");
}
