//! The folder `tls` in the data folder: the account at the certificate authority, and the newest certificate. Only the system user that
//! runs Snug can read it.

use super::plan::OrderFailures;
use crate::server::{
    data_folder,
    tls::{
        certificate::{BadCertificate, LoadedCertificate, read_chain, read_key},
        crypto_provider::provider,
        private_file,
    },
};
use anyhow::Context;
use instant_acme::AccountCredentials;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The certificate with its chain and its key. One file, so that all of it is replaced at once.
const CERTIFICATE: &str = "certificate.pem";
const ACCOUNT: &str = "account.json";
const FAILURES: &str = "failures.json";
/// The lines above the certificate. Readers of PEM ignore them (RFC 7468 section 5.2).
const DIRECTORY: &str = "Directory: ";
const ORDERED_AT: &str = "Ordered-At: ";
const ORDERED_FOR: &str = "Ordered-For: ";

/// The folder.
pub struct CertificateFolder(PathBuf);

/// A certificate from the folder.
pub struct StoredCertificate {
    pub certificate: LoadedCertificate,
    /// The directory of the authority that gave it.
    pub directory: String,
    /// When it was ordered, in unix seconds.
    pub ordered_at_s: i64,
    /// The names that were ordered. Some authorities add others of their own.
    pub ordered_for: Vec<String>,
}

/// What was ordered, from which authority, and when.
pub struct OrderFacts<'a> {
    /// Host names and IP addresses.
    pub identifiers: &'a [String],
    /// The directory of the authority.
    pub directory: &'a str,
    /// In unix seconds.
    pub ordered_at_s: i64,
}

/// A certificate as the authority gave it, with the key that was made for it, both in PEM.
pub struct IssuedCertificate {
    pub chain_pem: String,
    pub key_pem: String,
}

/// An account at a certificate authority.
#[derive(Serialize, Deserialize)]
pub struct StoredAccount {
    /// The directory of the authority.
    pub directory: String,
    pub credentials: AccountCredentials,
    /// The address that the authority knows, such as `mailto:ada@example.org`.
    #[serde(default)]
    pub contact: Option<String>,
}

impl IssuedCertificate {
    /// The text of the file for it, and what is in it.
    ///
    /// # Errors
    /// If the certificate can't be used, or does not belong to its key.
    pub fn to_file(&self, order: &OrderFacts<'_>) -> anyhow::Result<(String, StoredCertificate)> {
        let (directory, at, names) = (order.directory, order.ordered_at_s, order.identifiers.join(" "));
        let (chain, key) = (self.chain_pem.trim(), self.key_pem.trim());
        let text = format!("{DIRECTORY}{directory}\n{ORDERED_AT}{at}\n{ORDERED_FOR}{names}\n\n{chain}\n{key}\n");
        let stored = parse(&text).context("the certificate of the authority")?;
        Ok((text, stored))
    }
}

impl CertificateFolder {
    /// Creates the folder if it is missing.
    ///
    /// # Errors
    /// If it can't be created.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let folder = data.join("tls");
        data_folder::create(&folder)?;
        Ok(Self(folder))
    }

    /// The folder as it is. It may be missing.
    pub fn at(data: &Path) -> Self {
        Self(data.join("tls"))
    }

    /// The certificate; `None` if there is none yet.
    ///
    /// # Errors
    /// If the file can't be read or is damaged.
    pub fn read_certificate(&self) -> anyhow::Result<Option<StoredCertificate>> {
        let path = self.0.join(CERTIFICATE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("can't read {}", path.display())),
        };
        let stored = parse(&text).with_context(|| format!("the file {}", path.display()))?;
        Ok(Some(stored))
    }

    /// Replaces the file with the certificate by this text.
    ///
    /// # Errors
    /// If it can't be written. The old file then stays.
    pub fn write_certificate(&self, text: &str) -> anyhow::Result<()> {
        private_file::write(&self.0, CERTIFICATE, text)
    }

    /// The account at this authority; `None` if there is none, or if the file is damaged, because a new account costs nothing.
    pub fn read_account(&self, directory: &str) -> Option<StoredAccount> {
        let text = fs::read_to_string(self.0.join(ACCOUNT)).ok()?;
        let stored: StoredAccount = serde_json::from_str(&text)
            .inspect_err(|_| {
                tracing::warn!("the file tls/{ACCOUNT} in the data folder is damaged, so a new account is made")
            })
            .ok()?;
        (stored.directory == directory).then_some(stored)
    }

    /// Stores the account.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn write_account(&self, account: &StoredAccount) -> anyhow::Result<()> {
        private_file::write(&self.0, ACCOUNT, &serde_json::to_string_pretty(account)?)
    }

    /// Forgets an account that the authority does not know any more.
    pub fn delete_account(&self) {
        // A missing file is as good as a deleted one.
        let _ = fs::remove_file(self.0.join(ACCOUNT));
    }

    /// The orders that have failed; `None` if the last one succeeded, or if the file is damaged.
    pub fn read_failures(&self) -> Option<OrderFailures> {
        let text = fs::read_to_string(self.0.join(FAILURES)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Stores the orders that have failed.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn write_failures(&self, failures: &OrderFailures) -> anyhow::Result<()> {
        private_file::write(&self.0, FAILURES, &serde_json::to_string_pretty(failures)?)
    }

    /// Forgets the orders that have failed.
    pub fn delete_failures(&self) {
        // A missing file is as good as a deleted one.
        let _ = fs::remove_file(self.0.join(FAILURES));
    }
}

fn parse(text: &str) -> anyhow::Result<StoredCertificate> {
    let line = |begin: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(begin))
            .unwrap_or_default()
    };
    let certificate = load(text)?;
    let ordered_for: Vec<String> = line(ORDERED_FOR).split_whitespace().map(str::to_owned).collect();
    Ok(StoredCertificate {
        // If the line is missing, the certificate is for what was ordered.
        ordered_for: match ordered_for.is_empty() {
            true => certificate.names.clone(),
            false => ordered_for,
        },
        directory: line(DIRECTORY).to_owned(),
        // If the line is missing, the certificate was ordered when it became valid.
        ordered_at_s: line(ORDERED_AT).parse().unwrap_or(certificate.not_before_s),
        certificate,
    })
}

