//! HTTP/2: pages come over it, sockets do not, and one connection or one address can't take more than its share.

use crate::{
    test_app::TestApp,
    test_certificate::TestCertificate,
    tls_client::{connect, exchange},
};
use axum::body::Bytes;
use h2::{
    Reason,
    client::{Connection, ResponseFuture, SendRequest},
};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use std::time::{Duration, Instant};
use tokio::{
    net::TcpStream,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_rustls::client::TlsStream;

const WAIT_MAX: Duration = Duration::from_secs(20);
const ROUNDS_MAX: usize = 5;

/// A connection of a browser. The task ends with the connection.
struct Http2Client {
    client: SendRequest<Bytes>,
    connection: JoinHandle<Result<(), h2::Error>>,
}

async fn open(app: &TestApp, certificate: &TestCertificate) -> Http2Client {
    open_with_window(app, certificate, 64 << 10).await
}

/// Like [`open`], but the server may send only this many bytes of each answer before the client has read them.
async fn open_with_window(app: &TestApp, certificate: &TestCertificate, window_bytes: u32) -> Http2Client {
    let stream = connect(app.address, certificate, &["h2", "http/1.1"])
        .await
        .expect("TLS");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let mut builder = h2::client::Builder::new();
    // Only the windows of the answers limit the server, and not that of the connection.
    builder
        .initial_window_size(window_bytes)
        .initial_connection_window_size(16 << 20);
    let (client, connection): (SendRequest<Bytes>, Connection<TlsStream<TcpStream>>) =
        builder.handshake(stream).await.expect("HTTP/2");
    Http2Client {
        client: client.ready().await.expect("ready"),
        connection: tokio::spawn(connection),
    }
}

fn request(app: &TestApp, method: Method, path: &str) -> Request<()> {
    let request = Request::builder().method(method).uri(format!("{}{path}", app.origin()));
    let request = request
        .header("accept", "text/html")
        .header("origin", app.origin())
        .header("content-type", "application/x-www-form-urlencoded");
    request.body(()).expect("a request")
}

impl Http2Client {
    fn get(&mut self, app: &TestApp, path: &str) -> ResponseFuture {
        let sent = self.client.send_request(request(app, Method::GET, path), true);
        sent.expect("sent").0
    }
}

/// The answer's status, and its whole body.
async fn read(response: ResponseFuture) -> (StatusCode, http::HeaderMap, String) {
    let response = timeout(WAIT_MAX, response).await.expect("in time").expect("an answer");
    let (head, mut body) = response.into_parts();
    let mut text = vec![];
    while let Some(part) = body.data().await {
        let part = part.expect("a part");
        body.flow_control().release_capacity(part.len()).expect("a window");
        text.extend(part);
    }
    (head.status, head.headers, String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test]
async fn pages_come_over_http_2_with_our_headers() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |_| {}).await;
    let mut browser = open(&app, &certificate).await;
    let answers = ["/", "/sign-in", "/nowhere"].map(|path| browser.get(&app, path));
    for (answer, wanted) in answers.into_iter().zip([200, 200, 404]) {
        let (status, headers, text) = read(answer).await;
        assert_eq!(status.as_u16(), wanted, "{text}");
        assert!(headers.contains_key("strict-transport-security") && headers.contains_key("content-security-policy"));
        assert!(text.contains("<html"), "{text}");
    }
    // Another host in `:authority` is refused, as in `Host`.
    let other = Request::get("https://evil.example/").body(()).expect("a request");
    let (answer, _) = browser.client.send_request(other, true).expect("sent");
    assert_eq!(read(answer).await.0, 403);
}

#[tokio::test]
async fn a_connection_carries_32_requests_at_the_same_time_and_no_sockets() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |_| {}).await;
    let mut browser = open(&app, &certificate).await;
    // The settings of the server have arrived when something was answered.
    read(browser.get(&app, "/healthz")).await;
    assert_eq!(browser.client.current_max_send_streams(), 32);
    assert!(!browser.client.is_extended_connect_protocol_enabled());
    let socket = connect(app.address, &certificate, &["http/1.1"]).await.expect("TLS");
    let words = "GET /ws/rooms HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    // Without an `Origin`, it is refused, but as a socket.
    let answer = exchange(socket, words).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[tokio::test]
