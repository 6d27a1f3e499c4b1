//! The signal SIGHUP: the operator has changed something that can be loaded again while Snug runs: the certificate, the level of the log,
//! and the limits per minute, hour and day. Everything else needs a restart.

use super::{config::Config, service_manager, state::AppState, telemetry};
use tokio::signal::unix::{SignalKind, signal};

/// Listens for SIGHUP from now on, and loads everything again at each. Completes only if the system has no such signal.
pub fn at_every_hangup(state: AppState) -> impl Future<Output = ()> {
    let hangups = signal(SignalKind::hangup());
    async move {
        let Ok(mut hangups) = hangups else {
            tracing::warn!("this system has no signal SIGHUP, so changes need a restart");
            return;
        };
        while hangups.recv().await.is_some() {
            service_manager::tell_reloading();
            reload(&state);
            service_manager::tell_ready();
        }
    }
}

fn reload(state: &AppState) {
    if let Some(tls) = &state.tls {
        tls.reload(state.now_s());
    }
    match state.config_source.read() {
        Some(Ok(config)) => apply(state, &config),
        Some(Err(problems)) => tracing::error!("the settings were not loaded again, and the old ones stay: {problems}"),
        None => {}
    }
}

fn apply(state: &AppState, config: &Config) {
    state.limits.replace(config.limits.clone());
    if let Err(error) = telemetry::set_level(config.log.level.as_str()) {
        tracing::error!("the level of the log was not changed: {error}");
    }
    // The certificate has lines of its own, because it may have failed.
    tracing::info!(
        "SIGHUP: the level of the log and the limits per minute, hour and day were loaded again; other settings need a restart"
    );
}
