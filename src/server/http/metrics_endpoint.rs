//! `/metrics`: figures for programs on this machine, and for programs that send the token.
//!
//! Behind a proxy on the same machine, every request comes from a loopback address. So a loopback address alone is no proof: the request
//! must also show no sign of a proxy. Monitors ask by any name. Only a browser must ask by a name of this machine, because a page of another
//! site can point its own name here (DNS rebinding).

use super::{error_status::answer, own_names::host};
use crate::{
    error::{AppError, Kind},
    server::{
        config::{MetricsToken, names_this_machine},
        error::Error,
        keyring::same,
        metrics,
        state::AppState,
    },
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Version, header},
    response::{IntoResponse, Response},
};
use std::net::SocketAddr;

/// Headers that only proxies add, in lower case. All others that begin with [`FORWARDED`] count too.
const PROXY_HEADERS: [&str; 7] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
];
const FORWARDED: &str = "x-forwarded";

/// Headers that browsers add to requests, in lower case. A page can change the first one, but can't leave it out.
const BROWSER_HEADERS: [&str; 3] = ["accept-language", "origin", "referer"];
/// All headers that begin with this are of browsers, too.
const SEC_FETCH: &str = "sec-fetch-";

/// The metrics in the format of OpenMetrics, or the reason why this request does not get them.
pub async fn read_metrics(State(state): State<AppState>, request: Request) -> Response {
    if let Err(refused) = check_access(state.config.metrics_token.as_ref(), &request) {
        return refused.to_response(state.config.tls.is_here());
    }
    match metrics::read_all(&state).await {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => answer(&AppError::from(Error::Internal(error.into()))),
    }
}

/// Why a request does not get the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MetricsRefusal {
    WrongToken,
    NotFromHere,
    ThroughProxy,
}

impl MetricsRefusal {
    /// What is wrong and what to do. `ends_tls` says whether Snug itself serves `https`.
    fn sentence(self, ends_tls: bool) -> String {
        let here = match ends_tls {
            true => "https://127.0.0.1 and its port, without verifying the certificate, which is for another name",
            false => "http://127.0.0.1 and its port",
        };
        match self {
            Self::WrongToken => {
                "This is not the token of the metrics. It is the key `token` in [snug.metrics] (SNUG_METRICS_TOKEN)."
                    .to_owned()
            }
            Self::NotFromHere => format!(
                "Only programs on the machine of this Snug may read the metrics, at {here}. Any other program must send the token: set \
                 the key `token` in [snug.metrics] (SNUG_METRICS_TOKEN)."
            ),
            Self::ThroughProxy => format!(
                "This request came through a proxy. Ask Snug itself, at {here}, or send the token: set the key `token` in [snug.metrics] \
                 (SNUG_METRICS_TOKEN)."
            ),
        }
    }

