//! Circles: a user's circle is whom they follow, and their social rooms are listed for it.

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

/// Takes somebody into one's circle.
///
/// # Errors
/// `Invalid` for oneself, `NotFound` if there is no such person, `TooMany`.
pub async fn follow(by: &Registered, whom: &str) -> Result<()> {
    let (state, user) = (&by.state, &by.person.id);
    let whom = UserId::parse(whom).ok_or_else(nobody)?;
    if whom == *user {
        return Err(AppError::invalid("You are in your own circle already.").into());
    }
    let is_here = find_profile(&state.database, &whom).await?;
    is_here
        .filter(|found| found.activated_at.is_some())
        .ok_or_else(nobody)?;
    let limits = Limited::Follow(user).limits(&state.config.limits, &state.keyring);
    limit::take(&state.database, &limits, state.now_s()).await?;
    store::follow(&state.database, user, &whom, state.now_s()).await?;
    state.rights.changed_of(&whom);
    Ok(())
}

/// Takes somebody out of one's circle, and out of one's social rooms; nobody there is no mistake.
///
/// # Errors
/// `TooMany`.
pub async fn unfollow(by: &Activated, whom: &str) -> Result<()> {
    let (state, user) = (&by.state, &by.person.id);
    let limits = Limited::Follow(user).limits(&state.config.limits, &state.keyring);
    limit::take(&state.database, &limits, state.now_s()).await?;
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

/// The circle, by name.
///
/// # Errors
/// If the database can't be asked.
pub async fn list_circle(by: &Activated) -> Result<Vec<Person>> {
    Ok(store::list_followed(&by.state.database, &by.person.id).await?)
}

fn nobody() -> AppError {
    AppError::not_found("That person is not here any more. Load the page again.")
}
