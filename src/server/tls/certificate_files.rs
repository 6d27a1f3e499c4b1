//! The certificate of the operator, from two files.

use super::{
    certificate::{LoadedCertificate, day, read_chain, read_key},
    crypto_provider::provider,
};
use crate::server::config::CertificateFiles;
use anyhow::Context;
use std::{fs, path::Path};

const CERT_KEY: &str = "snug.public.tls_cert, SNUG_PUBLIC_TLS_CERT";
const KEY_KEY: &str = "snug.public.tls_key, SNUG_PUBLIC_TLS_KEY";

/// Reads the files and checks that they can be used.
///
/// # Errors
/// If a file can't be read or used. The message names the file and its setting, and says what to do.
pub fn read(files: &CertificateFiles, now_s: i64) -> anyhow::Result<LoadedCertificate> {
    let of_cert = || named("the certificate", &files.cert, CERT_KEY);
    let of_key = || named("the private key", &files.key, KEY_KEY);
    let cert = fs::read(&files.cert).with_context(|| format!("can't read {}", of_cert()))?;
    let key = fs::read(&files.key).with_context(|| format!("can't read {}", of_key()))?;
    let chain = read_chain(&cert).map_err(|error| anyhow::anyhow!("{} {error}", of_cert()))?;
    let key = read_key(&key).map_err(|error| anyhow::anyhow!("{} {error}", of_key()))?;
    let certificate =
        LoadedCertificate::new(chain, key, &provider()).map_err(|error| anyhow::anyhow!("{} {error}", of_cert()))?;
    certificate
        .must_have_its_issuer()
        .and_then(|()| certificate.must_be_valid_at(now_s))
        .map_err(|error| anyhow::anyhow!("{} {error}", of_cert()))?;
    Ok(certificate)
}

/// What is allowed but is probably a mistake.
pub fn warnings(certificate: &LoadedCertificate, host: &str, now_s: i64) -> Vec<String> {
    let names = certificate.names.join(", ");
    let other_host = (!certificate.is_for(host)).then(|| {
        format!(
            "the certificate is for {names}, and not for {host}, the host of the public URL: browsers will refuse it"
        )
    });
    let from = certificate.not_before_s;
    let too_early = (now_s < from).then(|| {
        format!(
            "the certificate is valid only from {}, and the clock of this machine shows {}: one of the two is wrong",
            day(from),
            day(now_s)
        )
    });
    other_host.into_iter().chain(too_early).collect()
}

fn named(what: &str, path: &Path, key: &str) -> String {
    format!("{what} {} ({key})", path.display())
}

#[cfg(test)]
mod tests;