async fn requests_of_an_address_share_half_as_many_places_as_it_may_have_connections() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) =
        TestApp::with_certificate(&certificate, |config| config.limits.connections_per_address = 6).await;
    let mut browser = open(&app, &certificate).await;
    let mut slow = vec![];
    for _ in 0..3 {
        let post = request(&app, Method::POST, "/api/auth/request_code");
        slow.push(browser.client.send_request(post, false).expect("sent"));
        // The server numbers its requests by their arrival.
        read(browser.get(&app, "/nowhere.txt")).await;
    }
    // The slow requests have taken all places, and the oldest ones made room. A request with a body that arrives slowly gives way.
    let (first, _body) = slow.remove(0);
    let (status, _, text) = read(first).await;
    assert_eq!(status, 429, "{text}");
    assert_eq!(read(browser.get(&app, "/healthz")).await.0, 200);
}

#[tokio::test]
async fn an_address_may_have_an_eighth_of_its_connections_with_http_2_and_the_idlest_one_makes_room() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) =
        TestApp::with_certificate(&certificate, |config| config.limits.connections_per_address = 40).await;
    let mut open_ones = vec![];
    for _ in 0..6 {
        let mut browser = open(&app, &certificate).await;
        assert_eq!(read(browser.get(&app, "/healthz")).await.0, 200);
        open_ones.push(browser);
    }
    let first = open_ones.remove(0);
    let ended = timeout(WAIT_MAX, first.connection).await;
    assert!(ended.is_ok(), "six connections are open, and five may be");
    for mut browser in open_ones {
        assert_eq!(read(browser.get(&app, "/healthz")).await.0, 200);
    }
}

#[tokio::test]
async fn a_head_with_more_than_100_fields_or_16_kib_is_431() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |_| {}).await;
    let mut browser = open(&app, &certificate).await;
    // The head has three fields already.
    for (fields, length, wanted) in [(90, 1, 200), (98, 1, 431), (1, 12_000, 200), (1, 17_000, 431)] {
        let mut request = request(&app, Method::GET, "/healthz");
        for number in 0..fields {
            let name = HeaderName::try_from(format!("x-{number}")).expect("a name");
            let value = HeaderValue::try_from("x".repeat(length)).expect("a value");
            request.headers_mut().insert(name, value);
        }
        let (answer, _) = browser.client.send_request(request, true).expect("sent");
        assert_eq!(read(answer).await.0, wanted, "{fields} fields of {length} bytes");
    }
}

#[tokio::test]
async fn an_answer_whose_last_bytes_are_not_taken_keeps_its_place() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) =
        TestApp::with_certificate(&certificate, |config| config.limits.connections_per_address = 4).await;
    let length = read(open(&app, &certificate).await.get(&app, "/sign-in")).await.2.len();
    // The HTTP library has the whole page, and the client takes all but the last bytes of it.
    let window = u32::try_from(length - 100).expect("a page");
    let mut greedy = open_with_window(&app, &certificate, window).await;
    let mut pages = vec![];
    for _ in 0..2 {
        let answer = timeout(WAIT_MAX, greedy.get(&app, "/sign-in")).await.expect("in time");
        pages.push(answer.expect("the head"));
    }
    // Long enough until the rest of both pages waits.
    sleep(Duration::from_millis(300)).await;
    let mut other = open(&app, &certificate).await;
    assert_eq!(read(other.get(&app, "/healthz")).await.0, 200);
    let ended = timeout(WAIT_MAX, greedy.connection).await;
    assert!(ended.is_ok(), "both places were taken, and nobody made room");
    drop(pages);
}

