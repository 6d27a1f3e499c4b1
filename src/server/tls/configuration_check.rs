//! Checks the files with certificates that a configuration names, without serving them.

use super::{acme::read_further_roots, certificate_files};
use crate::server::config::{Config, TlsSource};

/// Reads the files, if the configuration names some, and returns warnings about them.
///
/// # Errors
/// If Snug would not start with them. The message names the file and its setting.
pub fn check(config: &Config, now_s: i64) -> anyhow::Result<Vec<String>> {
    match &config.tls {
        TlsSource::Elsewhere | TlsSource::Own(_) => Ok(vec![]),
        TlsSource::Acme(acme) => read_further_roots(acme).map(|_| vec![]),
        TlsSource::Files(files) => {
            let certificate = certificate_files::read(files, now_s)?;
            Ok(certificate_files::warnings(
                &certificate,
                config.public_url.host(),
                now_s,
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::AcmeConfig;
    use rcgen::{CertificateParams, KeyPair};

    #[test]
    fn a_missing_file_with_roots_of_a_certificate_authority_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let roots = folder.path().join("roots.pem");
        let mut config = Config::for_tests(folder.path());
        config.tls = TlsSource::Acme(AcmeConfig {
            domains: vec!["a.example".into()],
            directory: "https://ca.example/directory".into(),
            ca: Some(roots.clone()),
            contact: None,
        });
        let missing = format!("{:#}", check(&config, 0).expect_err("it is missing"));
        assert!(missing.contains("SNUG_PUBLIC_ACME_CA"), "{missing}");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["ca.example".to_owned()]).expect("a good name");
        std::fs::write(roots, params.self_signed(&key).expect("one").pem()).expect("written");
        assert!(check(&config, 0).expect("the file is there").is_empty());
    }
}
