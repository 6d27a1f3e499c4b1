//! Judges what a reverse proxy does with requests: the host, the address of the client, and WebSockets.

use super::{
    probe::SeenRequest,
    site_facts::{SiteFacts, SocketOutcome},
};
use crate::model::health::HealthFinding;
use std::net::IpAddr;

const HOST: &str = "proxy_host";
const ADDRESS: &str = "proxy_address";
const SOCKET: &str = "websocket";

/// Judges the host that Snug sees. `None` if there is no proxy.
pub fn judge_host(site: &SiteFacts, seen: &SeenRequest) -> Option<HealthFinding> {
    let host = &site.host;
    has_proxy(site).then(|| match (seen.is_host_accepted, &seen.host) {
        (true, _) => HealthFinding::good(HOST, "The proxy passes the host on."),
        (false, said) => HealthFinding::bad(
            HOST,
            format!(
                "The proxy says that requests are for {}, and not for {host}, so Snug refuses them.",
                said.as_deref().unwrap_or("no host")
            ),
            "Let the proxy pass the header Host on (nginx: proxy_set_header Host $host).",
        ),
    })
}

/// Judges the address for which limits count. `None` if there is no proxy.
pub fn judge_address(site: &SiteFacts, seen: &SeenRequest) -> Option<HealthFinding> {
    has_proxy(site).then(|| {
        let how = "Let the proxy set the header X-Forwarded-For to the address of its client (nginx: proxy_set_header X-Forwarded-For \
                   $remote_addr).";
        let claimed = site.claimed.to_string();
        let client = seen.client;
        match seen.forwarded_for.last() {
            None => HealthFinding::bad(
                ADDRESS,
                "The proxy does not say who its clients are (X-Forwarded-For), so everybody shares the limits of one address.",
                how,
            ),
            Some(last) if *last == claimed => HealthFinding::bad(
                ADDRESS,
                "The proxy passes X-Forwarded-For on as its clients write it, so everybody can choose their address and escape the limits.",
                how,
            ),
            Some(_) if !site.has_proxies || !names(seen, client) => HealthFinding::bad(
                ADDRESS,
                format!(
                    "Snug does not believe the proxy at {client}, because it is not in public.proxies, so everybody shares the limits of one \
                     address."
                ),
                format!("Add {client} to SNUG_PUBLIC_PROXIES, and start Snug again."),
            ),
            Some(_) => HealthFinding::good(ADDRESS, "Snug sees the addresses of clients behind the proxy."),
        }
    })
}

/// Judges a WebSocket through the public URL.
pub fn judge_socket(site: &SiteFacts, outcome: &SocketOutcome) -> HealthFinding {
    let how = "Let the proxy pass the headers Upgrade and Connection on for /ws/, over HTTP/1.1 (nginx: proxy_http_version 1.1; \
               proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\").";
    let bad = |message: String| HealthFinding::bad(SOCKET, message, how);
    match outcome {
        SocketOutcome::Opened => HealthFinding::good(SOCKET, "WebSockets come through."),
        SocketOutcome::Plain => bad(
            "The proxy makes plain requests of WebSockets, so rooms don't work: it removes the header Upgrade."
                .to_owned(),
        ),
        SocketOutcome::Refused(status) => bad(format!(
            "WebSockets don't come through, so rooms don't work: {} answers {status}.",
            site.origin
        )),
        SocketOutcome::Failed(error) => bad(format!("WebSockets don't come through, so rooms don't work: {error}.")),
    }
}

/// Snug speaks plain HTTP, and people use `https`, so something between them ends TLS.
fn has_proxy(site: &SiteFacts) -> bool {
    site.is_https && !site.tls.is_here()
}

/// Whether this address is in the header `X-Forwarded-For`, so that Snug has taken it from there. Some proxies add a port.
fn names(seen: &SeenRequest, address: IpAddr) -> bool {
    seen.forwarded_for.iter().any(|entry| {
        let bare = entry.trim_matches(['[', ']']).parse::<IpAddr>();
        let with_port = || entry.parse::<std::net::SocketAddr>().map(|entry| entry.ip());
        bare.or_else(|_| with_port())
            .is_ok_and(|entry| entry.to_canonical() == address)
    })
}

