//! Circles. A user's circle is the people that the user follows, and those people may enter the user's social rooms.

pub mod store;

use crate::{
    error::AppError,
    model::{id::UserId, room::Person},
    server::{
        auth::to_the_end,
        error::Result,
        gate::{Activated, Registered},
        limit::{self, Limited},
        profile::store::find_profile,
    },
};

/// Adds a person to the user's circle.
///
/// # Errors
/// `Invalid` if users try to add themselves; `NotFound` if there is no such person; `TooMany` if the user has changed the circle too
/// often.
pub async fn follow(by: &Registered, whom: &str) -> Result<()> {
    let (state, user) = (&by.state, &by.person.id);
    let whom = UserId::parse(whom).ok_or_else(nobody)?;
    if whom == *user {
        return Err(AppError::invalid("You can't follow yourself.").into());
    }
    let is_here = find_profile(&state.database, &whom).await?;
    is_here
        .filter(|found| found.activated_at.is_some())
        .ok_or_else(nobody)?;
    let limits = Limited::Follow(user).limits(&state.limits.get(), &state.keyring);
    limit::take(&state.database, &state.refusals, &limits, state.now_s()).await?;
    store::follow(&state.database, user, &whom, state.now_s()).await?;
    state.rights.changed_of(&whom);
    Ok(())
}

/// Removes a person from the user's circle, and from the user's social rooms. If the person is not in the circle, nothing changes.
///
/// # Errors
/// `TooMany` if the user has changed the circle too often.
pub async fn unfollow(by: &Activated, whom: &str) -> Result<()> {
    let (state, user) = (&by.state, &by.person.id);
    let limits = Limited::Follow(user).limits(&state.limits.get(), &state.keyring);
    limit::take(&state.database, &state.refusals, &limits, state.now_s()).await?;
    let Some(whom) = UserId::parse(whom) else { return Ok(()) };
    let (state, user) = (state.clone(), user.clone());
    to_the_end(async move {
        if store::unfollow(&state.database, &user, &whom).await? {
            state.rights.changed_of(&whom);
        }
        Ok(())
    })
    .await
}

/// The people in the user's circle, sorted by name.
///
/// # Errors
/// If the database can't be read.
pub async fn list_circle(by: &Activated) -> Result<Vec<Person>> {
    Ok(store::list_followed(&by.state.database, &by.person.id).await?)
}

fn nobody() -> AppError {
    AppError::not_found("That person is no longer here. Load the page again.")
}
