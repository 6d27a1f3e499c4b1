//! Tells systemd what Snug does, if systemd has started it with `Type=notify` or `Type=notify-reload` (sd_notify(3)). Otherwise nothing
//! happens.

use sd_notify::NotifyState;

/// Snug serves now.
pub fn tell_ready() {
    tell(&[NotifyState::Ready]);
}

/// Snug loads its configuration again. Call [`tell_ready`] afterwards.
pub fn tell_reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "systemd was not told about the reload"),
    }
}

/// Snug stops.
pub fn tell_stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd could not be told what Snug does (NOTIFY_SOCKET)");
    }
}
