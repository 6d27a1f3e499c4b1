//! A request whose body arrives slowly, or not to its end.

use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than the server needs to refuse a request whose body has not arrived.
const WAIT_MAX: Duration = Duration::from_secs(8);

/// A request whose body is not complete yet.
pub struct HeldBody {
    stream: TcpStream,
}

impl HeldBody {
    /// Sends the head of a POST from our own page, for a body of `length` bytes, or in chunks if `length` is `None`.
    pub async fn open(address: SocketAddr, path: &str, length: Option<usize>, headers: &[(&str, &str)]) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        // Each part leaves at once, so that the server gets the parts as they were sent.
        stream.set_nodelay(true).expect("a socket");
        let port = address.port();
        let body = length.map_or("Transfer-Encoding: chunked".to_owned(), |length| {
            format!("Content-Length: {length}")
        });
        let more: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n{body}\r\n{more}\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        Self { stream }
    }

    /// Sends a part of the body. Ignores errors, because the server may have closed the connection.
    pub async fn send(&mut self, part: &[u8]) {
        let _ = self.stream.write_all(part).await;
    }

    pub async fn send_chunk(&mut self, part: &[u8]) {
        let size = format!("{:x}\r\n", part.len());
        self.send(&[size.as_bytes(), part, b"\r\n"].concat()).await;
    }

    /// The answer's head and body, as soon as both are here.
    pub async fn answer(&mut self) -> String {
        self.answer_within(WAIT_MAX).await.expect("an answer")
    }

    /// Like [`HeldBody::answer`], but `None` if there is no answer in time.
    pub async fn answer_within(&mut self, limit: Duration) -> Option<String> {
        let mut heard = vec![];
        let reading = async {
            while !is_complete(&heard) {
                let mut part = [0; 4_096];
                match self.stream.read(&mut part).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => heard.extend_from_slice(&part[..count]),
                }
            }
        };
        let in_time = timeout(limit, reading).await.is_ok();
        in_time.then(|| String::from_utf8_lossy(&heard).into_owned())
    }
}

fn is_complete(heard: &[u8]) -> bool {
    let text = String::from_utf8_lossy(heard).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| body.len() >= length.parse().expect("a length"))
}
