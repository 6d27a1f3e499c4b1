//! The memory of the real program while many connections with HTTP/2 hold back the last bytes of bodies, and take all but the last bytes of
//! pages. `make soak` does the same with 512 connections.

use crate::{
    memory::Memory,
    real_program::RealProgram,
    test_certificate::TestCertificate,
    tls_client::{connect, exchange},
};
use axum::body::Bytes;
use futures_util::future::join_all;
use h2::{
    SendStream,
    client::{ResponseFuture, SendRequest},
};
use http::Request;
use std::{net::SocketAddr, time::Duration};
use tokio::time::{sleep, timeout};

/// Fewer than the 64 connections with HTTP/2 that an address may have.
const CONNECTIONS: usize = 60;
const STREAMS: usize = 32;
/// Just below the largest body of an endpoint that takes no picture.
const BODY_BYTES: usize = 60 * 1024;
const MEMORY_MAX: u64 = 100 * 1000 * 1000;
const WAIT_MAX: Duration = Duration::from_secs(10);
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// A connection whose requests do not end.
struct HeldStreams {
    _client: SendRequest<Bytes>,
    answers: Vec<ResponseFuture>,
    _bodies: Vec<SendStream<Bytes>>,
}

/// Asks for `/sign-in` again and again, and sends a form without its last bytes each fourth time. The server may send `window` bytes of
/// each page.
async fn hold(address: SocketAddr, certificate: &TestCertificate, window: u32) -> HeldStreams {
    let stream = connect(address, certificate, &["h2"]).await.expect("TLS");
    let mut builder = h2::client::Builder::new();
    builder
        .initial_window_size(window)
        .initial_connection_window_size(16 << 20);
    let (client, connection) = builder.handshake::<_, Bytes>(stream).await.expect("HTTP/2");
    tokio::spawn(connection);
    let (mut answers, mut bodies) = (vec![], vec![]);
    for number in 0..STREAMS {
        // The server may have ended the connection, because an address has only some places for requests.
        let Ok(Ok(mut ready)) = timeout(WAIT_MAX, client.clone().ready()).await else {
            break;
        };
        let is_form = number % 4 == 3;
        let request = match is_form {
            true => Request::post("https://localhost/api/auth/request_code"),
            false => Request::get("https://localhost/sign-in"),
        };
        let request = request
            .header("origin", "https://localhost")
            .header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(()).expect("a request");
        let Ok((answer, mut body)) = ready.send_request(request, !is_form) else {
            break;
        };
        answers.push(answer);
        if is_form && body.send_data(Bytes::from(vec![b'x'; BODY_BYTES]), false).is_ok() {
            bodies.push(body);
        }
    }
    HeldStreams {
        _client: client,
        answers,
        _bodies: bodies,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_connections_whose_streams_never_end_take_at_most_100_mb() {
    let (certificate, folder) = (TestCertificate::until(2100), tempfile::tempdir().expect("a folder"));
    let files = certificate.write(folder.path());
    let (cert, key) = (files.cert.display().to_string(), files.key.display().to_string());
    let program = RealProgram::start(&[
        ("SNUG_PUBLIC_TLS_CERT", &cert),
        ("SNUG_PUBLIC_TLS_KEY", &key),
        ("SNUG_PUBLIC_URL", "https://localhost"),
    ]);
    let open = || async {
        connect(program.address, &certificate, &["http/1.1"])
            .await
            .expect("TLS")
    };
    let page = "GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let page = exchange(open().await, page).await;
    let (_, body) = page.split_once("\r\n\r\n").expect("a page");
    let window = u32::try_from(body.len() - 100).expect("a page");
    let memory = Memory::of(program.child.id());
    let before = memory.begin();
    let mut held = vec![];
    for _ in 0..3 {
        let all = (0..CONNECTIONS).map(|_| hold(program.address, &certificate, window));
        held.extend(join_all(all).await);
        sleep(Duration::from_millis(500)).await;
    }
    let grew = memory.grown_since(before);
    let streams: usize = held.iter().map(|one| one.answers.len()).sum();
    assert!(streams > 10 * CONNECTIONS, "only {streams} requests were sent");
    assert!(grew < MEMORY_MAX, "{streams} requests: {} MB more", grew / 1_000_000);
    assert!(exchange(open().await, HEALTH).await.starts_with("HTTP/1.1 200 OK"));
}
