//! The examination of this Snug for its owners, while it runs. The command `snug doctor` makes the same one, also if Snug does not run.

use super::{
    doctor::{ExamineOptions, examine},
    gate::Owner,
};
use crate::model::health_status::HealthStatus;
use std::time::Duration;

/// How long a page waits for the report. On a machine where nothing is wrong, the examination takes less.
const SHOWN_WITHIN: Duration = Duration::from_secs(2);

/// Examines this Snug, or gives the report of a few seconds ago. Takes at most [`SHOWN_WITHIN`]: if the examination takes longer, the
/// answer has no report yet.
pub async fn find(by: &Owner) -> HealthStatus {
    let state = by.state.clone();
    let examination = async move { examine(&state.config, &ExamineOptions::default()).await };
    by.state.health_runs.ask(SHOWN_WITHIN, examination).await
}
