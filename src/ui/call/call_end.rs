//! Why a call has ended, and the page to go to after it.

use crate::{
    error::{AppError, Kind},
    model::{room_exit::ExitWords, signal::Ending},
};

/// The end of a call: what happened, and the page to go to.
#[derive(Debug, Clone, PartialEq)]
pub struct CallEnd {
    pub words: ExitWords,
    /// In how many seconds the person can come back, if a host has removed them.
    pub come_back_in_s: Option<u32>,
    pub next_page: NextPage,
    /// Whether hosts have removed or banned the person, so that they can also let them back in.
    pub is_put_out: bool,
    /// Whether the room is over for everybody.
    pub room_is_over: bool,
    /// Whether this page has asked for the end.
    pub is_own: bool,
}

/// The page to go to after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextPage {
    /// The list of rooms; the home page for guests.
    Rooms,
    /// The sign-in page, because the session has ended, too.
    SignIn,
    /// The home page. It is for guests, who can't sign in.
    Start,
}

impl CallEnd {
    /// The end that the room `topic` has announced. `asked` says whether this page has asked to end the room.
    pub fn of_ending(why: &Ending, topic: &str, asked: bool) -> Self {
        let come_back_in_s = why.removed_for_seconds();
        let room_is_over = matches!(why, Ending::RoomEnded { .. });
        Self {
            words: why.words(topic),
            come_back_in_s,
            next_page: match why {
                Ending::LinkRevoked => NextPage::Start,
                Ending::SignedOut | Ending::Disabled => NextPage::SignIn,
                _ => NextPage::Rooms,
            },
            is_put_out: matches!(why, Ending::Removed { .. } | Ending::Banned),
            room_is_over,
            is_own: room_is_over && asked,
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
        let words = match &error.heading {
            Some(heading) => ExitWords {
                heading: heading.clone(),
                advice: error.advice().to_owned(),
            },
            None => ExitWords::of_text(&error.detail),
        };
        Some(Self {
            words,
            come_back_in_s: error.come_back_in_s(),
            next_page,
            is_put_out: error.kind == Kind::Forbidden && error.heading.is_some(),
            room_is_over: error.kind == Kind::NotFound && error.heading.is_some(),
            is_own: false,
        })
    }
}
