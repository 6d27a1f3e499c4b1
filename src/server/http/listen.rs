//! The accept loops. We have our own because `axum::serve` has no header timeout, no limit on the connections of one
//! address, and no TCP_NODELAY.

use super::{
    client_ip::CONNECTIONS_KEY,
    connection,
    connection_limit::{ConnectionCaps, ConnectionLimiter},
    connection_server::ConnectionServer,
    https_redirect,
    listeners::Listeners,
};
use crate::server::{open_files, state::AppState};
use axum::Router;
use futures::future::join_all;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// At shutdown, requests in progress have this long to end.
pub const LAST_WORDS: Duration = Duration::from_secs(2);
/// How many open files we keep free for everything except connections: the database, pictures, the outbox and mail. Voices over TCP
/// have a share of their own.
const OTHER_FILES: usize = 200;
/// The most connections at the same time, even if the process may open more files. A connection takes some 50 KiB of memory in use, and at
/// worst 154 KiB with HTTP/1.1: its state (20), a TLS record that is not complete (20), the head of a request (40) with its 100 fields (10),
/// and a body whose last byte is missing (64). At worst, the 512 connections of one address keep 81 MB. A handshake that never ends takes
/// 90 KiB for 10 seconds, because rustls collects up to 64 KiB of it: 47 MB for 512. `http2.rs` has the sum for HTTP/2.
const CONNECTIONS_MAX: usize = 65_536;

/// Serves `app` until `stop` completes, then gives requests in progress [`LAST_WORDS`] to end. Plain HTTP on the listeners for it is
/// redirected to `https`.
pub async fn serve(listeners: Listeners, app: Router, state: &AppState, stop: impl Future<Output = ()>) {
    let config = &state.config;
    let stopping = CancellationToken::new();
    let entrance = Entrance::new(state);
    let http2_connections = ConnectionLimiter::new(entrance.caps.for_http2());
    let http2_requests = ConnectionLimiter::new(entrance.caps.for_http2_requests());
    let redirect = Arc::new(ConnectionServer {
        app: https_redirect::app(state.clone()),
        state: state.clone(),
        http2_connections: http2_connections.clone(),
        http2_requests: http2_requests.clone(),
        tls: None,
        redirect: None,
        is_https: false,
        times: config.times.clone(),
        stopping: stopping.clone(),
    });
    let site = Arc::new(ConnectionServer {
        app,
        state: state.clone(),
        http2_connections,
        http2_requests,
        tls: state.tls.clone(),
        redirect: Some(redirect.clone()),
        is_https: config.public_url.is_https(),
        times: config.times.clone(),
        stopping: stopping.clone(),
    });
    let of_site = listeners.site.into_iter().map(|listener| (listener, site.clone()));
    let of_redirect = listeners
        .redirect
        .into_iter()
        .map(|listener| (listener, redirect.clone()));
    let accepting = of_site
        .chain(of_redirect)
        .map(|(listener, server)| entrance.accept_all(listener, server));
    tokio::select! {
        // When this is done, the other branch is dropped, and the listeners with it: the system then refuses new connections.
        () = stop => {}
        _ = join_all(accepting) => {}
    }
    stopping.cancel();
    entrance.connections.close();
    let _ = tokio::time::timeout(LAST_WORDS, entrance.connections.wait()).await;
}

/// Decides which connections come in, on all ports together.
struct Entrance<'a> {
    state: &'a AppState,
    caps: ConnectionCaps,
    limiter: ConnectionLimiter,
    connections: TaskTracker,
}

impl<'a> Entrance<'a> {
    fn new(state: &'a AppState) -> Self {
        let in_all = connections_in_all(open_files::limit());
        tracing::info!("up to {in_all} connections fit at the same time");
        let caps = ConnectionCaps {
            each_address: state.config.limits.connections_per_address as usize,
            in_all,
        };
        Self {
            state,
            caps,
            limiter: ConnectionLimiter::new(caps),
            connections: TaskTracker::new(),
        }
    }

    /// Accepts connections, and serves each of them in a task of its own. Never returns.
    async fn accept_all(&self, listener: TcpListener, server: Arc<ConnectionServer>) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.admit(stream, peer, &server),
                Err(error) => {
                    // The usual reason is that no file descriptor is free. So close one connection before trying again.
                    tracing::warn!(%error, "a connection could not be accepted");
                    self.limiter.evict_idlest();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, peer: SocketAddr, server: &Arc<ConnectionServer>) {
        let config = &self.state.config;
        let permit = match config.trusts(peer.ip().to_canonical()) {
            true => self.limiter.admit_proxy(Instant::now()),
            false => self.limiter.admit(peer.ip(), Instant::now()),
        };
        if let Some(permit) = permit {
            self.connections
                .spawn(connection::serve(server.clone(), stream, peer, Arc::new(permit)));
        } else if self.limiter.is_full_for(peer.ip()) {
            let most = config.limits.connections_per_address;
            self.state.refusals.network_was_refused(CONNECTIONS_KEY, most);
        }
    }
}

/// How many connections may be open in all if the process may have `files` open files.
fn connections_in_all(files: usize) -> usize {
    files
        .saturating_sub(OTHER_FILES + open_files::for_voices(files))
        .clamp(64, CONNECTIONS_MAX)
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
