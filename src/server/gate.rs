//! The gate of all use cases. The type of a use case's argument says who may call it, and only this file makes values of those types.

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

/// A signed-in person who has chosen a name and a picture, and the server that they act on.
pub struct Activated {
    pub state: AppState,
    pub person: Person,
    pub session: SessionId,
    /// When the account was activated, in unix seconds.
    pub since_s: i64,
    /// Whether the person is a guest: they have no e-mail address, and are no owner.
    pub guest: bool,
    owner: bool,
}

/// An activated person who is not a guest: they have an e-mail address, or they are an owner.
pub struct Registered(Activated);

/// An activated person who runs this Snug.
pub struct Owner(Activated);

impl Visit {
    /// The person who sent the request, if they are activated. We read the activation from the database, because the access token can
    /// be older than the activation.
    ///
    /// # Errors
    /// `signed_out` (also if the account was deleted or is deactivated), `session_ended`, `somebody_else`; `not_activated` until the
    /// person has chosen a name and a picture.
    pub async fn activated(&self) -> Result<Activated> {
        let identity = self.identity()?;
        let profile = find_profile(&self.state.database, &identity.user)
            .await?
            .ok_or_else(AppError::signed_out)?;
        let since_s = profile.activated_at.ok_or_else(AppError::not_activated)?;
        let person = profile.person.into_person().ok_or_else(AppError::signed_out)?;
        Ok(Activated {
            state: self.state.clone(),
            session: identity.session,
            since_s,
            guest: person.guest,
            owner: profile.owner_at.is_some(),
            person,
        })
    }

    /// The person who sent the request, if they are activated and not a guest.
    ///
    /// # Errors
    /// The errors of [`Visit::activated`]; `Forbidden` for a guest, with a hint about what to do.
    pub async fn registered(&self) -> Result<Registered> {
        let activated = self.activated().await?;
        activated.require_registered()?;
        Ok(Registered(activated))
    }

    /// The person who sent the request, if they are an owner of this Snug.
    ///
    /// # Errors
    /// The errors of [`Visit::activated`]; `Forbidden` for an activated person who is not an owner.
    pub async fn owner(&self) -> Result<Owner> {
        let activated = self.activated().await?;
        match activated.owner {
            true => Ok(Owner(activated)),
            false => Err(not_an_owner().into()),
        }
    }

    /// Like [`Visit::owner`], but for a page that must seem not to exist if the person is not an owner.
    ///
    /// # Errors
    /// The errors of [`Visit::activated`]; `NotFound` for an activated person who is not an owner.
    pub async fn owner_of_hidden_page(&self) -> Result<Owner> {
        let activated = self.activated().await?;
        match activated.owner {
            true => Ok(Owner(activated)),
            false => Err(Error::from(AppError::not_found("There is nothing here."))),
        }
    }
}

impl Activated {
    /// Whether the person is an owner of this Snug.
    pub fn is_owner(&self) -> bool {
        self.owner
    }

    /// Checks that the person is not a guest.
    ///
    /// # Errors
    /// `Forbidden`, with a hint about what to do.
    pub fn require_registered(&self) -> Result<(), AppError> {
        match (self.guest, self.state.mail.is_off()) {
            (false, _) => Ok(()),
            (true, false) => Err(AppError::forbidden(
                "Guests can listen and talk. To do more, add your e-mail address in your settings first.",
            )),
            (true, true) => Err(AppError::forbidden(
                "Guests can listen and talk. To do more, you need an e-mail address, and this Snug sends no e-mails yet. Ask the person \
                 who runs it to set up mail.",
            )),
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

/// The error for something that only owners may do.
pub fn not_an_owner() -> AppError {
    AppError::forbidden("Only the owners of this Snug can do that. Ask one of them.")
}
