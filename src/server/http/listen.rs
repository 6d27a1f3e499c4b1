//! The accept loop. We have our own because `axum::serve` has no header timeout, no limit on the connections of one
//! address, and no TCP_NODELAY.

use super::{
    client_ip::CONNECTIONS_KEY,
    connection_limit::{ConnectionCaps, ConnectionLimiter, ConnectionPermit, ConnectionPermits},
    malformed_requests::WithSecurityHeaders,
    write_deadline::WithWriteDeadline,
};
use crate::server::{open_files, state::AppState};
use axum::{Router, extract::ConnectInfo};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// At shutdown, requests in progress have this long to end.
pub const LAST_WORDS: Duration = Duration::from_secs(2);
/// The largest head of a request, with all headers. Browsers send about 2 KiB. The answer to a larger head is 431.
const HEAD_MAX_BYTES: usize = 32 * 1024;
/// How many open files we keep free for everything except connections: the database, pictures, the outbox and mail. Voices over TCP
/// have a share of their own.
const OTHER_FILES: usize = 200;
/// The most connections at the same time, even if the process may open more files: each connection can take some 50 KiB
/// of memory.
const CONNECTIONS_MAX: usize = 65_536;

/// Serves `app` until `stop` completes, then gives requests in progress [`LAST_WORDS`] to end.
pub async fn serve(listener: TcpListener, app: Router, state: &AppState, stop: impl Future<Output = ()>) {
    let config = &state.config;
    let (connections, stopping) = (TaskTracker::new(), CancellationToken::new());
    let in_all = connections_in_all(open_files::limit());
    tracing::info!("up to {in_all} connections fit at the same time");
    let limiter = ConnectionLimiter::new(ConnectionCaps {
        each_address: config.limits.connections_per_address as usize,
        in_all,
    });
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // The usual reason is that no file descriptor is free. So close one connection before trying again.
                    tracing::warn!(%error, "a connection could not be accepted");
                    limiter.evict_idlest();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let permit = match config.trusts(peer.ip().to_canonical()) {
            true => limiter.admit_proxy(Instant::now()),
            false => limiter.admit(peer.ip(), Instant::now()),
        };
        if let Some(permit) = permit {
            // Without TCP_NODELAY, a small answer can wait 40 ms for an acknowledgement.
            let _ = stream.set_nodelay(true);
            let stream = WithWriteDeadline::new(stream, config.times.write);
            let stream = WithSecurityHeaders::new(stream, config.public_url.is_https());
            let (app, permit, stopping) = (app.clone(), Arc::new(permit), stopping.clone());
            connections.spawn(serve_connection(stream, peer, app, permit, config.times.head, stopping));
        } else if limiter.is_full_for(peer.ip()) {
            let most = config.limits.connections_per_address;
            state.refusals.network_was_refused(CONNECTIONS_KEY, most);
        }
    }
    drop(listener);
    stopping.cancel();
    connections.close();
    let _ = tokio::time::timeout(LAST_WORDS, connections.wait()).await;
}

/// How many connections may be open in all if the process may have `files` open files.
fn connections_in_all(files: usize) -> usize {
    files
        .saturating_sub(OTHER_FILES + open_files::for_voices(files))
        .clamp(64, CONNECTIONS_MAX)
}

/// Serves HTTP/1.1 only. No browser speaks HTTP/2 without TLS. Besides, one HTTP/2 connection could carry 200 requests
/// at the same time, so the limits on connections would no longer limit requests.
async fn serve_connection(
    stream: WithSecurityHeaders<WithWriteDeadline<TcpStream>>,
    peer: SocketAddr,
    app: Router,
    permit: Arc<ConnectionPermit>,
    head_time: Duration,
    stopping: CancellationToken,
) {
    let service = {
        let permit = permit.clone();
        tower::service_fn(move |request| answer(request, peer, app.clone(), permit.clone()))
    };
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_time);
    // Hyper's buffer grows in steps, and the last step can exceed `max_buf_size`. So we also limit the head itself.
    builder.max_header_size(HEAD_MAX_BYTES).max_buf_size(HEAD_MAX_BYTES);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = pin!(connection.with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = permit.evicted() => return tracing::debug!("a connection made room for another"),
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    mut request: http::Request<hyper::body::Incoming>,
    peer: SocketAddr,
    app: Router,
    permit: Arc<ConnectionPermit>,
) -> Result<axum::response::Response, std::convert::Infallible> {
    let has_body = !hyper::body::Body::is_end_stream(request.body());
    let in_progress = permit.begin_request(has_body, Instant::now());
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(ConnectionPermits(vec![permit]));
    let response = app.oneshot(request.map(axum::body::Body::new)).await?;
    in_progress.end(Instant::now());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_open_files_are_left_for_other_things_than_connections() {
        for (files, connections) in [(1_024, 760), (100, 64), (524_288, 65_536), (usize::MAX, 65_536)] {
            assert_eq!(connections_in_all(files), connections, "{files}");
        }
    }
}
