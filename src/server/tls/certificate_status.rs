//! What is known about the certificate, for the log, the metrics and the owner.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// When the certificate expires, and why the last try to get a new one failed. Clones share everything.
#[derive(Clone, Debug, Default)]
pub struct CertificateStatus(Arc<Mutex<StatusNow>>);

#[derive(Debug, Default)]
struct StatusNow {
    not_after_s: Option<i64>,
    last_error: Option<String>,
}

impl CertificateStatus {
    /// When the certificate expires, in unix seconds. `None` while there is no certificate.
    pub fn not_after(&self) -> Option<i64> {
        self.lock().not_after_s
    }

    /// Why the last try to load or renew the certificate failed. `None` if it succeeded.
    pub fn last_error(&self) -> Option<String> {
        self.lock().last_error.clone()
    }

    /// Notes that a certificate is in use.
    pub fn succeeded(&self, not_after_s: i64) {
        *self.lock() = StatusNow {
            not_after_s: Some(not_after_s),
            last_error: None,
        };
    }

    /// Notes that no new certificate could be loaded. The old one stays in use.
    pub fn failed(&self, error: String) {
        self.lock().last_error = Some(error);
    }

    fn lock(&self) -> MutexGuard<'_, StatusNow> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_the_certificate_and_a_success_clears_the_failure() {
        let status = CertificateStatus::default();
        assert_eq!((status.not_after(), status.last_error()), (None, None));
        status.succeeded(7);
        status.failed("no disk".into());
        assert_eq!(
            (status.not_after(), status.last_error()),
            (Some(7), Some("no disk".into()))
        );
        status.clone().succeeded(8);
        assert_eq!((status.not_after(), status.last_error()), (Some(8), None));
    }
}
