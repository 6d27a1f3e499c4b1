//! A certificate of a test. It has signed itself, so it is also its only authority.

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use snug::server::config::CertificateFiles;
use std::path::Path;

/// A certificate for `localhost` and 127.0.0.1, with its key.
pub struct TestCertificate {
    pub pem: String,
    pub key_pem: String,
}

impl TestCertificate {
    /// A new one that is valid until the end of `year`.
    pub fn until(year: i32) -> Self {
        let key = KeyPair::generate().expect("a key");
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let mut params = CertificateParams::new(names).expect("good names");
        params.not_after = date_time_ymd(year, 12, 31);
        Self {
            pem: params.self_signed(&key).expect("a certificate").pem(),
            key_pem: key.serialize_pem(),
        }
    }

    /// Writes both files into `folder`, over those of another certificate.
    pub fn write(&self, folder: &Path) -> CertificateFiles {
        let files = CertificateFiles {
            cert: folder.join("fullchain.pem"),
            key: folder.join("privkey.pem"),
        };
        std::fs::write(&files.cert, &self.pem).expect("written");
        std::fs::write(&files.key, &self.key_pem).expect("written");
        files
    }
}
