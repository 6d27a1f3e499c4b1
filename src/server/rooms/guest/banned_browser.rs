//! Keeps people whom a room has removed or banned, or whose account is deactivated, from coming back as guests in the same browser.
//!
//! A removal or a ban is for an account, and so is deactivating; but a guest gets a new account. The browser still has the mark of the
//! account that it was signed in with (`browser_mark`), also after signing out. Somebody who clears the cookies or takes another
//! browser can come back until the link is revoked.

use super::store::list_barred;
use crate::{
    error::AppError,
    model::{
        id::{RoomId, UserId},
        room::RoomInfo,
    },
    server::{
        auth::{account_status, browser_mark::BrowserMarks, identity::Visit},
        error::Result,
        rooms::entry_refusal::barred,
        state::AppState,
    },
};

/// Checks that no person who is removed or banned in the room, and nobody whose account is deactivated, was signed in with this
/// browser.
///
/// # Errors
/// `Forbidden`, with the sentence that a sign-in to an account that is deactivated gets, or with the error of [`find_refusal`]; if the
/// database can't be read.
pub async fn require_none(visit: &Visit, room: &RoomInfo) -> Result<()> {
    let (state, marks) = (&visit.state, BrowserMarks::of(visit));
    if marks.is_empty() {
        return Ok(());
    }
    let switched_off = account_status::store::list_switched_off(&state.database).await?;
    if switched_off.iter().any(|user| marks.has_user(&state.keyring, user)) {
        return Err(account_status::switched_off().into());
    }
    match find_refusal(visit, room).await? {
        Some(refusal) => Err(refusal.into()),
        None => Ok(()),
    }
}

/// The error for a guest, if somebody who is removed or banned in the room was signed in with this browser. It says what happened, and in
/// how many seconds a removal is over.
///
/// # Errors
/// If the database can't be read.
pub async fn find_refusal(visit: &Visit, room: &RoomInfo) -> Result<Option<AppError>> {
    let (state, marks) = (&visit.state, BrowserMarks::of(visit));
    if marks.is_empty() {
        return Ok(None);
    }
    for user in list_candidates(state, &room.id).await? {
        if !marks.has_user(&state.keyring, &user) {
            continue;
        }
        // The room knows whether the removal is over and whether the ban was lifted.
        if let Some(bar) = state.voice.find_active_bar(room.id.clone(), user).await {
            return Ok(Some(refused(barred(&bar, &room.topic, state.now_s()))));
        }
    }
    Ok(None)
}

/// The people to check: everybody whom the room has removed or banned, according to the database or the list of rooms. A new ban is on
/// that list before it is in the database, but the list has only rooms with people in them.
async fn list_candidates(state: &AppState, room: &RoomId) -> Result<Vec<UserId>> {
    let cards = state.voice.watch_rooms();
    let card = cards.borrow().iter().find(|card| card.info.id == *room).cloned();
    let mut users = card.map(|card| card.barred.clone()).unwrap_or_default();
    users.extend(list_barred(&state.database, room).await?);
    users.sort_unstable();
    users.dedup();
    Ok(users)
}

fn refused(error: AppError) -> AppError {
    let detail = format!(
        "{} You were signed in with this browser then, so you can't come in as a guest.",
        error.detail
    );
    AppError { detail, ..error }
}
