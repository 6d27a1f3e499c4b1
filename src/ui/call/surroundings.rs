//! The state of the page and of the system during a call, as the browser reports it.

/// The state of the page and the system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surroundings {
    pub page_hidden: bool,
    /// Whether the system has muted the microphone, for example for a phone call.
    pub system_muted: bool,
}
