//! What the page about leaving the Snug for good tells the person before they delete their account.

use serde::{Deserialize, Serialize};

/// What deleting the account does, and what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDeletion {
    /// The e-mail address, which the person types to confirm; `None` for a guest, and for an owner who has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether this device signed in within the last ten minutes. Always true for people who can't sign in again, such as
    /// guests.
    pub may_delete: bool,
    /// Whether this is the only owner of the Snug, who has to make somebody else an owner first.
    pub is_last_owner: bool,
    /// The topics of the person's rooms that end, because nobody inside can own them.
    pub ending_rooms: Vec<String>,
    /// The person's rooms that go on with another owner, because people are inside.
    pub inherited_rooms: Vec<InheritedRoom>,
}

/// A room that another person owns afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InheritedRoom {
    pub topic: String,
    /// The name of the new owner.
    pub heir: String,
}
