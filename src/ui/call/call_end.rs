//! How a call ends for this page, and where to go then.

use crate::{
    error::{AppError, Kind},
    model::signal::Ending,
};

/// Why a call is over, in a sentence, and where you can go.
#[derive(Debug, Clone, PartialEq)]
pub struct CallEnd {
    pub sentence: String,
    pub next_page: NextPage,
}

/// Where you can go from a room that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextPage {
    Rooms,
    /// The session is over too.
    SignIn,
    /// For a guest, who has nothing to sign in with.
    Start,
}

impl CallEnd {
    /// The end that the room has announced.
    pub fn of_ending(why: Ending) -> Self {
        Self {
            sentence: why.sentence(),
            next_page: match why {
                Ending::LinkRevoked => NextPage::Start,
                Ending::SignedOut | Ending::Disabled => NextPage::SignIn,
                _ => NextPage::Rooms,
            },
        }
    }

    /// The end after a socket was refused, by what the room's endpoint says; none if trying again may help.
    pub fn of_refused_socket(error: &AppError) -> Option<Self> {
        let is_final = matches!(
            error.kind,
            Kind::NotFound | Kind::NotActivated | Kind::Forbidden | Kind::SomebodyElse
        );
        let next_page = match error.needs_sign_in() {
            true => NextPage::SignIn,
            false if is_final => NextPage::Rooms,
            false => return None,
        };
        Some(Self {
            sentence: error.detail.clone(),
            next_page,
        })
    }
}
