//! The endpoint to which the name and face form is sent: the one for activation, or the one for guests.

use crate::{
    api::{invites::ComeAsGuest, profile::Activate},
    error::AppError,
    model::{profile::ProfileForm, user::User},
};
use leptos::{prelude::*, server_fn::ServerFn};

#[derive(Clone, Copy)]
pub enum SubmitTarget {
    Activate(ServerAction<Activate>),
    /// For a guest who comes by the invite link with this token.
    Guest(ServerAction<ComeAsGuest>, StoredValue<String>),
}

impl SubmitTarget {
    /// The endpoint for guests if there is a `token`, and otherwise the endpoint for activation.
    pub fn of(token: Option<String>) -> Self {
        match token {
            Some(token) => SubmitTarget::Guest(ServerAction::new(), StoredValue::new(token)),
            None => SubmitTarget::Activate(ServerAction::new()),
        }
    }

    /// The token of the invite link, if there is one. Without scripts, the form sends the token in a hidden field.
    pub fn token(self) -> Option<String> {
        match self {
            SubmitTarget::Activate(_) => None,
            SubmitTarget::Guest(_, token) => Some(token.get_value()),
        }
    }

    /// The path of the endpoint, which an error of this form names.
    pub fn endpoint(self) -> &'static str {
        match self {
            SubmitTarget::Activate(_) => Activate::PATH,
            SubmitTarget::Guest(..) => ComeAsGuest::PATH,
        }
    }

    /// The address to which a browser without scripts sends the form.
    pub fn plain(self) -> &'static str {
        match self {
            SubmitTarget::Activate(_) => "/api/profile/activate_form",
            SubmitTarget::Guest(..) => "/api/invites/come_as_guest_form",
        }
    }

    /// `first_room` is the topic of the room that a new owner opens, or empty.
    pub fn send(self, profile: ProfileForm, next: String, first_room: String) {
        match self {
            SubmitTarget::Activate(action) => {
                action.dispatch(Activate {
                    profile,
                    next,
                    first_room,
                });
            }
            SubmitTarget::Guest(action, token) => {
                let token = token.get_value();
                action.dispatch(ComeAsGuest { token, profile });
            }
        }
    }

    /// The endpoint's last answer.
    pub fn answer(self) -> Option<Result<User, AppError>> {
        match self {
            SubmitTarget::Activate(action) => action.value().get(),
            SubmitTarget::Guest(action, _) => action.value().get(),
        }
    }

    pub fn is_pending(self) -> bool {
        match self {
            SubmitTarget::Activate(action) => action.pending().get(),
            SubmitTarget::Guest(action, _) => action.pending().get(),
        }
    }

    /// How many times the endpoint has answered.
    pub fn version(self) -> usize {
        match self {
            SubmitTarget::Activate(action) => action.version().get(),
            SubmitTarget::Guest(action, _) => action.version().get(),
        }
    }
}
