//! What is missing before other people can use this Snug, as its owners see it.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupCheck {
    /// Empty if nothing is missing.
    pub missing: Vec<MissingPiece>,
    pub mail: MailState,
}

/// Something that an owner still has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingPiece {
    /// What does not work.
    pub heading: String,
    /// What to do. It names the variable to set.
    pub advice: String,
}

/// Where letters go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// Nowhere: no letters are sent.
    Off,
    /// Into a folder on the machine of the server.
    Outbox,
    /// To a mail server.
    Smtp,
}
