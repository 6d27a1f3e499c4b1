//! Live rooms by their id, and the sentence for everything that is not one.

use crate::{
    error::AppError,
    model::{id::RoomId, room::RoomInfo},
    server::{error::Result, state::AppState},
};

/// The info of the live room with this id.
///
/// # Errors
/// `NotFound`, in the same words for a room that never was and one that has ended.
pub async fn find_live_room(state: &AppState, id: &str) -> Result<RoomInfo> {
    let id = RoomId::parse(id).ok_or_else(no_such_room)?;
    let page = state.voice.find_room(id).await.ok_or_else(no_such_room)?;
    Ok(page.info)
}

/// The error for a room that is not there, or that the person may not enter: nobody can tell the two apart.
pub fn no_such_room() -> AppError {
    AppError::not_found(
        "There is no room here that you may enter. Look at the link again, or ask whoever sent it for an invite link.",
    )
}