#[tokio::test]
async fn a_client_that_takes_back_its_requests_again_and_again_loses_its_connection() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |_| {}).await;
    let mut browser = open(&app, &certificate).await;
    let mut sent = 0;
    while !browser.connection.is_finished() && sent < 5_000 {
        let Ok(mut ready) = browser.client.clone().ready().await else {
            break;
        };
        // The server waits for the body of a form.
        let post = request(&app, Method::POST, "/api/auth/request_code");
        let Ok((_answer, mut body)) = ready.send_request(post, false) else {
            break;
        };
        body.send_reset(Reason::CANCEL);
        sent += 1;
        // Lets the server see some of the requests before they are taken back.
        if sent % 10 == 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
    let ended = timeout(WAIT_MAX, &mut browser.connection).await;
    assert!(
        ended.is_ok(),
        "{sent} requests were taken back, and the connection is still open"
    );
    let mut other = open(&app, &certificate).await;
    assert_eq!(read(other.get(&app, "/healthz")).await.0, 200);
}

#[tokio::test]
async fn an_idle_connection_is_closed_with_a_goodbye_and_a_stop_ends_it_too() {
    let certificate = TestCertificate::until(2100);
    let (mut app, _folder) =
        TestApp::with_certificate(&certificate, |config| config.times.head = Duration::from_secs(1)).await;
    // On a busy machine the server may have closed the connection before the client has answered the goodbye. To the client that is an
    // error, so it may happen a few times.
    let mut ends = vec![];
    while ends.len() < ROUNDS_MAX {
        let mut browser = open(&app, &certificate).await;
        read(browser.get(&app, "/healthz")).await;
        let ended = timeout(WAIT_MAX, browser.connection).await.expect("it was idle");
        ends.push(ended.expect("no panic"));
        if matches!(ends.last(), Some(Ok(()))) {
            break;
        }
    }
    assert!(
        ends.last().is_some_and(Result::is_ok),
        "GOAWAY ends it without an error: {ends:?}"
    );
    let mut other = open(&app, &certificate).await;
    read(other.get(&app, "/healthz")).await;
    app.stop().await;
    let ended = timeout(WAIT_MAX, other.connection).await.expect("the server stops");
    drop(ended);
}

#[tokio::test]
async fn a_client_that_reads_but_takes_no_answers_loses_its_connection() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) =
        TestApp::with_certificate(&certificate, |config| config.times.write = Duration::from_millis(500)).await;
    let mut browser = open_with_window(&app, &certificate, 1).await;
    let answer = timeout(WAIT_MAX, browser.get(&app, "/")).await.expect("in time");
    let _page = answer.expect("the head");
    let ended = timeout(WAIT_MAX, browser.connection).await;
    assert!(ended.is_ok(), "nothing was taken, and the connection is still open");
}

#[tokio::test]
async fn an_answer_that_is_not_taken_makes_room_for_another_request() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) =
        TestApp::with_certificate(&certificate, |config| config.limits.connections_per_address = 4).await;
    let mut greedy = open_with_window(&app, &certificate, 1).await;
    let mut pages = vec![];
    for _ in 0..2 {
        let answer = timeout(WAIT_MAX, greedy.get(&app, "/")).await.expect("in time");
        pages.push(answer.expect("the head"));
    }
    let mut other = open(&app, &certificate).await;
    assert_eq!(read(other.get(&app, "/healthz")).await.0, 200);
    let ended = timeout(WAIT_MAX, greedy.connection).await;
    assert!(ended.is_ok(), "both places were taken, and nobody made room");
    drop(pages);
}

#[tokio::test]
async fn a_page_that_is_read_slowly_comes_whole_although_the_connection_has_no_other_request() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |config| {
        config.times.head = Duration::from_secs(1);
        config.times.request = Duration::from_secs(1);
    })
    .await;
    let mut browser = open_with_window(&app, &certificate, 128).await;
    let answer = timeout(WAIT_MAX, browser.get(&app, "/")).await.expect("in time");
    let mut body = answer.expect("the head").into_body();
    let (began, mut text) = (Instant::now(), vec![]);
    while let Some(part) = body.data().await {
        let part = part.expect("the connection is open");
        // An idle connection would have been closed by then.
        if began.elapsed() < Duration::from_secs(4) {
            sleep(Duration::from_millis(100)).await;
        }
        body.flow_control().release_capacity(part.len()).expect("a window");
        text.extend(part);
    }
    let text = String::from_utf8_lossy(&text);
    // Leptos sends the data of the page behind it.
    assert!(
        text.contains("</html>") && text.trim_end().ends_with("</script>"),
        "{text}"
    );
}
