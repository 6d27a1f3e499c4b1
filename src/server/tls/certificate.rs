//! A certificate with its chain and its private key, and what can be wrong with them.

use aws_lc_rs::digest;
use rustls::{
    Error, InconsistentKeys,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use std::{fmt, net::IpAddr, sync::Arc};
use time::OffsetDateTime;
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, parse_x509_certificate};

/// A certificate that can be served. `Debug` does not show the private key.
#[derive(Clone)]
pub struct LoadedCertificate {
    pub key: Arc<CertifiedKey>,
    /// The host names, in lower case, and the IP addresses that it is for.
    pub names: Vec<String>,
    /// When its validity begins, in unix seconds.
    pub not_before_s: i64,
    /// When it expires, in unix seconds.
    pub not_after_s: i64,
}

/// What is wrong with a certificate or its private key. Each message is the rest of a sentence that begins with the file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    #[error("has no certificate in PEM, which begins with the line -----BEGIN CERTIFICATE-----")]
    NoPem,
    #[error("can't be read as an X.509 certificate: {0}")]
    Unreadable(String),
    #[error("has no private key in PEM; a key with a passphrase can't be used")]
    NoPrivateKey,
    #[error("has a private key of a kind that TLS does not use here: {0}")]
    UnusableKey(String),
    #[error("belongs to another private key than the one in tls_key")]
    OtherKey,
    #[error(
        "has only the certificate itself and not that of its issuer ({0}), so some browsers refuse it. Certificate authorities also give \
         a file with the whole chain, which is often called fullchain.pem: use that one. If the authority is your own and you have \
         installed it in the browsers, nothing is missing"
    )]
    NoIssuer(String),
    #[error("has certificates in the wrong order: the second one must be that of {0}, the issuer of the first one")]
    WrongOrder(String),
    #[error("has expired on {0}. Renew it; if it is valid, the clock of this machine is wrong")]
    Expired(String),
}

/// Reads all certificates from PEM.
///
/// # Errors
/// `NoPem`, `Unreadable`.
pub fn read_chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, BadCertificate> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| BadCertificate::Unreadable(error.to_string()))?;
    match chain.is_empty() {
        true => Err(BadCertificate::NoPem),
        false => Ok(chain),
    }
}

/// Reads the first private key from PEM.
///
/// # Errors
/// `NoPrivateKey`.
pub fn read_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, BadCertificate> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| BadCertificate::NoPrivateKey)
}

impl LoadedCertificate {
    /// Checks that the certificate and the key belong together.
    ///
    /// # Errors
    /// `NoPem`, `Unreadable`, `UnusableKey`, `OtherKey`.
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        provider: &CryptoProvider,
    ) -> Result<Self, BadCertificate> {
        let (names, [not_before_s, not_after_s]) = read_facts(&chain)?;
        let key = CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => BadCertificate::OtherKey,
            error => BadCertificate::UnusableKey(error.to_string()),
        })?;
        Ok(Self {
            key: Arc::new(key),
            names,
            not_before_s,
            not_after_s,
        })
    }

    /// Checks that the certificate of the issuer comes next, because browsers need it to verify this one.
    ///
    /// # Errors
    /// `NoIssuer`, `WrongOrder`.
    pub fn must_have_its_issuer(&self) -> Result<(), BadCertificate> {
        let first = self.key.cert.first().ok_or(BadCertificate::NoPem)?;
        check_order(&parse(first)?, self.key.cert.get(1))
    }

    /// # Errors
    /// `Expired`.
    pub fn must_be_valid_at(&self, now_s: i64) -> Result<(), BadCertificate> {
        match now_s < self.not_after_s {
            true => Ok(()),
            false => Err(BadCertificate::Expired(day(self.not_after_s))),
        }
    }

    /// Whether it is for this host: a name in lower case, an IPv4 address, or an IPv6 address in brackets.
    pub fn is_for(&self, host: &str) -> bool {
        covers(&self.names, host)
    }
}

impl LoadedCertificate {
    /// The SHA-256 fingerprint as browsers show it: `4F:0C:…`.
    pub fn fingerprint(&self) -> String {
        let digest = self
            .key
            .cert
            .first()
            .map(|first| digest::digest(&digest::SHA256, first));
        let bytes = digest.iter().flat_map(|digest| digest.as_ref());
        bytes.map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }
}

impl fmt::Debug for LoadedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoadedCertificate({:?} until {})", self.names, day(self.not_after_s))
    }
}

/// The day of a unix time, such as `2026-07-01`.
pub fn day(unix_s: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix_s)
        .map_or_else(|_| format!("unix time {unix_s}"), |at| at.date().to_string())
}

/// Whether a certificate for these names is for this host, as in [`LoadedCertificate::is_for`].
pub fn covers(names: &[String], host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    let covers = |name: &String| match name.strip_prefix("*.") {
        // `*` matches exactly one label, the text before the first dot (RFC 6125 section 6.4.3).
        Some(domain) => host.split_once('.').is_some_and(|(_, rest)| rest == domain),
        None => name == host,
    };
    names.iter().any(covers)
}

/// Reads the names of the first certificate, and the two times between which it is valid, in unix seconds.
///
/// # Errors
/// `NoPem` if there is no certificate, `Unreadable`.
pub fn read_facts(chain: &[CertificateDer<'_>]) -> Result<(Vec<String>, [i64; 2]), BadCertificate> {
    let leaf = parse(chain.first().ok_or(BadCertificate::NoPem)?)?;
    let validity = leaf.validity();
    let times = [validity.not_before.timestamp(), validity.not_after.timestamp()];
    Ok((names(&leaf), times))
}

fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, BadCertificate> {
    let (_, certificate) =
        parse_x509_certificate(der.as_ref()).map_err(|error| BadCertificate::Unreadable(error.to_string()))?;
    Ok(certificate)
}

/// Browsers know only the root certificates of authorities. We must send the certificates between a root and ours, each after the
/// certificate that it has signed. A certificate that has signed itself needs no other.
fn check_order(leaf: &X509Certificate<'_>, second: Option<&CertificateDer<'_>>) -> Result<(), BadCertificate> {
    let issuer = leaf.issuer();
    match second {
        None if leaf.subject().as_raw() == issuer.as_raw() => Ok(()),
        None => Err(BadCertificate::NoIssuer(issuer.to_string())),
        Some(second) if parse(second)?.subject().as_raw() == issuer.as_raw() => Ok(()),
        Some(_) => Err(BadCertificate::WrongOrder(issuer.to_string())),
    }
}

fn names(leaf: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = leaf.subject_alternative_name() else {
        return vec![];
    };
    let read = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    };
    names.value.general_names.iter().filter_map(read).collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

#[cfg(test)]
mod tests;
