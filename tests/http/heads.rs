//! Which heads of requests the server accepts, by size and by version of HTTP.

use crate::test_app::TestApp;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const WAIT_MAX: Duration = Duration::from_secs(5);
/// The first bytes of HTTP/2 in the clear: the preface and an empty SETTINGS frame (RFC 9113 section 3.4).
const HTTP_2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Sends these parts one after the other, and returns what the server sends until it closes the connection.
async fn send(app: &TestApp, parts: impl Iterator<Item = &[u8]>) -> String {
    let mut stream = TcpStream::connect(app.address).await.expect("connected");
    stream.set_nodelay(true).expect("a TCP socket");
    for part in parts {
        // The server may close the connection before all parts are written.
        let _ = stream.write_all(part).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut answer = vec![];
    let _ = timeout(WAIT_MAX, stream.read_to_end(&mut answer))
        .await
        .expect("the server closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request with a head of exactly this size.
fn head_of(bytes: usize) -> String {
    let around = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: \r\n\r\n";
    around.replace("X: ", &format!("X: {}", "x".repeat(bytes - around.len())))
}

#[tokio::test]
async fn a_head_of_20_kib_passes_and_one_of_33_kib_is_431() {
    let app = TestApp::start().await;
    for (kib, wanted) in [(20, "HTTP/1.1 200 "), (32, "HTTP/1.1 200 "), (33, "HTTP/1.1 431 ")] {
        let head = head_of(kib * 1024);
        // Send the head in one piece and in small pieces, because hyper's buffer grows in different steps in these two cases.
        for size in [head.len(), 1_000] {
            let answer = send(&app, head.as_bytes().chunks(size)).await;
            assert!(answer.starts_with(wanted), "{kib} KiB in parts of {size}: {answer}");
            assert!(answer.contains("x-content-type-options: nosniff\r\n"), "{answer}");
        }
    }
}

#[tokio::test]
async fn http_2_in_the_clear_is_refused() {
    let app = TestApp::start().await;
    let answer = send(&app, [HTTP_2].into_iter()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer:?}");
    let upgrade = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close, Upgrade, HTTP2-Settings\r\n\
                   Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n";
    let answer = send(&app, [upgrade.as_bytes()].into_iter()).await;
    assert!(!answer.starts_with("HTTP/1.1 101 "), "{answer}");
}
