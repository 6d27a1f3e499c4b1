//! What the browser reports about the page and the system around a call.

/// The state of the page and the system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surroundings {
    pub page_hidden: bool,
    /// The system has muted the microphone, for example for a phone call.
    pub system_muted: bool,
}
