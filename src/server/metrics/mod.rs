//! Figures about the running server, for Prometheus and other programs that watch servers.
//!
//! Nothing is counted here. The code that does something counts it beside itself, in atomics, and this module reads them when somebody
//! asks. So nothing below imports this module, and a request costs only the additions.

pub mod all_families;
pub mod metric_family;
#[cfg(test)]
mod metrics_page;
mod open_metrics;
mod server_readings;
mod voice_readings;

use super::state::AppState;
use metric_family::MetricReading;
use std::{fmt, time::Duration};

pub use open_metrics::CONTENT_TYPE;

/// If the voice thread does not answer within this time, its gauges are left out.
const VOICE_ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// All metrics as text, in the format [`CONTENT_TYPE`]. Asks the voice thread and the pool of the database, each for at most a second, and
/// no table.
///
/// # Errors
/// If a value does not fit into the format.
pub async fn read_all(state: &AppState) -> Result<String, fmt::Error> {
    let voice = tokio::time::timeout(VOICE_ANSWERS_WITHIN, state.voice.read_figures());
    let (voice, ()) = tokio::join!(voice, state.database.probe_wait());
    let readings = [
        server_readings::read_build(state),
        server_readings::read_sockets(state.sockets.read_figures()),
        voice_readings::read_now(voice.ok().flatten()),
        voice_readings::read_counts(state.voice.counts()),
        server_readings::read_requests(&state.requests),
        vec![
            server_readings::read_refreshes(&state.refreshes),
            server_readings::read_refusals(state),
        ],
        server_readings::read_mail(state.mail.read_figures()),
        server_readings::read_database(&state.database),
    ];
    let readings: Vec<MetricReading> = readings.into_iter().flatten().collect();
    open_metrics::write(readings)
}
