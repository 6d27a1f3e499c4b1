//! What all connections of a port share.

use super::{
    connection_limit::{ConnectionLimiter, ConnectionPermit, RequestInProgress},
    write_deadline::WithWriteDeadline,
};
use crate::server::{config::TimeLimits, state::AppState, tls::ServerTls};
use axum::Router;
use std::{net::SocketAddr, sync::Arc, time::Instant};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// The largest head of a request, with all headers. Browsers send about 2 KiB. The answer to a larger head is 431.
pub const HEAD_MAX_BYTES: usize = 32 * 1024;

/// A connection before TLS and HTTP.
pub type RawStream = WithWriteDeadline<TcpStream>;

/// The application, and the rules for the connections of a port.
pub struct ConnectionServer {
    pub app: Router,
    pub state: AppState,
    /// Limits the connections with HTTP/2.
    pub http2_connections: ConnectionLimiter,
    /// Limits the requests over HTTP/2, because one connection carries many of them.
    pub http2_requests: ConnectionLimiter,
    /// `None` if the port has no TLS.
    pub tls: Option<ServerTls>,
    /// Answers requests without TLS on the port of TLS.
    pub redirect: Option<Arc<ConnectionServer>>,
    /// Whether people open this Snug with `https`, here or at a proxy.
    pub is_https: bool,
    pub times: TimeLimits,
    /// Cancelled when the server stops: connections then end after the request that they carry.
    pub stopping: CancellationToken,
}

impl ConnectionServer {
    /// A place for a connection that has turned out to be one with HTTP/2; `None` if its address has no place left and none of its connections
    /// with HTTP/2 is idle.
    pub fn admit_http2(&self, peer: SocketAddr, now: Instant) -> Option<ConnectionPermit> {
        match self.state.config.trusts(peer.ip().to_canonical()) {
            true => self.http2_connections.admit_proxy(now),
            false => self.http2_connections.admit(peer.ip(), now),
        }
    }

    /// A place for a request over HTTP/2, and the request itself; `None` if its address has no place left. A trusted proxy carries the
    /// requests of many clients, who are counted by `client_ip`.
    pub fn admit_request(
        &self,
        peer: SocketAddr,
        has_body: bool,
        now: Instant,
    ) -> Option<(ConnectionPermit, RequestInProgress)> {
        if !self.state.config.trusts(peer.ip().to_canonical()) {
            return self.http2_requests.admit_request(peer.ip(), has_body, now);
        }
        let place = self.http2_requests.admit_proxy(now)?;
        let in_progress = place.begin_request(has_body, now);
        Some((place, in_progress))
    }
}
