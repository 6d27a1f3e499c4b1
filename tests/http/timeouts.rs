//! Clients that are too slow: a head that does not end, a body that never arrives, and answers that nobody reads.

use crate::{database::On, test_app::TestApp};
use snug::server::config::TimeLimits;
use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::yield_now,
    time::{sleep, timeout},
};

const SHORT: Duration = Duration::from_millis(400);
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Sends `words`, and returns the answer and the time until the server closed the connection.
async fn send_until_closed(app: &TestApp, words: &str) -> (String, Duration) {
    let mut stream = TcpStream::connect(app.address).await.expect("connected");
    let began = Instant::now();
    stream.write_all(words.as_bytes()).await.expect("sent");
    let mut answer = vec![];
    let heard = timeout(WAIT_MAX, stream.read_to_end(&mut answer)).await;
    heard
        .expect("the server closes the connection")
        .expect("the answer can be read");
    (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
}

#[tokio::test]
async fn a_head_that_does_not_end_closes_the_connection() {
    let app = TestApp::with(On::Sqlite, |config| config.times.head = SHORT).await;
    for words in ["", "GET / HTTP/1.1\r\nHost: localhost\r\n"] {
        let (answer, took) = send_until_closed(&app, words).await;
        assert!(took >= SHORT, "{words:?}: {took:?}");
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_never_arrives_is_answered_with_408_and_the_reason() {
    let app = TestApp::with(On::Sqlite, |config| config.times.request = SHORT).await;
    let origin = app.origin();
    let words = format!(
        "POST /api/auth/request_code HTTP/1.1\r\nHost: {}\r\nOrigin: {origin}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=",
        origin.trim_start_matches("http://")
    );
    let (answer, took) = send_until_closed(&app, &words).await;
    assert!(took >= SHORT, "{took:?}");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(
        answer.contains("took too long to arrive") && answer.contains("x-content-type-options: nosniff"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_client_that_asks_for_pages_and_reads_none_is_disconnected() {
    let app = TestApp::with(On::Sqlite, |config| config.times.write = SHORT).await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    let stream = socket.connect(app.address).await.expect("connected");
    let host = app.origin();
    let host = host.trim_start_matches("http://");
    let request = format!("GET /sign-in HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n");
    let (mut sent, deadline) = (0, Instant::now() + 2 * WAIT_MAX);
    // Ask again and again, until the buffers are full of pages and the server gives up.
    loop {
        assert!(
            Instant::now() < deadline,
            "the server still waits for the client to read"
        );
        match stream.try_write(&request.as_bytes()[sent..]) {
            Ok(bytes) => sent = (sent + bytes) % request.len(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(Duration::from_millis(20)).await,
            Err(_) => break,
        }
        yield_now().await;
    }
    app.visitor().page("/sign-in").await.must(200);
}

#[tokio::test]
async fn the_default_limits_are_75_s_for_the_head_two_minutes_for_the_request_and_75_s_for_a_write() {
    let times = TimeLimits::default();
    assert_eq!(
        (times.head.as_secs(), times.request.as_secs(), times.write.as_secs()),
        (75, 120, 75)
    );
}
