//! Looks at this Snug from outside: finds the addresses of its public URL, and asks each of them as a browser would.

use super::{
    one_request::{ReceivedAnswer, as_socket, ask, get, with_token},
    own_addresses::OwnAddresses,
    probe::{PROBE_PATH, PROBE_SOCKET_PATH, ProbeKind, ProbeToken},
    site_facts::{PlainHttp, PortState, SiteAnswer, SiteFacts, SiteLook, SocketOutcome, TlsLook},
};
use crate::server::{
    config::Config,
    keyring::{Keyring, random},
    tls::{PresentedCertificate, examine_handshake},
};
use http::{StatusCode, header};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

const LOOKED_UP_WITHIN: Duration = Duration::from_secs(5);
const CONNECTED_WITHIN: Duration = Duration::from_secs(4);
/// We try at most this many addresses of one name.
const ADDRESSES_MAX: usize = 4;
const PLAIN_HTTP: u16 = 80;

/// Looks from outside. Sends requests only to the addresses of the public URL.
pub async fn look(config: &Config, keyring: Option<&Keyring>, is_running: bool, now_s: i64) -> SiteFacts {
    let url = &config.public_url;
    let listens: Vec<String> = config.listen.site.iter().map(ToString::to_string).collect();
    let [last] = random::<1>();
    let mut facts = SiteFacts {
        origin: url.origin(),
        host: url.host().to_owned(),
        port: url.port(),
        is_https: url.is_https(),
        tls: config.tls.clone(),
        listens: listens.join(" and "),
        has_redirect: !config.listen.redirect.is_empty(),
        has_proxies: !config.proxies.is_empty(),
        is_running,
        has_keys: keyring.is_some(),
        now_s,
        own: OwnAddresses::read(),
        // An address that nobody has (RFC 5737).
        claimed: Ipv4Addr::new(192, 0, 2, last).into(),
        looks: vec![],
    };
    for address in resolve(&facts.host, facts.port).await {
        let look = look_at(address, &facts, keyring).await;
        facts.looks.push(look);
    }
    facts
}

/// The addresses of a host. Empty if there are none.
async fn resolve(host: &str, port: u16) -> Vec<IpAddr> {
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return vec![address];
    }
    let mut addresses: Vec<IpAddr> = match timeout(LOOKED_UP_WITHIN, lookup_host((host, port))).await {
        Ok(Ok(found)) => found.map(|found| found.ip()).collect(),
        Ok(Err(_)) | Err(_) => vec![],
    };
    addresses.dedup();
    addresses.truncate(ADDRESSES_MAX);
    addresses
}

async fn look_at(address: IpAddr, facts: &SiteFacts, keyring: Option<&Keyring>) -> SiteLook {
    let mut look = SiteLook {
        address,
        port: PortState::Open,
        plain_http: None,
        tls: None,
        answer: None,
        socket: None,
    };
    if facts.has_redirect {
        look.plain_http = Some(look_at_plain_http(address, facts).await);
    }
    match ask_site(address, facts, keyring, PROBE_PATH).await {
        SiteReply::Closed(port) => look.port = port,
        SiteReply::NoTls(error) => look.tls = Some(TlsLook::Failed(error)),
        SiteReply::Answer(answered) => {
            look.tls = answered.presented.map(TlsLook::Presented);
            look.answer = Some(read_answer(answered.answer, &answered.token, keyring));
        }
    }
    if look.seen().is_some()
        && let SiteReply::Answer(answered) = ask_site(address, facts, keyring, PROBE_SOCKET_PATH).await
    {
        look.socket = Some(read_socket(answered.answer, &answered.token, keyring));
    }
    look
}

/// How far one request has come.
enum SiteReply {
    Closed(PortState),
    NoTls(String),
    Answer(Box<AnsweredRequest>),
}

/// A request that was sent over a connection, which is encrypted if the public URL is `https`.
struct AnsweredRequest {
    presented: Option<PresentedCertificate>,
    token: ProbeToken,
    answer: anyhow::Result<ReceivedAnswer>,
}

