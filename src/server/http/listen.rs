//! The accept loop. We have our own because `axum::serve` has no header timeout, no limit on the connections of one
//! address, and no TCP_NODELAY.

use super::{
    connection_limit::{ConnectionCaps, ConnectionLimiter, ConnectionPermit, ConnectionPermits},
    malformed_requests::WithSecurityHeaders,
};
use crate::server::config::Config;
use axum::{Router, extract::ConnectInfo};
use http::StatusCode;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

/// HTTP/2 has no header timeout. Instead, we ping this often, and hyper closes a connection that does not answer.
const PING_EVERY: Duration = Duration::from_secs(30);
/// At shutdown, requests in progress have this long to end.
pub const LAST_WORDS: Duration = Duration::from_secs(2);
/// The number of open files to leave for other things than connections: the database, pictures, the outbox, mail.
const OTHER_FILES: usize = 200;

/// Serves `app` until `stop` completes, then gives requests in progress [`LAST_WORDS`] to end.
pub async fn serve(listener: TcpListener, app: Router, config: &Config, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let limiter = ConnectionLimiter::new(ConnectionCaps {
        each_address: config.limits.connections_per_address,
        in_all: connections_in_all(&std::fs::read_to_string("/proc/self/limits").unwrap_or_default()),
    });
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Mostly because we are out of file descriptors: free one before trying again.
                    tracing::warn!(%error, "a connection could not be accepted");
                    limiter.evict_idlest();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let address = peer.ip().to_canonical();
        let permit = match config.trusts(address) {
            true => limiter.admit_proxy(address, Instant::now()),
            false => limiter.admit(address, Instant::now()),
        };
        if let Some(permit) = permit {
            // Without TCP_NODELAY, a small answer may wait 40 ms for an acknowledgement.
            let _ = stream.set_nodelay(true);
            let (app, watcher, permit) = (app.clone(), graceful.watcher(), Arc::new(permit));
            let stream = WithSecurityHeaders::new(stream, config.public_url.is_https());
            tokio::spawn(serve_connection(stream, peer, app, watcher, permit, config.times.head));
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(LAST_WORDS, graceful.shutdown()).await;
}

/// How many connections may be open in all. `limits` is the text of `/proc/self/limits`.
fn connections_in_all(limits: &str) -> usize {
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let files = files.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    files.unwrap_or(4_096_usize).saturating_sub(OTHER_FILES).max(64)
}

async fn serve_connection(
    stream: WithSecurityHeaders<TcpStream>,
    peer: SocketAddr,
    app: Router,
    watcher: hyper_util::server::graceful::Watcher,
    permit: Arc<ConnectionPermit>,
    head_time: Duration,
) {
    let service = {
        let permit = permit.clone();
        tower::service_fn(move |request| answer(request, peer, app.clone(), permit.clone()))
    };
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head_time);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(PING_EVERY);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
    tokio::select! {
        ended = watcher.watch(connection.into_owned()) => if let Err(error) = ended {
            tracing::debug!(error, "a connection ended early");
        },
        () = permit.evicted() => tracing::debug!("an idle connection was closed to make room for another"),
        // Hyper's header timeout starts only when the first bytes have shown which version of HTTP this is.
        () = first_request_timeout(&permit, head_time) => tracing::debug!("a connection was closed because no request arrived"),
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
    in_progress.end(response.status() == StatusCode::SWITCHING_PROTOCOLS, Instant::now());
    Ok(response)
}

/// Completes after `head_time` if no request has arrived by then; never completes otherwise.
async fn first_request_timeout(permit: &ConnectionPermit, head_time: Duration) {
    tokio::time::sleep(head_time).await;
    if permit.has_had_request() {
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_open_files_are_left_for_other_things_than_connections() {
        let limits = "Limit   Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files\n";
        assert_eq!(connections_in_all(limits), 824);
        assert_eq!(connections_in_all("Max open files            100  100  files\n"), 64);
        assert_eq!(connections_in_all(""), 3_896);
    }
}
