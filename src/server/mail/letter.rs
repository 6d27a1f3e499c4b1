//! One letter, before it is a message.

use crate::model::user::EmailAddress;

/// One letter to one person. `text` and `html` say the same; a code comes before a link.
pub struct Letter {
    pub to: EmailAddress,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// What the terminal shows when letters go to the outbox: the code and the link.
    pub terminal: String,
}
