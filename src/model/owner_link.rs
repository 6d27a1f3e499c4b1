//! What the page of an owner link offers.

use super::room::Person;
use serde::{Deserialize, Serialize};

/// What the form sends instead of an id if the page was shown to somebody who is not signed in. It is shorter than every id.
pub const NOBODY: &str = "nobody";

/// The accounts for which an owner link can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerLinkOffer {
    /// The person who is signed in with this browser, whom the link makes an owner unless they are a guest. Their name is empty until they
    /// have chosen one. `None` if nobody is signed in: then the link makes a new owner.
    pub me: Option<Person>,
    /// The other owners who can't sign in with a code, the first owner first. The link can sign in as one of them.
    pub owners: Vec<Person>,
}
