//! Our answers to a certificate authority that checks whether a name leads to this machine: a special certificate in a TLS handshake
//! (RFC 8737), or a text over plain HTTP (RFC 8555 section 8.3).

use super::crypto_provider::provider;
use anyhow::Context;
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::{
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    sign::CertifiedKey,
};
use std::{
    collections::HashMap,
    fmt::Write,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The answers that are ready now. Empty unless a certificate is being ordered.
#[derive(Default)]
pub struct Challenges(Mutex<Prepared>);

#[derive(Default)]
struct Prepared {
    /// By the name that the authority asks for in the handshake (SNI).
    by_server_name: HashMap<String, Arc<CertifiedKey>>,
    by_token: HashMap<String, String>,
}

impl Challenges {
    /// The certificate that answers a handshake for this name.
    pub fn certificate_for(&self, server_name: &str) -> Option<Arc<CertifiedKey>> {
        let name = server_name.to_ascii_lowercase();
        self.lock().by_server_name.get(&name).cloned()
    }

    /// The text that answers a request for this token.
    pub fn answer_to(&self, token: &str) -> Option<String> {
        self.lock().by_token.get(token).cloned()
    }

    /// Prepares the certificate for a host name or IP address. `digest` is the SHA-256 digest of the key authorization.
    ///
    /// # Errors
    /// If no certificate can be made.
    pub fn prepare_handshake(&self, identifier: &str, digest: &[u8]) -> anyhow::Result<()> {
        let key = make_certificate(identifier, digest).context("can't make a certificate for the challenge")?;
        self.lock()
            .by_server_name
            .insert(server_name(identifier), Arc::new(key));
        Ok(())
    }

    /// Prepares the text for a token.
    pub fn prepare_text(&self, token: &str, text: &str) {
        self.lock().by_token.insert(token.to_owned(), text.to_owned());
    }

    /// Forgets all answers.
    pub fn clear(&self) {
        *self.lock() = Prepared::default();
    }

    fn lock(&self) -> MutexGuard<'_, Prepared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_certificate(identifier: &str, digest: &[u8]) -> anyhow::Result<CertifiedKey> {
    let mut params = CertificateParams::new(vec![identifier.to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = provider().key_provider.load_private_key(key)?;
    // `CertifiedKey::from_der` also compares the key with the certificate, and refuses certificates with unknown critical extensions.
    Ok(CertifiedKey::new(vec![certificate.into()], key))
}

/// The name in the handshake: a handshake can't name an IP address, so it names the address's entry in the reverse DNS (RFC 8738
/// section 6).
fn server_name(identifier: &str) -> String {
    match identifier.parse() {
        Ok(IpAddr::V4(v4)) => {
            let [a, b, c, d] = v4.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        Ok(IpAddr::V6(v6)) => {
            let mut name = String::new();
            for byte in v6.octets().iter().rev() {
                // Writing to a `String` can't fail.
                let _ = write!(name, "{:x}.{:x}.", byte & 15, byte >> 4);
            }
            name + "ip6.arpa"
        }
        Err(_) => identifier.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::parse_x509_certificate;

    #[test]
    fn addresses_are_asked_for_by_their_name_in_the_reverse_dns() {
        assert_eq!(server_name("203.0.113.7"), "7.113.0.203.in-addr.arpa");
        assert_eq!(
            server_name("2001:db8::7"),
            "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
        );
        assert_eq!(server_name("Talk.example.org"), "talk.example.org");
    }

    #[test]
    fn the_certificate_of_a_challenge_has_the_digest_in_a_critical_extension() {
        let challenges = Challenges::default();
        challenges
            .prepare_handshake("talk.example.org", &[7; 32])
            .expect("a certificate");
        let key = challenges.certificate_for("TALK.example.org").expect("it is prepared");
        let (_, certificate) = parse_x509_certificate(&key.cert[0]).expect("DER");
        // id-pe-acmeIdentifier (RFC 8737 section 3).
        let is_acme = |oid: String| oid == "1.3.6.1.5.5.7.1.31";
        let extension = certificate
            .extensions()
            .iter()
            .find(|one| is_acme(one.oid.to_id_string()));
        let extension = extension.expect("the extension");
        assert!(extension.critical);
        assert_eq!(extension.value, [&[4, 32][..], &[7; 32]].concat());
        assert!(challenges.certificate_for("other.example.org").is_none());
        challenges.clear();
        assert!(challenges.certificate_for("talk.example.org").is_none());
    }

    #[test]
    fn a_text_is_given_for_its_token_only() {
        let challenges = Challenges::default();
        challenges.prepare_text("abc", "abc.thumbprint");
        assert_eq!(challenges.answer_to("abc").as_deref(), Some("abc.thumbprint"));
        assert_eq!(challenges.answer_to("abd"), None);
    }
}
