//! Finds the client's address behind trusted proxies.

use super::{
    connection_limit::{ConnectionCaps, ConnectionLimiter, ConnectionPermits},
    error_status::answer,
    untrusted_proxies::UntrustedProxies,
};
use crate::{
    error::AppError,
    server::{config::Config, state::AppState},
};
use axum::{
    body::HttpBody,
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
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

/// The state of the [`client_ip`] middleware.
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

/// Replaces the proxy's address in [`ConnectInfo`] with the client's, for everything behind this middleware.
pub async fn client_ip(State(client): State<ClientIp>, mut request: Request, next: Next) -> Response {
    let config = &client.state.config;
    let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() else {
        return next.run(request).await;
    };
    if !config.trusts(peer.ip()) {
        if request.headers().contains_key(FORWARDED_FOR) {
            client.untrusted.header_was_ignored(peer.ip());
        }
        return next.run(request).await;
    }
    let address = behind(config, peer.ip(), request.headers());
    let Some(permit) = client.limiter.admit(address, Instant::now()) else {
        return answer(&too_many_from_address(&client.state));
    };
    let permit = Arc::new(permit);
    let has_body = !request.body().is_end_stream();
    let in_progress = permit.begin_request(has_body, Instant::now());
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::new(address, peer.port())));
    let permits = request.extensions_mut().get_or_insert_default::<ConnectionPermits>();
    permits.0.push(permit.clone());
    tokio::select! {
        response = next.run(request) => {
            in_progress.end(Instant::now());
            response
        }
        // A request whose body arrives slowly is given up to make room for others, as on a connection without a proxy.
        () = permit.evicted() => answer(&too_many_from_address(&client.state)),
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
