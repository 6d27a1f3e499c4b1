//! One HTTP request on a connection of its own, and the answer.

use super::probe::{PROBE_HEADER, ProbeAnswer, ProbeToken};
use crate::server::keyring::Keyring;
use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    time::timeout,
};

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// We read at most this much of an answer. The answers of Snug are much shorter.
const BODY_MAX_BYTES: usize = 64 * 1024;

/// An answer.
#[derive(Debug)]
pub struct ReceivedAnswer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// For a WebSocket, its first message.
    pub body: Vec<u8>,
}

impl ReceivedAnswer {
    /// The answer of a Snug with this keyring; `None` if somebody else has answered.
    pub fn probe_answer(&self, token: &ProbeToken, keyring: &Keyring) -> Option<ProbeAnswer> {
        ProbeAnswer::read(&self.body, token, keyring)
    }

    /// The value of a header, if it can be shown on one line.
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A GET request for `path`. `authority` is the host, with its port if it is not the usual one.
pub fn get(authority: &str, path: &str) -> http::request::Builder {
    Request::get(path)
        .header(header::HOST, authority)
        .header(header::USER_AGENT, "snug-doctor")
        .header(header::ACCEPT, "*/*")
}

/// Adds the token to a request.
pub fn with_token(request: http::request::Builder, token: &ProbeToken, keyring: &Keyring) -> http::request::Builder {
    request.header(PROBE_HEADER, token.header_value(keyring))
}

/// Makes a request that opens a WebSocket (RFC 6455 section 4.1).
pub fn as_socket(request: http::request::Builder, origin: &str) -> http::request::Builder {
    request
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, "c251Zy1kb2N0b3Ita2V5IQ==")
        .header(header::ORIGIN, origin)
}

/// Sends a request without a body, and waits a few seconds for the answer.
///
/// # Errors
/// If the other side does not answer, or not in HTTP.
pub async fn ask<S>(stream: S, request: http::request::Builder) -> anyhow::Result<ReceivedAnswer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let request = request.body(Empty::<Bytes>::new())?;
    let exchange = timeout(ANSWER_WITHIN, exchange(stream, request)).await;
    exchange.with_context(|| format!("there was no answer within {} seconds", ANSWER_WITHIN.as_secs()))?
}

async fn exchange<S>(stream: S, request: Request<Empty<Bytes>>) -> anyhow::Result<ReceivedAnswer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // The connection ends when the sender, the answer and the socket are dropped.
    tokio::spawn(connection.with_upgrades());
    let answer = sender.send_request(request).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = match status {
        StatusCode::SWITCHING_PROTOCOLS => read_message(TokioIo::new(hyper::upgrade::on(answer).await?)).await?,
        _ => {
            let body = Limited::new(answer.into_body(), BODY_MAX_BYTES).collect().await;
            // Such a long page is not from Snug, so its content does not matter.
            body.map(|body| body.to_bytes().to_vec()).unwrap_or_default()
        }
    };
    Ok(ReceivedAnswer { status, headers, body })
}

/// Reads the first message of a WebSocket: one frame with text that is not masked (RFC 6455 section 5.2).
async fn read_message(mut socket: impl AsyncRead + Unpin) -> anyhow::Result<Vec<u8>> {
    const WHOLE_TEXT: u8 = 0x81;
    let kind = socket.read_u8().await?;
    ensure!(kind == WHOLE_TEXT, "the first message of the socket is no text");
    let length = match socket.read_u8().await? {
        short @ 0..126 => usize::from(short),
        126 => usize::from(socket.read_u16().await?),
        _ => bail!("the first message of the socket is too long"),
    };
    let mut text = vec![0; length];
    socket.read_exact(&mut text).await?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{io::AsyncWriteExt, net::TcpListener, net::TcpStream};

    /// Connects to a server that answers with these bytes, whatever it is asked.
    async fn connect(answer: &'static [u8]) -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut question = [0; 1_024];
            drop(stream.read(&mut question).await);
            drop(stream.write_all(answer).await);
        });
        TcpStream::connect(address).await.expect("connected")
    }

    #[tokio::test]
    async fn an_answer_has_its_status_its_headers_and_its_body() {
        let stream = connect(b"HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nContent-Length: 4\r\n\r\noops").await;
        let answer = ask(stream, get("snug.example.org", "/probe")).await.expect("an answer");
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
        assert_eq!(answer.header(header::SERVER), Some("nginx"));
        assert_eq!(answer.body, b"oops");
    }

    #[tokio::test]
    async fn the_first_message_of_a_socket_is_read() {
        let answer =
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x03{ }\x88\x00";
        let request = as_socket(get("snug.example.org", "/ws/probe"), "https://snug.example.org");
        let answer = ask(connect(answer).await, request).await.expect("an answer");
        assert_eq!(answer.status, StatusCode::SWITCHING_PROTOCOLS);
        assert_eq!(answer.body, b"{ }");
    }

    #[tokio::test]
    async fn a_server_that_speaks_something_else_is_an_error() {
        for answer in [&b"220 mail.example.org ESMTP\r\n"[..], b""] {
            let stream = connect(answer).await;
            assert!(ask(stream, get("snug.example.org", "/probe")).await.is_err());
        }
    }

    #[tokio::test]
    async fn messages_that_are_no_short_text_are_refused() {
        assert_eq!(read_message(&b"\x81\x02ok"[..]).await.expect("a text"), b"ok");
        assert_eq!(read_message(&b"\x81\x7e\x00\x01x"[..]).await.expect("a text"), b"x");
        for wrong in [&b"\x82\x02ok"[..], b"\x01\x02ok", b"\x81\xff", b"\x81\x05ok", b""] {
            assert!(read_message(wrong).await.is_err(), "{wrong:?}");
        }
    }
}
