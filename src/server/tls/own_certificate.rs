//! A certificate that Snug makes itself, for the local network. No authority has signed it, so browsers warn. But the connection is
//! encrypted, and pages may use the microphone. Snug stores it, so that a browser in which somebody has accepted it does not warn again.

use super::{
    certificate::{BadCertificate, LoadedCertificate, read_chain, read_key},
    crypto_provider::provider,
    private_file,
};
use crate::server::data_folder;
use anyhow::Context;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use std::{fs, path::Path};
use time::OffsetDateTime;

/// The certificate and its key, in the folder `tls` of the data folder.
const FILE: &str = "own.pem";
const DAY_S: i64 = 24 * 60 * 60;
/// Apple's browsers accept at most 825 days, and 398 from authorities.
const LIFE_S: i64 = 397 * DAY_S;
/// Snug makes a new certificate if the old one expires sooner than this.
const LEFT_MIN_S: i64 = 30 * DAY_S;

/// The certificate for these hosts: the one in the data folder if it still fits, or else a new one.
///
/// # Errors
/// If no certificate can be made, or if the data folder can't be written.
pub fn open(data: &Path, hosts: &[String], now_s: i64) -> anyhow::Result<LoadedCertificate> {
    let folder = data.join("tls");
    data_folder::create(&folder)?;
    // Many systems change their IPv6 address every day. Snug makes no new certificate for that, because the browsers that have accepted
    // the old one would warn again.
    let must_fit = |host: &&String| !host.starts_with('[') || hosts.first() == Some(*host);
    let fits = |kept: &LoadedCertificate| {
        hosts.iter().filter(must_fit).all(|host| kept.is_for(host))
            && kept.not_before_s <= now_s
            && now_s + LEFT_MIN_S < kept.not_after_s
    };
    let kept = fs::read_to_string(folder.join(FILE))
        .ok()
        .and_then(|pem| load(&pem).ok());
    if let Some(kept) = kept.filter(fits) {
        return Ok(kept);
    }
    let pem = make(hosts, now_s).context("can't make a certificate")?;
    private_file::write(&folder, FILE, &pem)?;
    Ok(load(&pem)?)
}

fn load(pem: &str) -> Result<LoadedCertificate, BadCertificate> {
    LoadedCertificate::new(read_chain(pem.as_bytes())?, read_key(pem.as_bytes())?, &provider())
}

/// A certificate and its key, in PEM.
fn make(hosts: &[String], now_s: i64) -> anyhow::Result<String> {
    let names: Vec<String> = hosts
        .iter()
        .map(|host| host.trim_matches(['[', ']']).to_owned())
        .collect();
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Snug in your own network");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // A phone's clock may be a little slow.
    params.not_before = OffsetDateTime::from_unix_timestamp(now_s - DAY_S)?;
    params.not_after = OffsetDateTime::from_unix_timestamp(now_s - DAY_S + LIFE_S)?;
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok(certificate.pem() + &key.serialize_pem())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_800_000_000;

    fn hosts(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_certificate_is_kept_while_it_fits_to_the_addresses_and_has_a_month_left() {
        let data = tempfile::tempdir().expect("a folder");
        let open = |names: &[&str], now_s| {
            let opened = open(data.path(), &hosts(names), now_s).expect("a certificate");
            opened.key.cert[0].to_vec()
        };
        let first = open(&["192.168.1.5", "localhost"], NOW_S);
        assert_eq!(open(&["localhost", "192.168.1.5"], NOW_S + 300 * DAY_S), first);
        assert_ne!(
            open(&["192.168.1.5"], NOW_S + 370 * DAY_S),
            first,
            "a month before its end"
        );
        let second = open(&["192.168.1.6", "[fd00::5]", "localhost"], NOW_S);
        assert_eq!(open(&["[fd00::5]"], NOW_S), second, "fewer addresses");
        assert_eq!(
            open(&["192.168.1.6", "[2001:db8::9]", "localhost"], NOW_S),
            second,
            "another temporary address of IPv6"
        );
        let third = open(&["192.168.1.7"], NOW_S);
        assert_ne!(third, second, "another address");
        assert_ne!(open(&["[fd00::5]"], NOW_S), third, "the address for others");
    }

    #[test]
    fn a_damaged_file_is_replaced() {
        let data = tempfile::tempdir().expect("a folder");
        fs::create_dir(data.path().join("tls")).expect("a folder");
        fs::write(data.path().join("tls").join(FILE), "junk").expect("written");
        let made = open(data.path(), &hosts(&["localhost"]), NOW_S).expect("a new one");
        assert!(made.is_for("localhost") && made.must_have_its_issuer().is_ok());
    }
}
