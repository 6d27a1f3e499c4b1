//! How Snug gets the certificate with which it ends TLS itself, if it does.

use crate::model::user::EmailAddress;
use std::path::PathBuf;

/// Where the certificate comes from with which Snug serves `https`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TlsSource {
    /// There is none. Snug speaks plain HTTP, because a proxy in front of it ends TLS, or because its public URL is on localhost.
    #[default]
    Elsewhere,
    /// From two files of the operator.
    Files(CertificateFiles),
    /// From a certificate authority.
    Acme(AcmeConfig),
    /// Snug makes one itself, for these hosts of its local network.
    Own(Vec<String>),
}

/// A certificate authority that gives certificates by ACME (RFC 8555), and what to ask it for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcmeConfig {
    /// What the certificate is for: host names in lower case, IPv4 addresses, and IPv6 addresses in brackets.
    pub domains: Vec<String>,
    /// The address of the authority's directory.
    pub directory: String,
    /// A file with further roots, in PEM, that the authority's own certificate may lead to.
    pub ca: Option<PathBuf>,
    /// Where the authority may write to about the certificate.
    pub contact: Option<EmailAddress>,
}

/// The files of a certificate, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate, followed by those of its issuers.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl TlsSource {
    /// Whether Snug ends TLS itself.
    pub fn is_here(&self) -> bool {
        *self != Self::Elsewhere
    }
}
