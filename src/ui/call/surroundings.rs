//! What the browser says of the page and the system around a call.

/// The state around a call that it does not decide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surroundings {
    pub page_hidden: bool,
    /// A phone call or another program has the microphone's sound.
    pub system_muted: bool,
}
