//! The addresses on which Snug expects HTTP.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The address of the server if `site-addr` is not set. Leptos has the same default.
pub(super) const DEFAULT_SITE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
/// The ports of `https` and of `http`.
const HTTPS: u16 = 443;
const HTTP: u16 = 80;

/// Where Snug listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenConfig {
    /// For `https` if Snug ends TLS itself, or else for `http`.
    pub site: Vec<SocketAddr>,
    /// For plain HTTP, which Snug redirects to `https`. Empty if Snug does not end TLS itself.
    pub redirect: Vec<SocketAddr>,
    /// Whether Snug must not start without the addresses in `redirect`, because the operator has named them.
    pub redirect_is_required: bool,
}

impl ListenConfig {
    /// `site` is `site-addr` and `http` is `public.http_addr`, if they are set.
    pub(super) fn new(site: Option<SocketAddr>, http: Option<SocketAddr>, ends_tls: bool) -> Self {
        let site = site.unwrap_or(DEFAULT_SITE);
        let beside = (site.port() == HTTPS).then(|| SocketAddr::new(site.ip(), HTTP));
        Self {
            site: vec![site],
            redirect: http.or(beside).filter(|_| ends_tls).into_iter().collect(),
            redirect_is_required: ends_tls && http.is_some(),
        }
    }

    /// For a Snug that gets a certificate for its domains: all addresses at 443 and 80, unless `site` is another address than the
    /// default one.
    pub(super) fn for_domains(site: Option<SocketAddr>, http: Option<SocketAddr>) -> Self {
        if site.is_some_and(|site| site != DEFAULT_SITE) {
            return Self::new(site, http, true);
        }
        Self {
            site: on_all_addresses(HTTPS),
            redirect: http.map_or_else(|| on_all_addresses(HTTP), |http| vec![http]),
            redirect_is_required: http.is_some(),
        }
    }

    /// For the local network: all addresses at the port of `site`.
    pub(super) fn for_lan(site: Option<SocketAddr>, http: Option<SocketAddr>) -> Self {
        Self {
            site: on_all_addresses(site.unwrap_or(DEFAULT_SITE).port()),
            redirect: http.into_iter().collect(),
            redirect_is_required: http.is_some(),
        }
    }
}

fn on_all_addresses(port: u16) -> Vec<SocketAddr> {
    vec![
        (Ipv4Addr::UNSPECIFIED, port).into(),
        (Ipv6Addr::UNSPECIFIED, port).into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(site: &str, http: Option<&str>, ends_tls: bool) -> (String, Vec<String>) {
        let read = |text: &str| text.parse().expect("an address");
        let listen = ListenConfig::new(Some(read(site)), http.map(read), ends_tls);
        let redirect = listen.redirect.iter().map(ToString::to_string).collect();
        (listen.site[0].to_string(), redirect)
    }

    #[test]
    fn port_80_is_redirected_beside_port_443_and_another_port_only_if_it_is_named() {
        let beside = listen("0.0.0.0:443", None, true);
        assert_eq!(beside, ("0.0.0.0:443".into(), vec!["0.0.0.0:80".into()]));
        assert!(listen("0.0.0.0:8443", None, true).1.is_empty());
        assert_eq!(listen("0.0.0.0:8443", Some("0.0.0.0:8080"), true).1, ["0.0.0.0:8080"]);
        assert!(listen("0.0.0.0:443", Some("0.0.0.0:80"), false).1.is_empty());
        assert_eq!(ListenConfig::new(None, None, false).site, [DEFAULT_SITE]);
    }
}
