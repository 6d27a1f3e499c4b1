//! An open WebSocket of a visitor, with typed signals.

use futures_util::{FutureExt, SinkExt, StreamExt};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt::Debug, marker::PhantomData, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, error::Elapsed, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        self, Message, Utf8Bytes,
        client::IntoClientRequest,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

/// The time limit for everything that a test waits for.
const WAIT_MAX: Duration = Duration::from_secs(8);

/// A connection, with TLS or without.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Wire for T {}

pub struct TestSocket<S> {
    stream: WebSocketStream<Box<dyn Wire>>,
    hears: PhantomData<S>,
}

/// A socket that a task of its own reads, so that the server's pings are answered as by a browser. The server closes a socket that
/// has sent nothing for 7 s.
pub struct AttendedSocket<S> {
    stop: oneshot::Sender<()>,
    reading: JoinHandle<TestSocket<S>>,
}

impl<S> AttendedSocket<S> {
    /// Ends the task and returns the socket. Panics if the server has closed the socket.
    pub async fn take_back(self) -> TestSocket<S> {
        // An error means that the task has ended already, and then the next line panics.
        let _ = self.stop.send(());
        self.reading.await.expect("the server has not closed the socket")
    }
}

/// A socket that was refused before the upgrade.
#[derive(Debug)]
pub struct UpgradeRefused {
    /// 0 if the connection broke before there was an answer.
    pub status: u16,
    pub body: String,
}

