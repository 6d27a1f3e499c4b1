//! What was found at the public URL of this Snug, before it is judged.

use super::{own_addresses::OwnAddresses, probe::SeenRequest};
use crate::server::{config::TlsSource, tls::PresentedCertificate};
use http::StatusCode;
use std::net::IpAddr;

/// What was found at the public URL, and what is needed to judge it.
#[derive(Debug)]
pub struct SiteFacts {
    /// The public URL.
    pub origin: String,
    pub host: String,
    pub port: u16,
    pub is_https: bool,
    /// How Snug gets its certificate.
    pub tls: TlsSource,
    /// The addresses on which Snug listens, for advice.
    pub listens: String,
    /// Whether Snug serves plain HTTP beside `https`.
    pub has_redirect: bool,
    pub has_proxies: bool,
    /// Whether a Snug with this data runs.
    pub is_running: bool,
    /// Whether the keys can be read. Without them, this Snug can't be told from others.
    pub has_keys: bool,
    pub now_s: i64,
    pub own: OwnAddresses,
    /// What the doctor has written into `X-Forwarded-For`, as a client could do to hide its address.
    pub claimed: IpAddr,
    /// Empty if the name does not resolve.
    pub looks: Vec<SiteLook>,
}

/// What was found at one address.
#[derive(Debug)]
pub struct SiteLook {
    pub address: IpAddr,
    pub port: PortState,
    /// Port 80, if Snug serves it.
    pub plain_http: Option<PlainHttp>,
    /// `None` if it was not tried.
    pub tls: Option<TlsLook>,
    pub answer: Option<SiteAnswer>,
    pub socket: Option<SocketOutcome>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortState {
    Open,
    Refused,
    /// Nothing came back.
    Silent,
    /// This machine can't send to this address, for example because it has no IPv6.
    NoRoute,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainHttp {
    /// It leads to the public URL.
    Redirects,
    Closed(PortState),
    /// Something else answers.
    Other,
}

#[derive(Debug)]
pub enum TlsLook {
    Presented(PresentedCertificate),
    Failed(String),
}

#[derive(Debug, PartialEq, Eq)]
pub enum SiteAnswer {
    ThisSnug(SeenRequest),
    Other {
        status: StatusCode,
        /// The header `Server`.
        server: Option<String>,
        location: Option<String>,
    },
    Failed(String),
}

#[derive(Debug, PartialEq, Eq)]
pub enum SocketOutcome {
    Opened,
    /// The request has arrived as a plain request.
    Plain,
    Refused(StatusCode),
    Failed(String),
}

impl SiteLook {
    /// What this Snug has seen of the request, if it has answered at this address.
    pub fn seen(&self) -> Option<&SeenRequest> {
        match &self.answer {
            Some(SiteAnswer::ThisSnug(seen)) => Some(seen),
            _ => None,
        }
    }
}

impl SiteFacts {
    /// Whether this Snug has answered at any address.
    pub fn answers(&self) -> bool {
        self.looks.iter().any(|look| look.seen().is_some())
    }

    /// Whether this Snug has answered at an address that is not this machine's, so a router lets this machine reach itself.
    pub fn reaches_itself_through_router(&self) -> bool {
        let is_outside = |look: &SiteLook| look.seen().is_some() && !self.own.holds(look.address);
        self.looks.iter().any(is_outside)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::server::tls::CertificateTrust;

    pub const NOW_S: i64 = 1_800_000_000;
    pub const DAY_S: i64 = 86_400;
    /// The address from which the doctor seems to ask.
    pub const DOCTOR: &str = "198.51.100.9";

    /// A Snug at its own public address, with a proxy on the same machine, of which everything is good.
    pub fn good_site() -> SiteFacts {
        SiteFacts {
            origin: "https://snug.example.org".into(),
            host: "snug.example.org".into(),
            port: 443,
            is_https: true,
            tls: TlsSource::Elsewhere,
            listens: "127.0.0.1:3000".into(),
            has_redirect: false,
            has_proxies: true,
            is_running: true,
            has_keys: true,
            now_s: NOW_S,
            own: OwnAddresses::for_tests(&["127.0.0.1", "203.0.113.7"]),
            claimed: "192.0.2.66".parse().expect("an address"),
            looks: vec![good_look("203.0.113.7")],
        }
    }

    pub fn good_look(address: &str) -> SiteLook {
        SiteLook {
            address: address.parse().expect("an address"),
            port: PortState::Open,
            plain_http: None,
            tls: Some(TlsLook::Presented(good_certificate())),
            answer: Some(SiteAnswer::ThisSnug(SeenRequest {
                client: DOCTOR.parse().expect("an address"),
                forwarded_for: vec!["192.0.2.66".into(), DOCTOR.into()],
                host: Some("snug.example.org".into()),
                is_host_accepted: true,
                is_upgrade: false,
            })),
            socket: Some(SocketOutcome::Opened),
        }
    }

    pub fn good_certificate() -> PresentedCertificate {
        PresentedCertificate {
            names: vec!["snug.example.org".into()],
            not_before_s: NOW_S - 30 * DAY_S,
            not_after_s: NOW_S + 60 * DAY_S,
            trust: CertificateTrust::Trusted,
        }
    }

    /// An address at which nothing was found.
    pub fn closed_look(address: &str, port: PortState) -> SiteLook {
        SiteLook {
            address: address.parse().expect("an address"),
            port,
            plain_http: None,
            tls: None,
            answer: None,
            socket: None,
        }
    }

    #[test]
    fn an_answer_at_another_machine_s_address_came_back_through_a_router() {
        let mut site = good_site();
        assert!(site.answers() && !site.reaches_itself_through_router());
        site.looks = vec![good_look("203.0.113.9")];
        assert!(site.reaches_itself_through_router());
        site.looks = vec![closed_look("203.0.113.9", PortState::Silent)];
        assert!(!site.answers());
    }
}
