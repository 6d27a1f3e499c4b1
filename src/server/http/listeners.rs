//! The sockets on which connections are expected: one or two for each port.

use crate::server::config::ListenConfig;
use anyhow::Context;
use socket2::{Domain, Protocol, Socket, Type};
use std::{io, net::SocketAddr};
use tokio::net::TcpListener;

/// How many connections may wait in the operating system until we accept them.
const BACKLOG: i32 = 1_024;

/// The sockets of one server.
pub struct Listeners {
    /// For `https` if Snug ends TLS itself, or else for `http`.
    pub site: Vec<TcpListener>,
    /// For plain HTTP, which is redirected to `https`.
    pub redirect: Vec<TcpListener>,
}

impl From<TcpListener> for Listeners {
    fn from(listener: TcpListener) -> Self {
        Self {
            site: vec![listener],
            redirect: vec![],
        }
    }
}

impl Listeners {
    /// Uses sockets that listen already, because systemd has opened them. If there are none for the site or none for redirects, listens
    /// itself.
    ///
    /// # Errors
    /// Those of [`Listeners::bind`], and if a socket can't be used.
    pub fn take_or_bind(
        site: Vec<std::net::TcpListener>,
        redirect: Vec<std::net::TcpListener>,
        config: &ListenConfig,
    ) -> anyhow::Result<Self> {
        let missing = ListenConfig {
            site: if site.is_empty() { config.site.clone() } else { vec![] },
            redirect: if redirect.is_empty() {
                config.redirect.clone()
            } else {
                vec![]
            },
            ..config.clone()
        };
        let mut listeners = Self::bind(&missing)?;
        listeners.site.extend(take_all(site)?);
        listeners.redirect.extend(take_all(redirect)?);
        Ok(listeners)
    }

    /// Listens on all addresses of the configuration.
    ///
    /// # Errors
    /// If an address can't be used. The message says what to do.
    pub fn bind(config: &ListenConfig) -> anyhow::Result<Self> {
        let site = bind_all(&config.site).with_context(|| {
            let (addresses, port) = (join(&config.site), config.site.first().map_or(0, SocketAddr::port));
            let privileged = match port < 1_024 {
                true => ", or only root may use the port (give the service the capability CAP_NET_BIND_SERVICE)",
                false => "",
            };
            format!(
                "can't listen on {addresses}: the port is in use, or the address is not one of this machine{privileged} \
                 (LEPTOS_SITE_ADDR)"
            )
        })?;
        let redirect = match bind_all(&config.redirect) {
            Ok(redirect) => redirect,
            Err(error) if config.redirect_is_required => {
                let addresses = join(&config.redirect);
                return Err(error).context(format!(
                    "can't listen on {addresses} for plain HTTP (snug.public.http_addr, SNUG_PUBLIC_HTTP_ADDR)"
                ));
            }
            Err(error) => {
                let addresses = join(&config.redirect);
                tracing::warn!(
                    %error,
                    "can't listen on {addresses}, so addresses that begin with http:// are not redirected: another program uses the \
                     port, or only root may use it"
                );
                vec![]
            }
        };
        Ok(Self { site, redirect })
    }
}

fn take_all(given: Vec<std::net::TcpListener>) -> anyhow::Result<Vec<TcpListener>> {
    let take = |listener: std::net::TcpListener| {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    };
    let taken: io::Result<Vec<TcpListener>> = given.into_iter().map(take).collect();
    taken.context("a TCP socket that systemd has opened can't be used")
}

/// Listens on each address.
///
/// # Errors
/// If one can't be used. On a machine without IPv6, the unspecified address of IPv6 is left out if that of IPv4 is there.
pub fn bind_all(addresses: &[SocketAddr]) -> io::Result<Vec<TcpListener>> {
    let mut listeners = vec![];
    for address in addresses {
        let has_ipv4 = addresses.iter().any(|other| other.is_ipv4());
        match bind(*address, has_ipv4) {
            Ok(listener) => listeners.push(listener),
            Err(error) if address.is_ipv6() && has_ipv4 && is_missing_family(&error) => {
                tracing::info!(%error, "listening on IPv4 only");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(listeners)
}

/// `has_ipv4`: another socket listens for IPv4, so a socket for IPv6 must not do so too.
fn bind(address: SocketAddr, has_ipv4: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() && has_ipv4 {
        socket.set_only_v6(true)?;
    }
    // After a restart, connections of the program before may still be ending.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Whether an error means that this machine has no IPv6.
fn is_missing_family(error: &io::Error) -> bool {
    // Linux answers EAFNOSUPPORT, or EADDRNOTAVAIL if IPv6 is switched off on all interfaces. The first one has no kind of its own.
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error.kind() == io::ErrorKind::Unsupported
        || is_eafnosupport(error)
}

fn is_eafnosupport(error: &io::Error) -> bool {
    const EAFNOSUPPORT: i32 = 97;
    cfg!(target_os = "linux") && error.raw_os_error() == Some(EAFNOSUPPORT)
}

fn join(addresses: &[SocketAddr]) -> String {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    addresses.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[tokio::test]
    async fn one_port_can_be_bound_on_both_families() {
        let v4 = bind_all(&[(Ipv4Addr::UNSPECIFIED, 0).into()]).expect("a free port");
        let port = v4[0].local_addr().expect("the port").port();
        drop(v4);
        let both = bind_all(&[
            (Ipv4Addr::UNSPECIFIED, port).into(),
            (Ipv6Addr::UNSPECIFIED, port).into(),
        ]);
        assert!(!both.expect("the port is free").is_empty());
    }

    #[tokio::test]
    async fn sockets_of_systemd_are_used_and_the_rest_is_bound() {
        let given = || std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let (site, redirect) = (given(), given());
        let address = |listener: &std::net::TcpListener| listener.local_addr().expect("the port");
        let (site_address, redirect_address) = (address(&site), address(&redirect));
        let config = ListenConfig {
            // Nobody may bind these again, because the sockets of systemd are there.
            site: vec![site_address],
            redirect: vec![redirect_address],
            redirect_is_required: true,
        };
        let used = Listeners::take_or_bind(vec![site], vec![redirect], &config).expect("both are given");
        let own = |listeners: &[TcpListener]| listeners[0].local_addr().expect("the port");
        assert_eq!((own(&used.site), own(&used.redirect)), (site_address, redirect_address));
        drop(used);
        let bound = Listeners::take_or_bind(vec![], vec![], &config).expect("both are free again");
        assert_eq!((bound.site.len(), bound.redirect.len()), (1, 1));
    }

    #[tokio::test]
    async fn a_port_in_use_is_an_error_for_the_site_and_a_warning_for_a_redirect_that_nobody_named() {
        let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let taken = other.local_addr().expect("the port");
        let config = |site, redirect, redirect_is_required| ListenConfig {
            site: vec![site],
            redirect: vec![redirect],
            redirect_is_required,
        };
        let free = (Ipv4Addr::LOCALHOST, 0).into();
        let error = Listeners::bind(&config(taken, free, false)).err().expect("in use");
        assert!(format!("{error:#}").contains("LEPTOS_SITE_ADDR"), "{error:#}");
        let without = Listeners::bind(&config(free, taken, false)).expect("a warning");
        assert!(without.redirect.is_empty());
        let error = Listeners::bind(&config(free, taken, true)).err().expect("required");
        assert!(format!("{error:#}").contains("SNUG_PUBLIC_HTTP_ADDR"), "{error:#}");
        drop(other);
    }
}
