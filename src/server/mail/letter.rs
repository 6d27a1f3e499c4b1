//! A letter: one e-mail, before it is turned into a message (RFC 5322).

use crate::model::user::EmailAddress;

/// An e-mail to one person. `text` and `html` say the same.
pub struct Letter {
    pub to: EmailAddress,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// What the terminal shows if letters go to the outbox: the code and the link.
    pub terminal: String,
}
