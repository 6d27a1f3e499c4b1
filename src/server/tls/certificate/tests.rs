//! Tests of reading certificates and their keys.

use super::*;
use crate::server::tls::crypto_provider::provider;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// A certificate of an authority, in PEM, and what signs with it.
struct TestAuthority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn authority(name: &str) -> TestAuthority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let pem = params.self_signed(&key).expect("a certificate").pem();
    TestAuthority {
        pem,
        issuer: Issuer::new(params, key),
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    CertificateParams::new(names).expect("good names")
}

fn load(pem: &str, key: &KeyPair) -> Result<LoadedCertificate, BadCertificate> {
    let key = read_key(key.serialize_pem().as_bytes()).expect("a key");
    let loaded = LoadedCertificate::new(read_chain(pem.as_bytes())?, key, &provider())?;
    loaded.must_have_its_issuer()?;
    Ok(loaded)
}

#[test]
fn a_certificate_of_our_own_is_good_alone_and_one_of_an_authority_needs_the_chain() {
    let key = KeyPair::generate().expect("a key");
    let own = params(&["snug.lan", "192.168.1.5"])
        .self_signed(&key)
        .expect("one")
        .pem();
    assert!(load(&own, &key).is_ok());
    let (root, other) = (authority("Root"), authority("Other"));
    let leaf = params(&["snug.lan"]).signed_by(&key, &root.issuer).expect("one").pem();
    assert!(matches!(load(&leaf, &key), Err(BadCertificate::NoIssuer(issuer)) if issuer.contains("Root")));
    assert!(load(&format!("{leaf}{}", root.pem), &key).is_ok());
    let wrong = load(&format!("{leaf}{}{}", other.pem, root.pem), &key);
    assert!(matches!(wrong, Err(BadCertificate::WrongOrder(issuer)) if issuer.contains("Root")));
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (key, other) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let own = params(&["snug.lan"]).self_signed(&key).expect("one").pem();
    assert_eq!(load(&own, &other).map(|_| ()), Err(BadCertificate::OtherKey));
}

#[test]
fn files_without_pem_are_refused() {
    assert_eq!(read_chain(b"").map(|_| ()), Err(BadCertificate::NoPem));
    let key = KeyPair::generate().expect("a key").serialize_pem();
    assert_eq!(read_chain(key.as_bytes()).map(|_| ()), Err(BadCertificate::NoPem));
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    assert_eq!(
        read_key(encrypted.as_bytes()).map(|_| ()),
        Err(BadCertificate::NoPrivateKey)
    );
}

#[test]
fn a_certificate_is_valid_until_its_last_second() {
    let key = KeyPair::generate().expect("a key");
    let mut params = params(&["snug.lan"]);
    params.not_after = OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a time");
    let loaded = load(&params.self_signed(&key).expect("one").pem(), &key).expect("good");
    assert_eq!(loaded.must_be_valid_at(1_799_999_999), Ok(()));
    let over = loaded.must_be_valid_at(1_800_000_000).expect_err("over").to_string();
    assert!(over.starts_with("has expired on 2027-01-15."), "{over}");
}

#[test]
fn names_addresses_and_wildcards_cover_their_hosts() {
    let key = KeyPair::generate().expect("a key");
    let all = params(&["Talk.example.org", "*.example.net", "203.0.113.7", "2001:db8::7"]);
    let loaded = load(&all.self_signed(&key).expect("one").pem(), &key).expect("good");
    for (host, wanted) in [
        ("talk.example.org", true),
        ("example.org", false),
        ("a.example.net", true),
        ("a.b.example.net", false),
        ("example.net", false),
        ("203.0.113.7", true),
        ("[2001:db8::7]", true),
        ("203.0.113.8", false),
    ] {
        assert_eq!(loaded.is_for(host), wanted, "{host}");
    }
    assert!(!format!("{loaded:?}").contains("PRIVATE"));
}
