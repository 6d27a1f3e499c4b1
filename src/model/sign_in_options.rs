//! The ways in which people can come into this Snug. Pages offer only those that work.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInOptions {
    /// Whether letters are sent, or stored in the outbox. Without letters, nobody can sign in with a code or add an e-mail address.
    pub mail: bool,
    /// Whether links into rooms can admit guests.
    pub guests: bool,
}

impl Default for SignInOptions {
    fn default() -> Self {
        Self {
            mail: true,
            guests: true,
        }
    }
}
