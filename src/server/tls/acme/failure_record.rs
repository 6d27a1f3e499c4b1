//! The record of the orders that have failed in a row, in memory and in the certificate folder.

use super::{
    certificate_folder::CertificateFolder,
    plan::{OrderFailures, OrderTarget},
};
use std::time::Duration;

/// The failures of one target.
pub struct FailureRecord(OrderFailures);

impl FailureRecord {
    /// Reads the failures that an earlier run has stored. Failures of another target do not count.
    pub fn read(folder: &CertificateFolder, target: OrderTarget) -> Self {
        let stored = folder.read_failures().filter(|stored| stored.target == target);
        Self(stored.unwrap_or_else(|| OrderFailures::none(target)))
    }

    pub fn count(&self) -> u32 {
        self.0.count
    }

    /// Describes the failures of an earlier run, as a sentence without its full stop.
    pub fn describe(&self, names: &str) -> String {
        let count = self.0.count;
        format!(
            "there is no new certificate for {names}, because the last order was before this start, and failed or was cut off; failures in \
             a row: {count}"
        )
    }

    /// How long the next try has to wait.
    pub fn remaining(&self, now_s: i64, jitter: u16) -> Duration {
        let seconds = self.0.remaining_s(now_s, jitter);
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }

    /// Whether a new account may help. If a new one was refused too, more accounts would only use up the limits of the authority.
    pub fn may_replace_account(&self) -> bool {
        !self.0.has_new_account
    }

    /// Notes that there is a new account.
    pub fn account_was_replaced(&mut self) {
        self.0.has_new_account = true;
    }

    /// Notes that an order begins. On disk, it counts as failed until it succeeds, because Snug may end before that.
    pub fn begin(&self, folder: &CertificateFolder, now_s: i64) {
        store(folder, &self.0.plus_one(false, now_s));
    }

    /// Notes that an order, or the login before it, has failed.
    pub fn fail(&mut self, folder: &CertificateFolder, is_rate_limited: bool, now_s: i64) {
        self.0 = self.0.plus_one(is_rate_limited, now_s);
        store(folder, &self.0);
    }

    /// Notes that an order has succeeded, or that none is due.
    pub fn clear(&mut self, folder: &CertificateFolder) {
        self.0 = OrderFailures::none(self.0.target.clone());
        folder.delete_failures();
    }
}

/// When the next try is, as a sentence without its full stop.
pub fn next_try(wait: Duration) -> String {
    let minutes = wait.as_secs().div_ceil(60);
    format!("The next try is in {minutes} minutes, or at once after SIGHUP")
}

fn store(folder: &CertificateFolder, failures: &OrderFailures) {
    if let Err(error) = folder.write_failures(failures) {
        tracing::warn!(
            "Snug can't store that an order of a certificate has begun or failed, so a restart orders again at once: {error:#}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str) -> OrderTarget {
        OrderTarget::new(&[name.to_owned()], "https://ca.example/directory", String::new())
    }

    #[test]
    fn failures_are_there_after_a_restart_and_gone_after_a_success() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = CertificateFolder::open(data.path()).expect("created");
        let mut record = FailureRecord::read(&folder, target("a.example"));
        assert_eq!((record.count(), record.remaining(1_000, 0)), (0, Duration::ZERO));
        record.account_was_replaced();
        record.begin(&folder, 1_000);
        record.fail(&folder, false, 1_010);
        let again = FailureRecord::read(&folder, target("a.example"));
        assert_eq!((again.count(), again.remaining(1_070, 0)), (1, Duration::from_secs(60)));
        assert!(!again.may_replace_account());
        let other = FailureRecord::read(&folder, target("b.example"));
        assert_eq!(other.count(), 0);
        assert!(other.may_replace_account());
        record.clear(&folder);
        assert_eq!(record.count(), 0);
        assert_eq!(FailureRecord::read(&folder, target("a.example")).count(), 0);
    }

    #[test]
    fn an_order_that_was_cut_off_counts_as_failed() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = CertificateFolder::open(data.path()).expect("created");
        FailureRecord::read(&folder, target("a.example")).begin(&folder, 1_000);
        let again = FailureRecord::read(&folder, target("a.example"));
        assert_eq!(
            (again.count(), again.remaining(1_000, 0)),
            (1, Duration::from_secs(120))
        );
    }
}
