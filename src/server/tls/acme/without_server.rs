//! Reads the stored certificate and asks the authority, for programs that are not the server.

use super::{authority::Authority, certificate_folder::CertificateFolder};
use crate::server::config::AcmeConfig;
use std::path::Path;

/// When the certificate in this data folder expires, in unix seconds. `None` if there is none. Changes nothing.
///
/// # Errors
/// If the file can't be read or is damaged.
pub fn stored_until(data: &Path) -> anyhow::Result<Option<i64>> {
    let stored = CertificateFolder::at(data).read_certificate()?;
    Ok(stored.map(|stored| stored.certificate.not_after_s))
}

/// What the clock of the certificate authority shows, in unix seconds. Set a time limit.
///
/// # Errors
/// If the authority does not answer, or does not say the time.
pub async fn read_clock(config: &AcmeConfig) -> anyhow::Result<i64> {
    Authority::new(config.clone()).read_clock().await
}
