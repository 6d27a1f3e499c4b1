//! How large a body may be, at every endpoint.

use crate::{cross_site::list_endpoints, test_app::TestApp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn every_endpoint_refuses_a_body_that_is_too_large() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for endpoint in list_endpoints() {
        // These endpoints take pictures of up to 8 MiB, which grow when they are wrapped in base64 or multipart.
        let takes_picture = ["/api/profile/activate", "/api/invites/come_as_guest"];
        let most = if takes_picture.iter().any(|picture| endpoint.starts_with(picture)) {
            12_648_448 + 64 * 1024
        } else {
            64 * 1024
        };
        let body = vec![b'x'; most + 1];
        let request = ada
            .raw_post(&endpoint)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = ada.send(request.body(body)).await.must_fail(413, "too_large");
        assert!(answer.detail().contains("send"), "{endpoint}: {}", answer.detail());
        // `large_bodies` tests pictures that are sent in chunks, because the server reads them only for people who may send
        // pictures.
        if most == 64 * 1024 {
            let chunked = send_in_chunks(&app, &endpoint, most / CHUNK + 1).await;
            assert!(chunked.starts_with("HTTP/1.1 413 "), "{endpoint}: {chunked}");
        }
    }
}

const CHUNK: usize = 64 * 1024;

/// Sends a body without a `Content-Length`, and returns the answer.
async fn send_in_chunks(app: &TestApp, endpoint: &str, chunks: usize) -> String {
    let mut stream = tokio::net::TcpStream::connect(app.address).await.expect("connected");
    let head = format!(
        "POST {endpoint} HTTP/1.1\r\nHost: localhost\r\nOrigin: {}\r\nAccept: application/json\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        app.origin()
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let chunk = [format!("{CHUNK:x}\r\n").as_bytes(), &[b'x'; CHUNK], b"\r\n"].concat();
    for _ in 0..chunks {
        stream.write_all(&chunk).await.expect("sent");
    }
    stream.write_all(b"0\r\n\r\n").await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}
