//! Where the form of name and face goes: to the door of activation, or to that of guests.

use crate::{
    api::{invites::ComeAsGuest, profile::Activate},
    error::AppError,
    model::user::User,
};
use leptos::prelude::*;

#[derive(Clone, Copy)]
pub enum Door {
    Activate(ServerAction<Activate>),
    /// By the link with this token.
    Guest(ServerAction<ComeAsGuest>, StoredValue<String>),
}

impl Door {
    /// That of guests where there is the token of a link.
    pub fn of(token: Option<String>) -> Self {
        match token {
            Some(token) => Door::Guest(ServerAction::new(), StoredValue::new(token)),
            None => Door::Activate(ServerAction::new()),
        }
    }

    /// The token that the plain form sends.
    pub fn token(self) -> Option<String> {
        match self {
            Door::Activate(_) => None,
            Door::Guest(_, token) => Some(token.get_value()),
        }
    }

    /// The address of the plain form.
    pub fn plain(self) -> &'static str {
        match self {
            Door::Activate(_) => "/api/profile/activate_form",
            Door::Guest(..) => "/api/invites/come_as_guest_form",
        }
    }

    pub fn send(self, name: String, picture: String, next: String) {
        match self {
            Door::Activate(action) => {
                action.dispatch(Activate { name, picture, next });
            }
            Door::Guest(action, token) => {
                let token = token.get_value();
                action.dispatch(ComeAsGuest { token, name, picture });
            }
        }
    }

    /// What the door said last.
    pub fn answer(self) -> Option<Result<User, AppError>> {
        match self {
            Door::Activate(action) => action.value().get(),
            Door::Guest(action, _) => action.value().get(),
        }
    }

    pub fn is_pending(self) -> bool {
        match self {
            Door::Activate(action) => action.pending().get(),
            Door::Guest(action, _) => action.pending().get(),
        }
    }

    /// How often the door has answered.
    pub fn version(self) -> usize {
        match self {
            Door::Activate(action) => action.version().get(),
            Door::Guest(action, _) => action.version().get(),
        }
    }
}
