//! Circles: a user's circle is whom they follow, and their social rooms are listed for it.

pub mod store;

use crate::{
    error::AppError,
    model::{id::UserId, room::Person},
    server::{auth::to_the_end, error::Result, limit, profile, state::AppState},
};

/// Takes somebody into one's circle.
///
/// # Errors
/// `not_activated`; `Forbidden` for a guest, `Invalid` for oneself, `NotFound` for nobody, `TooMany`.
pub async fn follow(state: &AppState, user: &UserId, whom: &str) -> Result<()> {
    profile::find_settled(state, user).await?;
    let whom = UserId::parse(whom).ok_or_else(nobody)?;
    if whom == *user {
        return Err(AppError::invalid("You are in your own circle already.").into());
    }
    let is_here = profile::store::find_profile(&state.database, &whom).await?;
    is_here
        .filter(|found| found.activated_at.is_some())
        .ok_or_else(nobody)?;
    let limits = limit::follow_limits(&state.config.limits, &state.keyring, user);
    limit::take(&state.database, &limits, state.now_s()).await?;
    store::follow(&state.database, user, &whom, state.now_s()).await?;
    state.rights.changed_of(&whom);
    Ok(())
}

/// Takes somebody out of one's circle, and out of one's social rooms; nobody there is no mistake.
///
/// # Errors
/// `not_activated`, `TooMany`.
pub async fn unfollow(state: &AppState, user: &UserId, whom: &str) -> Result<()> {
    profile::find_activated(state, user).await?;
    let limits = limit::follow_limits(&state.config.limits, &state.keyring, user);
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
/// `not_activated`.
pub async fn list_circle(state: &AppState, user: &UserId) -> Result<Vec<Person>> {
    profile::find_activated(state, user).await?;
    Ok(store::list_followed(&state.database, user).await?)
}

fn nobody() -> AppError {
    AppError::not_found("That person is not here any more. Load the page again.")
}
