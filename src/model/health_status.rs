//! How far the examination is that an owner has asked for.

use super::health::HealthReport;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthStatus {
    /// The newest report. Without it, the examination still runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<HealthReport>,
    /// How long ago the examination ended, in seconds.
    pub age_s: u64,
}