fn load(pem: &str) -> Result<LoadedCertificate, BadCertificate> {
    LoadedCertificate::new(read_chain(pem.as_bytes())?, read_key(pem.as_bytes())?, &provider())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};
    use std::os::unix::fs::PermissionsExt;

    fn issued(name: &str) -> IssuedCertificate {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a good name");
        IssuedCertificate {
            chain_pem: params.self_signed(&key).expect("one").pem(),
            key_pem: key.serialize_pem(),
        }
    }

    /// What Snug does with a certificate that the authority has given.
    fn keep(folder: &CertificateFolder, issued: &IssuedCertificate, names: &[&str]) -> anyhow::Result<()> {
        let identifiers: Vec<String> = names.iter().map(ToString::to_string).collect();
        let (text, _) = issued.to_file(&OrderFacts {
            identifiers: &identifiers,
            directory: "https://ca.example/directory",
            ordered_at_s: 7,
        })?;
        folder.write_certificate(&text)
    }

    #[test]
    fn a_certificate_is_read_as_it_was_written_and_only_its_user_can_read_it() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = CertificateFolder::open(data.path()).expect("created");
        assert!(folder.read_certificate().expect("no fault").is_none());
        keep(&folder, &issued("a.example"), &["b.example", "a.example"]).expect("written");
        let stored = folder.read_certificate().expect("no fault").expect("there");
        assert_eq!(stored.certificate.names, ["a.example"]);
        assert_eq!(stored.ordered_for, ["b.example", "a.example"]);
        assert_eq!(
            (stored.directory.as_str(), stored.ordered_at_s),
            ("https://ca.example/directory", 7)
        );
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        let path = data.path().join("tls/certificate.pem");
        assert_eq!((mode(&data.path().join("tls")), mode(&path)), (0o700, 0o600));
    }

    #[test]
    fn a_certificate_that_does_not_fit_to_its_key_leaves_the_old_one() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = CertificateFolder::open(data.path()).expect("created");
        keep(&folder, &issued("a.example"), &["a.example"]).expect("written");
        let mut mixed = issued("b.example");
        mixed.key_pem = issued("c.example").key_pem;
        assert!(keep(&folder, &mixed, &["b.example"]).is_err());
        let stored = folder.read_certificate().expect("no fault").expect("there");
        assert_eq!(stored.certificate.names, ["a.example"]);
    }

    #[test]
    fn an_account_belongs_to_one_authority() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = CertificateFolder::open(data.path()).expect("created");
        let credentials = r#"{"id": "https://ca.example/1", "key_pkcs8": "AAAA", "directory": "https://ca.example/"}"#;
        let credentials = serde_json::from_str(credentials).expect("credentials");
        folder
            .write_account(&StoredAccount {
                directory: "https://ca.example/".into(),
                credentials,
                contact: None,
            })
            .expect("written");
        assert!(folder.read_account("https://ca.example/").is_some());
        assert!(folder.read_account("https://other.example/").is_none());
        folder.delete_account();
        assert!(folder.read_account("https://ca.example/").is_none());
    }
}
