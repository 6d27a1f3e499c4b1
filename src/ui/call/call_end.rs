//! Why a call has ended, and the page to go to after it.

use crate::{
    error::{AppError, Kind},
    model::signal::Ending,
};

/// The end of a call: a sentence that says why, and the page to go to.
#[derive(Debug, Clone, PartialEq)]
pub struct CallEnd {
    pub sentence: String,
    pub next_page: NextPage,
}

/// The page to go to after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextPage {
    Rooms,
    /// The sign-in page, because the session has ended, too.
    SignIn,
    /// The home page. It is for guests, who can't sign in.
    Start,
}

impl CallEnd {
    /// The end that the room has announced.
    pub fn of_ending(why: &Ending) -> Self {
        Self {
            sentence: why.sentence(),
            next_page: match why {
                Ending::LinkRevoked => NextPage::Start,
                Ending::SignedOut | Ending::Disabled => NextPage::SignIn,
                _ => NextPage::Rooms,
            },
        }
    }

    /// The end of a call whose socket the server has refused. `error` is the answer of the room's endpoint. `None` if another
    /// attempt to open the socket can succeed.
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
