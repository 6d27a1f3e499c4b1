//! The words of the card with the e-mail address. They depend on who adds an address or changes it.

use crate::api::email::OwnAddress;

/// What the words of the card depend on.
#[derive(Clone, Copy, PartialEq)]
pub enum AddressHolder {
    /// A person with an address.
    Member,
    Guest,
    /// An owner who came by the owner link and has no address.
    Owner,
}

/// The words that are different for people who add their first address and for a person who changes an address.
pub struct AddressWords {
    pub field: &'static str,
    pub submit: &'static str,
    pub changed: &'static str,
}

impl AddressHolder {
    pub fn of(address: &OwnAddress) -> Self {
        match (&address.email, address.guest) {
            (Some(_), _) => AddressHolder::Member,
            (None, true) => AddressHolder::Guest,
            (None, false) => AddressHolder::Owner,
        }
    }

    pub fn heading_without_address(self, mail: bool) -> &'static str {
        match (self, mail) {
            (AddressHolder::Guest, true) => "Keep your seat",
            _ => "Your e-mail address",
        }
    }

    /// What it means to have no address.
    pub fn words_without_address(self, mail: bool) -> &'static str {
        match (self, mail) {
            (AddressHolder::Guest, true) => {
                "You are here as a guest, in this browser only. With an e-mail address you can sign in anywhere, see the open rooms \
                 and start your own. Nobody else sees the address."
            }
            (AddressHolder::Guest, false) => "You are here as a guest, in this browser only.",
            (_, true) => {
                "You have none yet, so you can sign in elsewhere only with a link that the command snug owner-link prints on the machine \
                 of this Snug. Add an address, and you can sign in anywhere. Nobody else sees it."
            }
            (_, false) => {
                "You have none yet. To sign in elsewhere, run the command snug owner-link on the machine of this Snug, and open the link \
                 that it prints."
            }
        }
    }

    pub fn words_without_mail(self) -> &'static str {
        match self {
            AddressHolder::Member => {
                "This Snug sends no e-mails at the moment, so the address can't be changed, and nobody can sign in with a code."
            }
            AddressHolder::Guest => {
                "This Snug sends no e-mails yet, so you can't add an e-mail address to sign in with. Your seat is kept as long as this \
                 browser stays signed in."
            }
            AddressHolder::Owner => "This Snug sends no e-mails yet. When mail is set up, you can add an address here.",
        }
    }

    pub fn words(self) -> AddressWords {
        let saved = "Your e-mail address is saved. From now on, you can sign in with it on any device.";
        match self {
            AddressHolder::Guest => AddressWords {
                field: "Your e-mail address",
                submit: "Keep your seat",
                changed: saved,
            },
            AddressHolder::Owner => AddressWords {
                field: "Your e-mail address",
                submit: "Add the address",
                changed: saved,
            },
            AddressHolder::Member => AddressWords {
                field: "New e-mail address",
                submit: "Change the address",
                changed: "Your address is changed. We wrote to the old address. For a week, the link in that letter undoes the change.",
            },
        }
    }
}
