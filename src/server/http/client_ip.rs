//! Finds the client's address behind trusted proxies.

use super::{
    connection_limit::{ConnectionCaps, ConnectionLimiter, ConnectionPermit, ConnectionPermits, RequestInProgress},
    error_status::answer,
    untrusted_proxies::UntrustedProxies,
};
use crate::{
    error::AppError,
    server::{config::Config, state::AppState},
};
use axum::{
    body::HttpBody,
    extract::{ConnectInfo, Request},
    http::HeaderMap,
    response::Response,
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

/// The setting for the connections of one address.
pub const CONNECTIONS_KEY: &str = "limits.connections_per_address";
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Finds the address of each client, and limits the requests of each address.
#[derive(Clone)]
pub struct ClientIp {
    state: AppState,
    /// Limits each address behind a proxy. Here a permit belongs to a request in progress or to an open WebSocket, not
    /// to a connection, because the proxy shares its connections among its clients.
    limiter: ConnectionLimiter,
    untrusted: UntrustedProxies,
}

impl ClientIp {
    pub fn new(state: AppState) -> Self {
        let limiter = ConnectionLimiter::new(ConnectionCaps {
            each_address: state.config.limits.connections_per_address as usize,
            in_all: usize::MAX,
        });
        Self {
            state,
            limiter,
            untrusted: UntrustedProxies::default(),
        }
    }
}

/// The place that a request from behind a proxy takes among those of its client's address.
pub struct ClientPlace {
    permit: Arc<ConnectionPermit>,
    in_progress: RequestInProgress,
}

impl ClientIp {
    /// Replaces the proxy's address in [`ConnectInfo`] with the client's, for everything that reads it later. Returns the place of a
    /// request that came through a proxy.
    ///
    /// # Errors
    /// The answer, if the client's address has no place left.
    pub fn replace_address(&self, request: &mut Request) -> Result<Option<ClientPlace>, Box<Response>> {
        let config = &self.state.config;
        let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() else {
            return Ok(None);
        };
        if !config.trusts(peer.ip()) {
            if request.headers().contains_key(FORWARDED_FOR) {
                self.untrusted.header_was_ignored(peer.ip());
            }
            return Ok(None);
        }
        let address = behind(config, peer.ip(), request.headers());
        let has_body = !request.body().is_end_stream();
        let Some((permit, in_progress)) = self.limiter.admit_request(address, has_body, Instant::now()) else {
            return Err(Box::new(answer(&too_many_from_address(&self.state))));
        };
        let permit = Arc::new(permit);
        let extensions = request.extensions_mut();
        extensions.insert(ConnectInfo(SocketAddr::new(address, peer.port())));
        let permits = extensions.get_or_insert_default::<ConnectionPermits>();
        permits.0.push(permit.clone());
        Ok(Some(ClientPlace { permit, in_progress }))
    }

    /// Waits for the answer to a request that has a place. A request whose body arrives slowly is given up to make room for others, as
    /// on a connection without a proxy.
    pub async fn hold(&self, place: ClientPlace, response: impl Future<Output = Response>) -> Response {
        tokio::select! {
            response = response => {
                place.in_progress.end(Instant::now());
                response
            }
            () = place.permit.evicted() => answer(&too_many_from_address(&self.state)),
        }
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.state.config
    }
}

/// The answer if an address has no places left, for requests or for sockets. The log names the setting.
pub fn too_many_from_address(state: &AppState) -> AppError {
    let most = state.config.limits.connections_per_address;
    state.refusals.network_was_refused(CONNECTIONS_KEY, most);
    AppError::too_many(
        "Too many pages are open from your network. Close some of them and try again.",
        10,
    )
}

/// The right-most address of `X-Forwarded-For` that is not a trusted proxy. We ignore everything to the left of it,
/// because the client can write anything there.
fn behind(config: &Config, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let said = headers.get_all(FORWARDED_FOR).iter();
    let said: Vec<&str> = said
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut nearest = peer.to_canonical();
    for hop in said.iter().rev() {
        let Some(address) = read(hop.trim()).filter(|_| config.trusts(nearest)) else {
            break;
        };
        nearest = address;
    }
    nearest
}

/// Reads one entry of `X-Forwarded-For`. Some proxies add the port.
fn read(hop: &str) -> Option<IpAddr> {
    let with_port = || Some(hop.parse::<SocketAddr>().ok()?.ip());
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>()
        .ok()
        .or_else(with_port)
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, lines: &[&str]) -> String {
        let file = "[snug.public]\nproxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n";
        let config = Config::load(file, []).expect("a good one").config;
        let line = |line: &&str| {
            (
                "x-forwarded-for".parse().expect("a name"),
                line.parse().expect("a value"),
            )
        };
        let headers: HeaderMap = lines.iter().map(line).collect::<Vec<_>>().into_iter().collect();
        behind(&config, peer.parse().expect("an address"), &headers).to_string()
    }

    #[test]
    fn the_right_most_address_that_is_not_a_proxy_is_the_client() {
        for (wanted, peer, lines) in [
            ("203.0.113.7", "127.0.0.1", &["203.0.113.7"][..]),
            ("203.0.113.7", "127.0.0.1", &["198.51.100.1, 203.0.113.7"]),
            ("203.0.113.7", "127.0.0.1", &["198.51.100.1, 203.0.113.7, 10.1.2.3"]),
            ("203.0.113.7", "127.0.0.1", &["198.51.100.1", "203.0.113.7", "10.1.2.3"]),
            ("203.0.113.7", "::ffff:127.0.0.1", &["::ffff:203.0.113.7"]),
            ("2001:db8::7", "10.9.9.9", &["[2001:db8::7]:4711"]),
            ("203.0.113.7", "10.9.9.9", &["203.0.113.7:4711"]),
            // No client is named, or an entry cannot be read.
            ("127.0.0.1", "127.0.0.1", &[]),
            ("10.1.2.3", "127.0.0.1", &["10.1.2.3"]),
            ("10.1.2.3", "127.0.0.1", &["203.0.113.7, unknown, 10.1.2.3"]),
            ("127.0.0.1", "127.0.0.1", &["203.0.113.7,"]),
        ] {
            assert_eq!(seen(peer, lines), wanted, "{lines:?} by {peer}");
        }
    }

    #[test]
    fn the_header_of_an_untrusted_address_is_ignored() {
        assert_eq!(seen("198.51.100.1", &["203.0.113.7"]), "198.51.100.1");
    }
}
