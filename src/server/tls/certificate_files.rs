//! The certificate of the operator, from two files.

use super::{
    certificate::{BadCertificate, LoadedCertificate, day, read_chain, read_key},
    certificate_status::CertificateStatus,
    crypto_provider::provider,
};
use crate::server::config::CertificateFiles;
use anyhow::Context;
use std::{fs, path::Path, time::Duration};
use tokio::time::sleep;

const CERT_KEY: &str = "snug.public.tls_cert, SNUG_PUBLIC_TLS_CERT";
const KEY_KEY: &str = "snug.public.tls_key, SNUG_PUBLIC_TLS_KEY";
/// How long before the end of the certificate the log begins to warn. Programs that renew certificates do so earlier.
const WARN_BEFORE_S: i64 = 14 * 24 * 60 * 60;
/// How often we look at the end of the certificate. We warn each time.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

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
    match certificate.must_have_its_issuer() {
        // A private authority, such as mkcert, often signs directly with its root, which its browsers know. So this is only a warning.
        Ok(()) | Err(BadCertificate::NoIssuer(_)) => certificate.must_be_valid_at(now_s),
        Err(error) => Err(error),
    }
    .map_err(|error| anyhow::anyhow!("{} {error}", of_cert()))?;
    Ok(certificate)
}

/// Warns of what is allowed but is probably a mistake, one sentence each.
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
    let alone = certificate
        .must_have_its_issuer()
        .err()
        .map(|error| format!("the file of the certificate ({CERT_KEY}) {error}"));
    [other_host, too_early, alone].into_iter().flatten().collect()
}

/// Warns once a day while the end of the certificate in use is near. `now_s` reads the clock, in unix seconds. Never returns.
pub async fn warn_before_end(status: &CertificateStatus, now_s: impl Fn() -> i64) {
    loop {
        let warning = status.not_after().and_then(|end_s| end_warning(end_s, now_s()));
        if let Some(warning) = warning {
            tracing::warn!("{warning}");
        }
        sleep(LOOK_EVERY).await;
    }
}

/// What to say about a certificate that is valid until `not_after_s`; `None` if its end is not near.
fn end_warning(not_after_s: i64, now_s: i64) -> Option<String> {
    let left_s = not_after_s.saturating_sub(now_s);
    if left_s > WARN_BEFORE_S {
        return None;
    }
    let end = match left_s > 0 {
        true => format!("ends on {}", day(not_after_s)),
        false => format!("has expired on {}, so browsers refuse this Snug", day(not_after_s)),
    };
    Some(format!(
        "the certificate {end}: put a renewed one into the files of tls_cert and tls_key ({CERT_KEY}; {KEY_KEY}), and send SIGHUP to this \
         program, also if the files are renewed already"
    ))
}

fn named(what: &str, path: &Path, key: &str) -> String {
    format!("{what} {} ({key})", path.display())
}

#[cfg(test)]
mod tests;