#[cfg(test)]
mod tests {
    use super::super::site_facts::tests::{DOCTOR, good_site};
    use super::*;
    use crate::{model::health::HealthVerdict, server::config::TlsSource};
    use http::StatusCode;

    /// Judges the address that Snug has taken for the client, with what the proxy has sent.
    fn judged(client: &str, forwarded_for: &[&str], has_proxies: bool) -> HealthFinding {
        let mut site = good_site();
        site.has_proxies = has_proxies;
        let mut seen = site.looks[0].seen().expect("an answer").clone();
        seen.client = client.parse().expect("an address");
        seen.forwarded_for = forwarded_for.iter().map(ToString::to_string).collect();
        judge_address(&site, &seen).expect("there is a proxy")
    }

    #[test]
    fn each_mistake_with_the_address_of_the_client_has_a_message_of_its_own() {
        assert_eq!(
            judged(DOCTOR, &["192.0.2.66", DOCTOR], true).verdict,
            HealthVerdict::Good
        );
        assert_eq!(judged(DOCTOR, &[DOCTOR], true).verdict, HealthVerdict::Good);
        assert_eq!(
            judged(DOCTOR, &["198.51.100.9:4711"], true).verdict,
            HealthVerdict::Good
        );
        let silent = judged("127.0.0.1", &[], true);
        assert!(
            silent.message.contains("does not say who its clients are"),
            "{silent:?}"
        );
        let credulous = judged("192.0.2.66", &["192.0.2.66"], true);
        assert!(credulous.message.contains("can choose their address"), "{credulous:?}");
        let unknown = judged("172.17.0.1", &["192.0.2.66", DOCTOR], true);
        assert!(
            unknown.advice.contains("Add 172.17.0.1 to SNUG_PUBLIC_PROXIES"),
            "{unknown:?}"
        );
        let same = judged(DOCTOR, &["192.0.2.66", DOCTOR], false);
        assert!(
            same.message.contains("does not believe the proxy"),
            "without the setting, Snug believes nobody"
        );
        for finding in [silent, credulous, unknown, same] {
            assert_eq!(
                (finding.check.as_str(), finding.verdict),
                ("proxy_address", HealthVerdict::Bad)
            );
        }
    }

    #[test]
    fn another_host_than_the_one_that_people_open_is_bad() {
        let site = good_site();
        let mut seen = site.looks[0].seen().expect("an answer").clone();
        seen.host = Some("127.0.0.1".into());
        seen.is_host_accepted = false;
        let finding = judge_host(&site, &seen).expect("there is a proxy");
        assert_eq!(finding.verdict, HealthVerdict::Bad);
        assert!(
            finding
                .message
                .contains("are for 127.0.0.1, and not for snug.example.org"),
            "{finding:?}"
        );
    }

    #[test]
    fn without_a_proxy_nothing_is_said_about_it() {
        let mut site = good_site();
        let seen = site.looks[0].seen().expect("an answer").clone();
        site.tls = TlsSource::Own(vec![]);
        assert!(judge_host(&site, &seen).is_none() && judge_address(&site, &seen).is_none());
    }

    #[test]
    fn sockets_that_do_not_come_through_are_bad() {
        let site = good_site();
        assert_eq!(judge_socket(&site, &SocketOutcome::Opened).verdict, HealthVerdict::Good);
        let plain = judge_socket(&site, &SocketOutcome::Plain);
        assert!(plain.message.contains("removes the header Upgrade"), "{plain:?}");
        let refused = judge_socket(&site, &SocketOutcome::Refused(StatusCode::BAD_REQUEST));
        assert!(refused.message.contains("400 Bad Request"), "{refused:?}");
        assert_eq!(refused.verdict, HealthVerdict::Bad);
    }
}
