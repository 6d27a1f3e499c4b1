//! HTTP/2 for pages (RFC 9113), over TLS only. WebSockets stay on HTTP/1.1: we do not offer them here (RFC 8441).
//!
//! One connection carries many requests at the same time, so limits on connections alone would no longer limit requests. So each request
//! takes a place among those of its address until its answer is sent, and there are half as many places as an address may have connections.
//! One connection can keep only so much in memory: its streams, their windows and what waits to be sent have limits.
//!
//! The sum of the limits below for one address, with 512 connections per address. It counts only what belongs to open connections: the soak
//! measures more (412 MB), because something of an unread answer outlives its connection.
//!
//! | What | KiB each | How many | MB |
//! |---|---|---|---|
//! | a connection | 530 | 64 | 35 |
//! | a request with a place: a head of 36 (16 and a map of 100 fields), a body of 64 without its last byte, a task of 10 | 110 | 256 | 29 |
//! | any other stream: refused requests, answers without a body, files of the program | 9 | 1,792 | 16 |
//! | in all | | | 80 |
//!
//! A connection has 20 KiB of state, with HPACK's two tables of at most 4 KiB each. A head that never ends takes 176: h2 keeps 6 frames of it
//! (96) and a map of its fields (80). Bodies that nobody has read yet take 256, with a note for each of their frames ([`WINDOW_BYTES`]). A TLS
//! record and a frame that are not complete take 45. A TLS record and a buffer that wait to be sent take 33.

use super::{
    client_ip::too_many_from_address,
    connection_limit::{ConnectionPermit, ConnectionPermits},
    connection_server::{ConnectionServer, RawStream},
    error_status,
    guard::security_headers,
    unread_answers::{PART_BYTES, UnreadAnswers},
};
use crate::server::tls::ServerStream;
use axum::{body::HttpBody, extract::ConnectInfo, http::StatusCode, response::Response};
use hyper::{body::Incoming, server::conn::http2};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{sync::Notify, time::sleep};
use tower::ServiceExt;

/// The largest head of a request, as h2 counts it: each field has 32 bytes more than its name and value. HTTP/1.1 allows twice as much, but
/// h2 keeps a field of two bytes in 136. Browsers send about 2 KiB.
const FIELDS_MAX_BYTES: u32 = 16 << 10;
/// The largest number of fields in a head, as in HTTP/1.1. Browsers send about 20, and one for each cookie.
const FIELDS_MAX: usize = 100;
/// How many requests may be in progress on one connection. A page asks for about 20 files.
const STREAMS_MAX: u32 = 32;
/// Requests that a client may take back before we have begun to answer them. More end the connection (CVE-2023-44487).
const RESET_BEFORE_ANSWER_MAX: usize = 20;
/// Errors of the client that we answer with a reset. More end the connection.
const RESET_BY_US_MAX: usize = 64;
/// Requests that a client may give up in a period ([`ConnectionServer::times`], `head`), also after we have begun. A person who clicks
/// through pages gives up some dozens in a minute.
const GIVEN_UP_MAX: u32 = 200;
/// How much of the bodies of a connection may be on its way: h2 takes it before anybody reads it. With 128 KiB, a photo still arrives with
/// 1.3 MB a second if the client is 100 ms away. A frame needs a note of 256 bytes. Frames smaller than that are limited by h2.
const WINDOW_BYTES: u32 = 128 << 10;
/// How much of an answer waits in the HTTP library for a client that reads slowly. All of it counts as one of the [`UnreadAnswers`].
const SEND_BUFFER_BYTES: usize = PART_BYTES;
/// How often an idle connection is asked whether the client is still there, and how long the answer may take.
const PING_EVERY: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// The places of a connection: one among all connections of its address, and one among those with HTTP/2.
type ConnectionPlaces = [Arc<ConnectionPermit>; 2];

/// Counts the requests that a client has given up.
#[derive(Default)]
struct GivenUpRequests {
    count: AtomicU32,
    too_many: Notify,
}

/// A request that counts as given up if it is dropped before it is done.
struct Unfinished(Option<Arc<GivenUpRequests>>);

impl Unfinished {
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(given_up) = &self.0
            && given_up.count.fetch_add(1, Ordering::Relaxed) >= GIVEN_UP_MAX
        {
            given_up.too_many.notify_one();
        }
    }
}

