//! The certificate that the server presents, and what is known about it.

use super::{
    certificate::{LoadedCertificate, day},
    certificate_files::warnings,
    certificate_resolver::CertificateResolver,
    certificate_status::CertificateStatus,
};
use std::sync::Arc;

/// What changes when a new certificate is put into use.
pub struct ServedCertificate {
    pub resolver: Arc<CertificateResolver>,
    pub status: CertificateStatus,
    /// The host of the public URL.
    pub host: String,
}

impl ServedCertificate {
    /// Presents this certificate from now on.
    pub fn replace(&self, certificate: &LoadedCertificate, now_s: i64) {
        for warning in warnings(certificate, &self.host, now_s) {
            tracing::warn!("{warning}");
        }
        self.resolver.replace(certificate.key.clone());
        self.status.succeeded(certificate.not_after_s);
        let (names, until) = (certificate.names.join(", "), day(certificate.not_after_s));
        tracing::info!("serving the certificate for {names}, which is valid until {until}");
    }
}
