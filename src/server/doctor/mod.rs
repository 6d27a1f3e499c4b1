//! Examines this Snug: what keeps people from opening it, from talking, or from keeping what they have. It reads and asks, and
//! changes nothing.

use super::config::Config;
use crate::model::{health::HealthReport, user::EmailAddress};

/// What the person who asks wants in addition.
#[derive(Clone, Debug, Default)]
pub struct ExamineOptions {
    /// Send a test letter to this address.
    pub mail_to: Option<EmailAddress>,
}

/// Examines the Snug with this configuration. It may run or not: checks that need the server say so if it does not run.
pub async fn examine(_config: &Config, _options: &ExamineOptions) -> HealthReport {
    HealthReport::default()
}
