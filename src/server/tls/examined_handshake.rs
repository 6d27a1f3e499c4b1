//! A TLS handshake that examines the certificate of a server. Unlike a browser, it accepts every certificate, so that the caller can
//! say what is wrong with it. So anybody may be at the other end: never send a secret that could do harm over such a connection.

use super::{
    certificate::{covers, read_facts},
    crypto_provider::provider,
};
use anyhow::{Context, bail};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::Verifier;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A certificate as a server has presented it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedCertificate {
    /// The host names, in lower case, and the IP addresses that it is for.
    pub names: Vec<String>,
    /// When its validity begins, in unix seconds.
    pub not_before_s: i64,
    /// When it expires, in unix seconds.
    pub not_after_s: i64,
    pub trust: CertificateTrust,
}

/// What this machine thinks of a certificate. Browsers usually think the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateTrust {
    Trusted,
    /// No authority that this machine knows has signed it, or the server does not send the intermediate certificates.
    UnknownIssuer,
    /// It is refused for another reason, for example because it has expired or is for another name.
    Refused(String),
    /// This machine has no root certificates.
    NoRoots,
}

impl PresentedCertificate {
    /// Whether it is for this host: a name in lower case, an IPv4 address, or an IPv6 address in brackets.
    pub fn is_for(&self, host: &str) -> bool {
        covers(&self.names, host)
    }
}

/// Does the handshake with the server of `host`. Set a time limit.
///
/// # Errors
/// If the server does not speak TLS, ends the handshake early, or presents something that is not a certificate.
pub async fn examine_handshake(
    stream: TcpStream,
    host: &str,
) -> anyhow::Result<(TlsStream<TcpStream>, PresentedCertificate)> {
    let verifier = Arc::new(RecordingVerifier::new());
    let mut settings = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier.clone())
        .with_no_client_auth();
    settings.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).context("the host can't be in TLS")?;
    let stream = TlsConnector::from(Arc::new(settings)).connect(name, stream).await?;
    let Some(chain) = stream.get_ref().1.peer_certificates() else {
        bail!("the server has presented no certificate");
    };
    let (names, [not_before_s, not_after_s]) = read_facts(chain)?;
    let presented = PresentedCertificate {
        names,
        not_before_s,
        not_after_s,
        trust: verifier.trust(),
    };
    Ok((stream, presented))
}

/// Accepts every certificate, and notes what the verifier of this machine thinks of it. The handshake still proves that the server has
/// the private key of the certificate.
#[derive(Debug)]
struct RecordingVerifier {
    /// `None` if this machine has no root certificates.
    platform: Option<Verifier>,
    trust: Mutex<CertificateTrust>,
}

impl RecordingVerifier {
    fn new() -> Self {
        Self {
            platform: Verifier::new(provider()).ok(),
            trust: Mutex::new(CertificateTrust::NoRoots),
        }
    }

    fn trust(&self) -> CertificateTrust {
        self.trust.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for RecordingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(platform) = &self.platform {
            let verified = platform.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
            *self.trust.lock().unwrap_or_else(PoisonError::into_inner) = match verified {
                Ok(_) => CertificateTrust::Trusted,
                Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => CertificateTrust::UnknownIssuer,
                Err(error) => CertificateTrust::Refused(error.to_string()),
            };
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};
    use rustls::{ServerConfig, pki_types::PrivateKeyDer, pki_types::pem::PemObject};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    /// A server with a certificate for `name` that it has signed itself.
    async fn start(name: &str) -> std::net::SocketAddr {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.self_signed(&key).expect("a certificate");
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).expect("a key");
        let settings = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("they fit");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(settings));
            while let Ok((stream, _)) = listener.accept().await {
                // The client has what it wants after the handshake.
                drop(acceptor.accept(stream).await);
            }
        });
        address
    }

    #[tokio::test]
    async fn a_certificate_that_nobody_trusts_is_read_all_the_same() {
        let server = start("a.example").await;
        let stream = TcpStream::connect(server).await.expect("connected");
        let (_, presented) = examine_handshake(stream, "b.example").await.expect("a handshake");
        assert!(presented.is_for("a.example") && !presented.is_for("b.example"));
        assert!(presented.not_before_s < presented.not_after_s);
        assert_ne!(presented.trust, CertificateTrust::Trusted);
    }

    #[tokio::test]
    async fn a_server_without_tls_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                drop(stream);
            }
        });
        let stream = TcpStream::connect(address).await.expect("connected");
        assert!(examine_handshake(stream, "a.example").await.is_err());
    }
}