    fn to_response(self, ends_tls: bool) -> Response {
        let kind = match self {
            Self::WrongToken => Kind::SignedOut,
            Self::NotFromHere | Self::ThroughProxy => Kind::Forbidden,
        };
        let mut response = answer(&AppError::new(kind, self.sentence(ends_tls)));
        if self == Self::WrongToken {
            // RFC 6750 section 3.
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// Whether a request may read the metrics. If there is a token, and the request sends one, only the token counts.
fn check_access(token: Option<&MetricsToken>, request: &Request) -> Result<(), MetricsRefusal> {
    let headers = request.headers();
    if let (Some(token), Some(sent)) = (token, headers.get(header::AUTHORIZATION)) {
        return match is_bearer(sent, token) {
            true => Ok(()),
            false => Err(MetricsRefusal::WrongToken),
        };
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let is_here = peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback());
    // Programs that read metrics speak HTTP/1.1 or newer. Some proxies use 1.0 unless they are told otherwise.
    let is_through_proxy = shows_proxy(headers) || request.version() < Version::HTTP_11;
    match (is_here, is_through_proxy) {
        (_, true) => Err(MetricsRefusal::ThroughProxy),
        (true, false) if !shows_browser(headers) || is_for_this_machine(request) => Ok(()),
        _ => Err(MetricsRefusal::NotFromHere),
    }
}

fn is_bearer(sent: &HeaderValue, token: &MetricsToken) -> bool {
    let sent = sent.as_bytes().split_at_checked("Bearer ".len());
    // The name of the scheme may have capitals or not (RFC 9110 section 11.1).
    sent.is_some_and(|(scheme, sent)| {
        scheme.eq_ignore_ascii_case(b"bearer ") && same(sent.trim_ascii(), token.expose().as_bytes())
    })
}

fn is_for_this_machine(request: &Request) -> bool {
    host(request.uri(), request.headers()).is_some_and(names_this_machine)
}

fn shows_browser(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        BROWSER_HEADERS.contains(&name) || name.starts_with(SEC_FETCH)
    })
}

fn shows_proxy(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        PROXY_HEADERS.contains(&name) || name.starts_with(FORWARDED)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const TOKEN: &str = "a-token-that-nobody-guesses";

    fn asked(peer: &str, token: Option<&str>, headers: &[(&'static str, &str)]) -> Result<(), MetricsRefusal> {
        let has_host = headers.iter().any(|(name, _)| *name == "host");
        let here = (!has_host).then_some(("host", "127.0.0.1:3000"));
        let all = headers.iter().copied().chain(here);
        let request = axum::http::Request::builder().uri("/metrics");
        let request = all.fold(request, |request, (name, value)| request.header(name, value));
        let mut request = request.body(Body::empty()).expect("a request");
        let peer: SocketAddr = peer.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(peer));
        let token = token.map(|token| MetricsToken::parse(token).expect("a token"));
        check_access(token.as_ref(), &request)
    }

    #[test]
    fn programs_on_this_machine_need_no_token() {
        for (peer, host) in [
            ("127.0.0.1:4000", "127.0.0.1:3000"),
            ("127.0.0.1:4000", "localhost:3000"),
            ("[::1]:4000", "[::1]:3000"),
            ("[::ffff:127.0.0.1]:4000", "127.0.0.1:3000"),
        ] {
            assert_eq!(asked(peer, None, &[("host", host)]), Ok(()), "{peer} asks {host}");
            assert_eq!(
                asked(peer, Some(TOKEN), &[("host", host)]),
                Ok(()),
                "{peer} asks {host}"
            );
        }
    }

    #[test]
    fn other_machines_and_pages_that_point_their_own_name_here_are_refused() {
        let refused = Err(MetricsRefusal::NotFromHere);
        assert_eq!(asked("192.0.2.1:4000", None, &[]), refused);
        assert_eq!(asked("192.0.2.1:4000", Some(TOKEN), &[]), refused);
        for host in ["evil.example", "snug.example.org", "127.0.0.1.evil.example", ""] {
            for header in ["accept-language", "origin", "referer", "sec-fetch-site"] {
                let of_page = [("host", host), (header, "")];
                assert_eq!(asked("127.0.0.1:4000", None, &of_page), refused, "{header} asks {host}");
            }
        }
    }

    #[test]
    fn programs_on_this_machine_ask_by_any_name_and_browsers_by_its_own() {
        for host in ["old.example.net", "snug.example.org", "192.0.2.1:3000", ""] {
            assert_eq!(asked("127.0.0.1:4000", None, &[("host", host)]), Ok(()), "{host}");
        }
        let of_browser = [("accept-language", "en"), ("sec-fetch-site", "none")];
        assert_eq!(asked("127.0.0.1:4000", None, &of_browser), Ok(()));
    }

    #[test]
    fn a_proxy_on_this_machine_is_refused() {
        for name in [
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-forwarded-host",
            "forwarded",
            "via",
            "x-real-ip",
            "cf-connecting-ip",
        ] {
            let refused = Err(MetricsRefusal::ThroughProxy);
            assert_eq!(asked("127.0.0.1:4000", None, &[(name, "127.0.0.1")]), refused, "{name}");
        }
        let mut old = Request::new(Body::empty());
        *old.version_mut() = Version::HTTP_10;
        assert_eq!(check_access(None, &old), Err(MetricsRefusal::ThroughProxy));
    }

    #[test]
    fn a_refused_program_is_told_the_address_at_which_this_snug_answers() {
        for refused in [MetricsRefusal::NotFromHere, MetricsRefusal::ThroughProxy] {
            assert!(refused.sentence(false).contains("at http://127.0.0.1 and its port"));
            let sentence = refused.sentence(true);
            assert!(sentence.contains("at https://127.0.0.1 and its port"), "{sentence}");
        }
    }

    #[test]
    fn the_token_opens_from_everywhere_and_a_wrong_one_from_nowhere() {
        let good = format!("Bearer {TOKEN}");
        for sent in [good.as_str(), &good.replace("Bearer", "bearer")] {
            let headers = [("authorization", sent), ("x-forwarded-for", "203.0.113.7")];
            assert_eq!(asked("192.0.2.1:4000", Some(TOKEN), &headers), Ok(()));
        }
        for sent in [
            "",
            "Bearer",
            "Bearer ",
            TOKEN,
            &format!("Basic {TOKEN}"),
            &good[..good.len() - 1],
        ] {
            let refused = Err(MetricsRefusal::WrongToken);
            assert_eq!(
                asked("127.0.0.1:4000", Some(TOKEN), &[("authorization", sent)]),
                refused,
                "{sent}"
            );
        }
        assert_eq!(
            asked("127.0.0.1:4000", None, &[("authorization", "Bearer x")]),
            Ok(()),
            "there is no token to compare with"
        );
    }
}
