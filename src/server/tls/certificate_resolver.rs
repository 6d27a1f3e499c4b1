//! Chooses the certificate for a handshake. The certificate can be replaced while the server runs. Open connections keep the old one.

use super::challenges::Challenges;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

/// The ALPN protocol with which a certificate authority checks that a name leads to this machine (RFC 8737 section 4). The handshake of
/// a check offers no other protocol.
pub const ACME_TLS: &[u8] = b"acme-tls/1";

/// The certificate that is served now, and those for the checks of a certificate authority.
#[derive(Default)]
pub struct CertificateResolver {
    /// `None` until there is a first certificate. Until then, handshakes fail.
    current: RwLock<Option<Arc<CertifiedKey>>>,
    challenges: Arc<Challenges>,
}

impl CertificateResolver {
    /// A resolver that has no certificate yet.
    pub fn new(challenges: Arc<Challenges>) -> Self {
        Self {
            current: RwLock::default(),
            challenges,
        }
    }

    /// Serves this certificate from now on.
    pub fn replace(&self, key: Arc<CertifiedKey>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }
}

impl ResolvesServerCert for CertificateResolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_check = hello.alpn().is_some_and(|protocols| protocols.eq([ACME_TLS]));
        match is_check {
            true => self.challenges.certificate_for(hello.server_name()?),
            false => self.current.read().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

impl fmt::Debug for CertificateResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateResolver(..)")
    }
}