impl<S: DeserializeOwned> TestSocket<S> {
    /// Opens a socket over a new connection. `more` are headers in addition to the cookies and the origin.
    pub async fn open_with(
        path: &str,
        address: SocketAddr,
        cookies: &str,
        origin: Option<&str>,
        more: &[(&'static str, &str)],
    ) -> Result<Self, UpgradeRefused> {
        let stream = TcpStream::connect(address).await.expect("connected");
        Self::open_over(stream, path, cookies, origin, more).await
    }

    /// Like [`TestSocket::open_with`], over a connection that is open already.
    pub async fn open_over(
        stream: TcpStream,
        path: &str,
        cookies: &str,
        origin: Option<&str>,
        more: &[(&'static str, &str)],
    ) -> Result<Self, UpgradeRefused> {
        let host = stream.peer_addr().expect("connected").to_string();
        Self::open_on(Box::new(stream), &host, path, cookies, origin, more).await
    }

    /// Like [`TestSocket::open_over`], over a connection that may have TLS, to this host and port.
    pub async fn open_on(
        stream: Box<dyn Wire>,
        host: &str,
        path: &str,
        cookies: &str,
        origin: Option<&str>,
        more: &[(&'static str, &str)],
    ) -> Result<Self, UpgradeRefused> {
        let mut request = format!("ws://{host}{path}").into_client_request().expect("an address");
        let headers = request.headers_mut();
        if !cookies.is_empty() {
            headers.insert("cookie", cookies.parse().expect("cookies"));
        }
        for (name, value) in more {
            headers.insert(*name, value.parse().expect("a value"));
        }
        if let Some(origin) = origin {
            headers.insert("origin", origin.parse().expect("an origin"));
        }
        match client_async(request, stream).await {
            Ok((stream, _)) => Ok(Self {
                stream,
                hears: PhantomData,
            }),
            Err(tungstenite::Error::Http(response)) => {
                let body = response
                    .body()
                    .as_deref()
                    .map(String::from_utf8_lossy)
                    .unwrap_or_default();
                Err(UpgradeRefused {
                    status: response.status().as_u16(),
                    body: body.into_owned(),
                })
            }
            Err(error) => Err(UpgradeRefused {
                status: 0,
                body: error.to_string(),
            }),
        }
    }

    /// Receives the next signal.
    pub async fn hear(&mut self) -> S {
        self.recv_before(Instant::now() + WAIT_MAX)
            .await
            .expect("a signal before the socket closed")
    }

    /// Receives until `wanted` returns a value for a signal, and returns that value.
    pub async fn recv_until<T>(&mut self, wanted: impl FnMut(S) -> Option<T>) -> T {
        self.recv_until_within(WAIT_MAX, wanted).await
    }

    /// Like [`TestSocket::recv_until`], but waits at most `time`.
    pub async fn recv_until_within<T>(&mut self, time: Duration, mut wanted: impl FnMut(S) -> Option<T>) -> T {
        let deadline = Instant::now() + time;
        let mut passed_over = vec![];
        loop {
            let Ok(text) = self.recv_text_before(deadline).await else {
                panic!("the signal did not come within {time:?}; these came: {passed_over:#?}");
            };
            let text = text.unwrap_or_else(|| panic!("the socket closed first; these signals came: {passed_over:#?}"));
            if let Some(found) = wanted(parse(&text)) {
                return found;
            }
            passed_over.push(text);
        }
    }

    /// Receives the next signal, or `None` if the server closes the socket.
    pub async fn recv_or_end(&mut self) -> Option<S> {
        self.recv_before(Instant::now() + WAIT_MAX).await
    }

    /// Receives until the server closes the socket, and returns all signals.
    pub async fn recv_all(&mut self) -> Vec<S> {
        let deadline = Instant::now() + WAIT_MAX;
        let mut heard = vec![];
        while let Some(signal) = self.recv_before(deadline).await {
            heard.push(signal);
        }
        heard
    }

    /// Listens until the server closes the socket, and returns its close code; `None` if the connection breaks without one.
    pub async fn recv_close_code(&mut self) -> Option<u16> {
        let deadline = Instant::now() + WAIT_MAX;
        loop {
            match timeout_at(deadline, self.stream.next())
                .await
                .expect("the server closes the socket in time")
            {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// Reads and answers pings until the server closes the socket, without a time limit.
    pub async fn recv_forever(&mut self) {
        while let Some(Ok(_)) = self.stream.next().await {}
    }

    /// Whether no signal arrives within `time`.
    pub async fn is_quiet_for(&mut self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        loop {
            match timeout_at(deadline, self.stream.next()).await {
                Err(_) => return true,
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
                Ok(_) => return false,
            }
        }
    }

    pub async fn say(&mut self, signal: &impl Serialize) {
        self.say_text(&serde_json::to_string(signal).expect("plain data")).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.expect("sent");
    }

    /// Like [`TestSocket::say_text`], but the server may have closed the socket already.
    pub async fn try_to_say_text(&mut self, text: &str) {
        let _ = self.stream.send(Message::text(text)).await;
    }

    /// Sends a ping. False if the server has closed the socket.
    pub async fn push_ping(&mut self) -> bool {
        self.stream.send(Message::Ping(vec![b'x'; 100].into())).await.is_ok()
    }

    /// Sends text, and throws away everything that has arrived. False if the server has closed the socket.
    pub async fn push_text(&mut self, text: &str) -> bool {
        if self.stream.send(Message::text(text)).await.is_err() {
            return false;
        }
        while let Some(received) = self.stream.next().now_or_never() {
            if !matches!(received, Some(Ok(_))) {
                return false;
            }
        }
        true
    }

    /// Closes the socket like a browser whose page is closed (RFC 6455, section 7.4.1), and waits for the server's close frame.
    pub async fn close_page(mut self) {
        let frame = CloseFrame {
            code: CloseCode::Away,
            reason: "".into(),
        };
        self.stream.close(Some(frame)).await.expect("closed");
        self.recv_all().await;
    }

    /// Drops the connection without a close frame, as when the network is lost.
    pub fn lose(self) {
        drop(self.stream);
    }

    async fn recv_before(&mut self, deadline: Instant) -> Option<S> {
        let text = self.recv_text_before(deadline).await.expect("a signal in time");
        text.map(|text| parse(&text))
    }

    /// The next text message, or `None` if the server closed the socket.
    async fn recv_text_before(&mut self, deadline: Instant) -> Result<Option<Utf8Bytes>, Elapsed> {
        loop {
            match timeout_at(deadline, self.stream.next()).await? {
                Some(Ok(Message::Text(text))) => return Ok(Some(text)),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
                Some(Ok(_)) => {}
            }
        }
    }
}

impl<S: DeserializeOwned + Send + 'static> TestSocket<S> {
    /// Reads the socket in a task of its own. The signals that arrive are thrown away.
    pub fn attended(mut self) -> AttendedSocket<S> {
        let (stop, stopped) = oneshot::channel();
        let reading = tokio::spawn(async move {
            tokio::select! {
                () = self.recv_forever() => panic!("the server closed the socket"),
                _ = stopped => {}
            }
            self
        });
        AttendedSocket { stop, reading }
    }
}

fn parse<S: DeserializeOwned>(text: &str) -> S {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}
