//! The gate of use cases. A use case asks for the kind of person it needs, and only this file makes one.

use super::{
    auth::identity::Visit,
    error::{Error, Result},
    profile::store::find_profile,
    state::AppState,
};
use crate::{
    error::AppError,
    model::{id::SessionId, room::Person},
};
use std::ops::Deref;

/// A signed-in person with a name and a face, as the database has them now, and the server they act on.
pub struct Activated {
    pub state: AppState,
    pub person: Person,
    pub session: SessionId,
    /// Since when the account is activated, unix seconds.
    pub since_s: i64,
    /// A user without an e-mail address.
    pub guest: bool,
    owner: bool,
}

/// An activated person with an e-mail address: not a guest.
pub struct Registered(Activated);

/// An activated person who runs this Snug.
pub struct Owner(Activated);

impl Visit {
    /// The person who asks, if they are activated. The database decides, never the token.
    ///
    /// # Errors
    /// `signed_out` (also if the account is gone or switched off), `session_ended`, `somebody_else`; `not_activated` until name
    /// and face are chosen.
    pub async fn activated(&self) -> Result<Activated> {
        let identity = self.identity()?;
        let profile = find_profile(&self.state.database, &identity.user)
            .await?
            .ok_or_else(AppError::signed_out)?;
        let since_s = profile.activated_at.ok_or_else(AppError::not_activated)?;
        Ok(Activated {
            state: self.state.clone(),
            person: profile.person.into_person().ok_or_else(AppError::signed_out)?,
            session: identity.session,
            since_s,
            guest: profile.guest != 0,
            owner: profile.owner_at.is_some(),
        })
    }

    /// The person who asks, if they are activated and have an e-mail address.
    ///
    /// # Errors
    /// As [`Visit::activated`]; `Forbidden` for a guest, with what to do.
    pub async fn registered(&self) -> Result<Registered> {
        let activated = self.activated().await?;
        activated.require_registered()?;
        Ok(Registered(activated))
    }

    /// The person who asks, if they run this Snug.
    ///
    /// # Errors
    /// As [`Visit::activated`]; `Forbidden` for everybody else.
    pub async fn owner(&self) -> Result<Owner> {
        let activated = self.activated().await?;
        match activated.owner {
            true => Ok(Owner(activated)),
            false => Err(not_an_owner().into()),
        }
    }

    /// The same for a page whose existence nobody else may learn of.
    ///
    /// # Errors
    /// As [`Visit::activated`]; `NotFound` for everybody else.
    pub async fn owner_of_hidden_page(&self) -> Result<Owner> {
        let activated = self.activated().await?;
        match activated.owner {
            true => Ok(Owner(activated)),
            false => Err(Error::from(AppError::not_found("There is nothing here."))),
        }
    }
}

impl Activated {
    /// Checks that this is not a guest.
    ///
    /// # Errors
    /// `Forbidden`, with what to do.
    pub fn require_registered(&self) -> Result<(), AppError> {
        let message = "As a guest you come in, hear and talk. To do more, choose \u{201c}Keep my seat\u{201d} in your settings first.";
        match self.guest {
            true => Err(AppError::forbidden(message)),
            false => Ok(()),
        }
    }
}

impl Deref for Registered {
    type Target = Activated;

    fn deref(&self) -> &Activated {
        &self.0
    }
}

impl Deref for Owner {
    type Target = Activated;

    fn deref(&self) -> &Activated {
        &self.0
    }
}

/// What everybody hears who asks for what only owners may do.
pub fn not_an_owner() -> AppError {
    AppError::forbidden("Only the owners of this Snug do that. Ask whoever runs it.")
}
