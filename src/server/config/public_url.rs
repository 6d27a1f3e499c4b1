//! The public URL: the address that browsers use for this Snug. Requests are checked against its origin, and links in
//! e-mails begin with that origin.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::model::user::EmailAddress;

/// Scheme, host and port: `https://` with any host, or `http://` on localhost. The parts are in the form that browsers use
/// in the `Origin` header: lower case, and without the port if the port is the default of the scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    host: String,
    port: Option<u16>,
}

impl PublicUrl {
    /// # Errors
    /// The rest of a sentence that begins with the key's label.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shape = || "should be scheme and host, such as https://snug.example.org".to_owned();
        let uri: http::Uri = text.parse().map_err(|_| shape())?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or_else(shape)?;
        if !matches!(scheme, "http" | "https") || authority.as_str().contains('@') {
            return Err(shape());
        }
        if uri.path() != "/" || uri.query().is_some() || text.contains('#') {
            return Err("should end after the host and port: Snug cannot run below a path".into());
        }
        let https = scheme == "https";
        let host = canonical_host(uri.host().ok_or_else(shape)?).ok_or_else(shape)?;
        let port = read_port(authority).ok_or_else(shape)?;
        let port = port.filter(|port| *port != plain_port(https));
        Self { https, host, port }.if_secure()
    }

    pub(super) fn localhost(https: bool, port: u16) -> Self {
        Self {
            https,
            host: "localhost".into(),
            port: Some(port).filter(|port| *port != plain_port(https)),
        }
    }

    /// `host` is in the form in which browsers show it.
    pub(super) fn https(host: &str, port: Option<u16>) -> Self {
        Self {
            https: true,
            host: host.to_owned(),
            port: port.filter(|port| *port != plain_port(true)),
        }
    }

    fn if_secure(self) -> Result<Self, String> {
        if self.https || self.is_loopback() {
            return Ok(self);
        }
        Err(
            "should begin with https:// (http:// works on localhost only), because on plain http:// pages browsers block \
             the microphone and do not store Secure cookies, which Snug needs"
                .into(),
        )
    }

    /// The origin, such as `http://localhost:3000`, without a slash at the end.
    pub fn origin(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        match self.port {
            Some(port) => format!("{scheme}://{}:{port}", self.host),
            None => format!("{scheme}://{}", self.host),
        }
    }

    /// A host name, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, also if it is the one that browsers leave out.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(plain_port(self.https))
    }

    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether the host is `localhost`, in `127.0.0.0/8`, or `[::1]`. Browsers treat these as secure without TLS.
    pub fn is_loopback(&self) -> bool {
        names_this_machine(&self.host)
    }

    /// The full address of a path on this Snug, for e-mails and the terminal.
    pub fn link(&self, path: &str) -> String {
        format!("{}/{}", self.origin(), path.trim_start_matches('/'))
    }
}

/// The port of a scheme, which browsers leave out of the address.
fn plain_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// Whether a host, in lower case, is a name of this machine itself.
pub(in crate::server) fn names_this_machine(host: &str) -> bool {
    let is_loopback_v4 = |address: Ipv4Addr| address.is_loopback();
    host == "localhost" || host == "[::1]" || host.parse().is_ok_and(is_loopback_v4)
}

/// The host in the form that browsers show in the address bar; `None` if it is not a valid host.
pub(super) fn canonical_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().ok().map(|address| format!("[{address}]"));
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Some(address.to_string());
    }
    let host = host.to_ascii_lowercase();
    let is_single_label = !host.contains('.') && is_host_name(&format!("{host}.example"));
    (is_single_label || is_host_name(&host)).then_some(host)
}

fn is_host_name(host: &str) -> bool {
    EmailAddress::parse(&format!("ada@{host}")).is_ok()
}

/// `Some(None)` if there is no port; `None` if what follows the host is not a valid port.
fn read_port(authority: &http::uri::Authority) -> Option<Option<u16>> {
    let after_host = authority.as_str().strip_prefix(authority.host())?;
    match after_host.strip_prefix(':') {
        None => Some(None),
        Some(port) => port.parse().ok().filter(|port| *port != 0).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> String {
        PublicUrl::parse(text).expect(text).origin()
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        assert_eq!(origin("https://Snug.Example.ORG/"), "https://snug.example.org");
        assert_eq!(origin("https://snug.example.org:443"), "https://snug.example.org");
        assert_eq!(origin("https://snug.example.org:8443"), "https://snug.example.org:8443");
        assert_eq!(origin("http://localhost:80/"), "http://localhost");
        assert_eq!(origin("http://[0:0:0:0:0:0:0:1]:3000"), "http://[::1]:3000");
        assert_eq!(origin("https://pub"), "https://pub");
        assert_eq!(origin("https://203.0.113.7"), "https://203.0.113.7");
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for here in [
            "http://localhost:3000",
            "http://127.0.0.1:3000",
            "http://127.8.9.1",
            "http://[::1]:3000",
        ] {
            let url = PublicUrl::parse(here).expect(here);
            assert!(url.is_loopback() && !url.is_https(), "{here}");
        }
        for elsewhere in [
            "http://snug.example.org",
            "http://192.168.1.7:3000",
            "http://localhost.example.org",
        ] {
            let reason = PublicUrl::parse(elsewhere).expect_err(elsewhere);
            assert!(reason.contains("microphone") && reason.contains("Secure"), "{reason}");
        }
        assert!(PublicUrl::parse("https://localhost").expect("https here").is_loopback());
        assert!(
            !PublicUrl::parse("https://snug.example.org")
                .expect("https")
                .is_loopback()
        );
    }

    #[test]
    fn malformed_public_urls_are_refused() {
        let wrong = "snug.example.org localhost:3000 ftp://snug.example.org https:// https://u:p@snug.example.org \
            https://snug.example.org/path https://snug.example.org?q https://snug.example.org/#f https://a_b.org \
            https://snug.example.org:0 https://snug.example.org:99999 https://snug.example.org: https://127.1 \
            https://snug..org https://[::g] https://exämple.org";
        for text in wrong.split_whitespace() {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn links_begin_with_the_origin() {
        let url = PublicUrl::localhost(false, 3000);
        assert_eq!(url.link("/rooms/1"), "http://localhost:3000/rooms/1");
        assert_eq!(url.link("rooms"), "http://localhost:3000/rooms");
    }
}
