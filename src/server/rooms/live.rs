//! Finding a live room by its id, and the error for rooms that do not exist or that a person may not enter.

use crate::{
    error::AppError,
    model::{id::RoomId, room::RoomInfo},
    server::{error::Result, state::AppState},
};

/// The info of the live room with this id.
///
/// # Errors
/// `NotFound`, with the same message for a room that never existed and a room that has ended.
pub async fn find_live_room(state: &AppState, id: &str) -> Result<RoomInfo> {
    let id = RoomId::parse(id).ok_or_else(no_such_room)?;
    let page = state.voice.find_room(id).await.ok_or_else(no_such_room)?;
    Ok(page.info)
}

/// The error for a room that does not exist or that the person may not enter. The message is the same in both cases, so that nobody
/// can find out which rooms exist.
pub fn no_such_room() -> AppError {
    AppError::not_found(
        "There is no room here that you can enter. Check the address, or ask the person who sent it to invite you.",
    )
}
