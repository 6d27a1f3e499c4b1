//! The check of a test authority that a name leads to the server that orders: a TLS handshake, or a request on the port of plain HTTP.

use crate::tls_client::{connect_as, exchange_in_the_clear};
use std::net::SocketAddr;

/// Where names lead. `None` is a closed port.
#[derive(Debug, Clone, Copy, Default)]
pub struct NameTarget {
    /// The port of TLS.
    pub tls: Option<SocketAddr>,
    /// The port of plain HTTP.
    pub http: Option<SocketAddr>,
}

impl NameTarget {
    /// Whether the server at this target knows the answer for `identifier`. `kind` is `tls-alpn-01` or `http-01`.
    pub async fn check(self, identifier: &str, kind: &str, token: &str) -> Result<(), String> {
        match kind {
            "tls-alpn-01" => self.check_handshake(identifier).await,
            _ => self.check_text(identifier, token).await,
        }
    }

    async fn check_handshake(self, identifier: &str) -> Result<(), String> {
        let address = self.tls.ok_or("Connection refused: the port of TLS is closed")?;
        let name = match identifier {
            "127.0.0.1" => "1.0.0.127.in-addr.arpa",
            name => name,
        };
        let stream = connect_as(address, name, None, &["acme-tls/1"])
            .await
            .map_err(|error| error.to_string())?;
        let session = stream.get_ref().1;
        let certificate = session
            .peer_certificates()
            .and_then(|chain| chain.first())
            .ok_or("no certificate")?;
        // id-pe-acmeIdentifier in DER (RFC 8737 section 3).
        let oid = [6, 8, 43, 6, 1, 5, 5, 7, 1, 31];
        let has_it = certificate.as_ref().windows(oid.len()).any(|part| part == oid);
        (has_it && session.alpn_protocol() == Some(b"acme-tls/1"))
            .then_some(())
            .ok_or_else(|| "the certificate has no answer".to_owned())
    }

    async fn check_text(self, identifier: &str, token: &str) -> Result<(), String> {
        let address = self.http.ok_or("Connection refused: the port of HTTP is closed")?;
        let words = format!(
            "GET /.well-known/acme-challenge/{token} HTTP/1.1\r\nHost: {identifier}\r\nConnection: close\r\n\r\n"
        );
        let answer = exchange_in_the_clear(address, &words).await;
        (answer.starts_with("HTTP/1.1 200 ") && answer.contains(&format!("{token}.")))
            .then_some(())
            .ok_or_else(|| format!("the answer is wrong: {answer}"))
    }
}
