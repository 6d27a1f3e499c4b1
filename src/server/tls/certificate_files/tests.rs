//! Tests of certificates in files that the configuration names.

use super::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

fn write(folder: &Path) -> CertificateFiles {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["snug.lan".to_owned()]).expect("a good name");
    let files = CertificateFiles {
        cert: folder.join("cert.pem"),
        key: folder.join("key.pem"),
    };
    fs::write(&files.cert, params.self_signed(&key).expect("one").pem()).expect("written");
    fs::write(&files.key, key.serialize_pem()).expect("written");
    files
}

#[test]
fn good_files_are_read_and_their_warnings_name_the_hosts() {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = read(&write(folder.path()), 1_800_000_000).expect("good files");
    assert!(warnings(&certificate, "snug.lan", 1_800_000_000).is_empty());
    let other = warnings(&certificate, "talk.example.org", 1_800_000_000);
    assert!(
        other[0].contains("for snug.lan, and not for talk.example.org"),
        "{other:?}"
    );
    let early = warnings(&certificate, "snug.lan", 0);
    assert!(
        early[0].contains("the clock of this machine shows 1970-01-01"),
        "{early:?}"
    );
}

#[test]
fn a_certificate_of_an_authority_of_ones_own_is_used_alone_with_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = write(folder.path());
    let key = KeyPair::generate().expect("a key");
    let mut root = CertificateParams::new(vec![]).expect("no names");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name.push(DnType::CommonName, "House root");
    let issuer = Issuer::new(root, KeyPair::generate().expect("a key"));
    let params = CertificateParams::new(vec!["snug.lan".to_owned()]).expect("a good name");
    fs::write(&files.cert, params.signed_by(&key, &issuer).expect("one").pem()).expect("written");
    fs::write(&files.key, key.serialize_pem()).expect("written");
    let certificate = read(&files, 1_800_000_000).expect("it can be used");
    let warnings = warnings(&certificate, "snug.lan", 1_800_000_000);
    assert!(
        warnings[0].contains("SNUG_PUBLIC_TLS_CERT) has only the certificate itself")
            && warnings[0].contains("House root"),
        "{warnings:?}"
    );
}

#[test]
fn a_certificate_is_warned_about_from_two_weeks_before_its_end() {
    let end = 1_800_000_000;
    assert_eq!(end_warning(end, end - WARN_BEFORE_S - 1), None);
    let near = end_warning(end, end - WARN_BEFORE_S).expect("a warning");
    assert!(near.contains("ends on 2027-01-15"), "{near}");
    assert!(
        near.contains("SIGHUP") && near.contains("SNUG_PUBLIC_TLS_CERT"),
        "{near}"
    );
    let over = end_warning(end, end).expect("a warning");
    assert!(over.contains("has expired on 2027-01-15"), "{over}");
}

#[test]
fn each_fault_names_the_file_and_its_setting() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = write(folder.path());
    let elsewhere = tempfile::tempdir().expect("a folder");
    let other = write(elsewhere.path());
    let message = |files: &CertificateFiles, now_s| format!("{:#}", read(files, now_s).expect_err("a fault"));
    let expired = message(&files, i64::MAX);
    assert!(expired.contains("SNUG_PUBLIC_TLS_CERT) has expired"), "{expired}");
    let mixed = CertificateFiles {
        key: other.key.clone(),
        ..files.clone()
    };
    let mixed = message(&mixed, 0);
    assert!(mixed.contains("belongs to another private key"), "{mixed}");
    let swapped = message(
        &CertificateFiles {
            cert: files.key.clone(),
            key: files.cert.clone(),
        },
        0,
    );
    assert!(
        swapped.contains("SNUG_PUBLIC_TLS_CERT) has no certificate in PEM"),
        "{swapped}"
    );
    fs::remove_file(&files.key).expect("removed");
    let missing = message(&files, 0);
    assert!(
        missing.contains("can't read the private key") && missing.contains("SNUG_PUBLIC_TLS_KEY"),
        "{missing}"
    );
}