/// Serves a connection until it ends. A connection without requests is closed after the time that HTTP/1.1 connections have too.
pub async fn serve(
    server: Arc<ConnectionServer>,
    stream: ServerStream<RawStream>,
    peer: SocketAddr,
    permit: Arc<ConnectionPermit>,
) {
    let Some(of_http2) = server.admit_http2(peer, Instant::now()) else {
        return tracing::debug!("an address has no place left for a connection with HTTP/2");
    };
    let places: ConnectionPlaces = [permit, Arc::new(of_http2)];
    let given_up = Arc::new(GivenUpRequests::default());
    let unread = Arc::new(UnreadAnswers::default());
    let service = {
        let (server, places) = (server.clone(), places.clone());
        let counts = (given_up.clone(), unread.clone());
        tower::service_fn(move |request| answer(server.clone(), request, peer, places.clone(), counts.clone()))
    };
    let connection = builder().serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = pin!(connection);
    let [permit, of_http2] = &places;
    let idle_max = server.times.head;
    let mut closing_since: Option<Instant> = None;
    let ended = loop {
        tokio::select! {
            ended = connection.as_mut() => break ended,
            () = permit.evicted() => return tracing::debug!("a connection made room for another"),
            () = of_http2.evicted() => return tracing::debug!("a connection made room for another with HTTP/2"),
            () = given_up.too_many.notified() => return tracing::debug!("a client gave up too many requests"),
            () = unread.stuck() => return tracing::debug!("a client did not take an answer, or its place was needed"),
            () = server.stopping.cancelled(), if closing_since.is_none() => {}
            () = sleep(idle_max) => {
                given_up.count.store(0, Ordering::Relaxed);
                match closing_since {
                    // A large answer may take long over a slow network.
                    _ if !unread.is_empty() => continue,
                    // Since then, there was time for a whole request. So the client does not read or does not answer.
                    Some(since) if since.elapsed() >= server.times.request => return,
                    None if permit.idle_for(Instant::now()).is_some_and(|idle| idle >= idle_max) => {}
                    _ => continue,
                }
            }
        }
        if closing_since.is_none() {
            // Tells the client to send further requests over another connection, and lets those in progress end.
            connection.as_mut().graceful_shutdown();
            closing_since = Some(Instant::now());
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_pending_accept_reset_streams(RESET_BEFORE_ANSWER_MAX)
        .max_local_error_reset_streams(RESET_BY_US_MAX)
        .max_header_list_size(FIELDS_MAX_BYTES)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}

async fn answer(
    server: Arc<ConnectionServer>,
    mut request: http::Request<Incoming>,
    peer: SocketAddr,
    places: ConnectionPlaces,
    (given_up, unread): (Arc<GivenUpRequests>, Arc<UnreadAnswers>),
) -> Result<Response, Infallible> {
    if request.headers().len() > FIELDS_MAX {
        return Ok(too_many_fields(&server));
    }
    let (has_body, now) = (!request.body().is_end_stream(), Instant::now());
    let Some((place, of_address)) = server.admit_request(peer, has_body, now) else {
        return Ok(refuse(&server));
    };
    let place = Arc::new(place);
    let unfinished = Unfinished(Some(given_up));
    let on_connection = places.each_ref().map(|place| place.begin_request(has_body, now));
    let [permit, _] = places;
    let extensions = request.extensions_mut();
    extensions.insert(ConnectInfo(peer));
    extensions.insert(ConnectionPermits(vec![permit, place.clone()]));
    let response = tokio::select! {
        response = server.app.clone().oneshot(request.map(axum::body::Body::new)) => response?,
        // The body of this request arrives slowly, and another request of the address needs the place.
        () = place.evicted() => refuse(&server),
    };
    on_connection
        .into_iter()
        .for_each(|request| request.end(Instant::now()));
    of_address.end(Instant::now());
    unfinished.done();
    Ok(unread.add(response, place, server.times.write))
}

/// The answer to a request for which there is no place. It does not pass through the middleware, so it gets its headers here.
fn refuse(server: &ConnectionServer) -> Response {
    let refused = error_status::answer(&too_many_from_address(&server.state));
    security_headers(refused, server.is_https)
}

/// The answer to a head with too many fields. HTTP/1.1 answers the same.
fn too_many_fields(server: &ConnectionServer) -> Response {
    let mut refused = Response::default();
    *refused.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    security_headers(refused, server.is_https)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn requests_that_are_done_are_not_given_up() {
        let given_up = Arc::new(GivenUpRequests::default());
        let request = || Unfinished(Some(given_up.clone()));
        for _ in 0..(GIVEN_UP_MAX + 10) {
            request().done();
        }
        for _ in 0..GIVEN_UP_MAX {
            drop(request());
        }
        let soon = Duration::from_millis(10);
        assert!(tokio::time::timeout(soon, given_up.too_many.notified()).await.is_err());
        drop(request());
        assert!(tokio::time::timeout(soon, given_up.too_many.notified()).await.is_ok());
    }
}