async fn ask_site(address: IpAddr, facts: &SiteFacts, keyring: Option<&Keyring>, path: &str) -> SiteReply {
    let stream = match connect(address, facts.port).await {
        Ok(stream) => stream,
        Err(port) => return SiteReply::Closed(port),
    };
    let token = ProbeToken::new(ProbeKind::Seen, facts.now_s);
    let authority = facts.origin.split_once("://").map_or("", |(_, authority)| authority);
    let mut request = get(authority, path);
    if facts.is_https && !facts.tls.is_here() {
        // This shows whether a proxy replaces the header. Without a proxy, the log would warn of a missing setting.
        request = request.header("x-forwarded-for", facts.claimed.to_string());
    }
    if let Some(keyring) = keyring {
        request = with_token(request, &token, keyring);
    }
    if path == PROBE_SOCKET_PATH {
        request = as_socket(request, &facts.origin);
    }
    let (presented, answer) = match facts.is_https {
        false => (None, ask(stream, request).await),
        true => match timeout(CONNECTED_WITHIN, examine_handshake(stream, &facts.host)).await {
            Ok(Ok((stream, presented))) => (Some(presented), ask(stream, request).await),
            Ok(Err(error)) => return SiteReply::NoTls(format!("{error:#}")),
            Err(_) => return SiteReply::NoTls("the handshake takes too long".to_owned()),
        },
    };
    SiteReply::Answer(Box::new(AnsweredRequest {
        presented,
        token,
        answer,
    }))
}

async fn connect(address: IpAddr, port: u16) -> Result<TcpStream, PortState> {
    match timeout(CONNECTED_WITHIN, TcpStream::connect(SocketAddr::new(address, port))).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(port_state(&error)),
        Err(_) => Err(PortState::Silent),
    }
}

fn port_state(error: &io::Error) -> PortState {
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => PortState::Refused,
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable => PortState::NoRoute,
        _ => PortState::Silent,
    }
}

async fn look_at_plain_http(address: IpAddr, facts: &SiteFacts) -> PlainHttp {
    let stream = match connect(address, PLAIN_HTTP).await {
        Ok(stream) => stream,
        Err(port) => return PlainHttp::Closed(port),
    };
    let answer = ask(stream, get(&facts.host, "/")).await.ok();
    let location = answer.as_ref().and_then(|answer| answer.header(header::LOCATION));
    match location.is_some_and(|location| location.starts_with(&facts.origin)) {
        true => PlainHttp::Redirects,
        false => PlainHttp::Other,
    }
}

fn read_answer(answer: anyhow::Result<ReceivedAnswer>, token: &ProbeToken, keyring: Option<&Keyring>) -> SiteAnswer {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return SiteAnswer::Failed(format!("{error:#}")),
    };
    let text = |name| answer.header(name).map(str::to_owned);
    match keyring.and_then(|keyring| answer.probe_answer(token, keyring)) {
        Some(ours) => SiteAnswer::ThisSnug(ours.seen),
        None => SiteAnswer::Other {
            status: answer.status,
            server: text(header::SERVER),
            location: text(header::LOCATION),
        },
    }
}

fn read_socket(answer: anyhow::Result<ReceivedAnswer>, token: &ProbeToken, keyring: Option<&Keyring>) -> SocketOutcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return SocketOutcome::Failed(format!("{error:#}")),
    };
    let is_ours = keyring.is_some_and(|keyring| answer.probe_answer(token, keyring).is_some());
    match (answer.status, is_ours) {
        (StatusCode::SWITCHING_PROTOCOLS, true) => SocketOutcome::Opened,
        (StatusCode::OK, true) => SocketOutcome::Plain,
        (status, _) => SocketOutcome::Refused(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_needs_no_name_server_and_a_name_that_nobody_has_gives_nothing() {
        let one = |text: &str| vec![text.parse::<IpAddr>().expect("an address")];
        assert_eq!(resolve("203.0.113.7", 443).await, one("203.0.113.7"));
        assert_eq!(resolve("[2001:db8::7]", 443).await, one("2001:db8::7"));
        assert!(resolve("nobody.invalid", 443).await.is_empty());
    }

    #[tokio::test]
    async fn a_port_at_which_nobody_listens_is_refused() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        assert!(connect(Ipv4Addr::LOCALHOST.into(), port).await.is_ok());
        drop(listener);
        let refused = connect(Ipv4Addr::LOCALHOST.into(), port).await.err();
        assert_eq!(refused, Some(PortState::Refused));
    }

    #[test]
    fn an_answer_without_a_proof_is_another_program() {
        let keyring = Keyring::for_tests();
        let token = ProbeToken::new(ProbeKind::Seen, 7);
        let answer = |status, body: &[u8]| {
            Ok(ReceivedAnswer {
                status,
                headers: http::HeaderMap::new(),
                body: body.to_vec(),
            })
        };
        let other = read_answer(answer(StatusCode::BAD_GATEWAY, b"oops"), &token, Some(&keyring));
        assert!(matches!(other, SiteAnswer::Other { status, .. } if status == StatusCode::BAD_GATEWAY));
        let socket = read_socket(answer(StatusCode::SWITCHING_PROTOCOLS, b"{}"), &token, Some(&keyring));
        assert_eq!(socket, SocketOutcome::Refused(StatusCode::SWITCHING_PROTOCOLS));
    }
}
