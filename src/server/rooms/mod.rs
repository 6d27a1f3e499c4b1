//! Rooms: opening one, finding one, the list, and the rows that outlive a restart.

pub mod store;

use super::{error::Result, keyring::random_id, limit, profile, state::AppState};
use crate::{
    error::AppError,
    model::{
        id::{RoomId, UserId},
        room::{RoomCard, RoomKind, RoomPage, Sign, Topic},
    },
};
use tokio::sync::mpsc;

/// Opens a room.
///
/// # Errors
/// `Invalid` for topic or kind, `not_activated`, `TooMany`.
pub async fn open_room(state: &AppState, user: &UserId, topic: &str, kind: &str) -> Result<Sign> {
    let host = profile::find_activated(state, user).await?;
    let topic = Topic::parse(topic).map_err(AppError::invalid)?;
    let kind = RoomKind::parse(kind).map_err(AppError::invalid)?;
    let limits = limit::open_room_limits(&state.config.limits, &state.keyring, user);
    limit::take(&state.database, &limits, state.now_s()).await?;

    let id = RoomId::parse(&random_id(12)).ok_or_else(|| anyhow::anyhow!("a fresh id is always of the right form"))?;
    store::insert_room(&state.database, &id, &topic, kind, user, state.now_s()).await?;
    let sign = Sign {
        id,
        topic: topic.as_str().to_owned(),
        kind,
        host,
    };
    state.voice.open_room(sign.clone());
    Ok(sign)
}

/// The lit rooms that the user may see on the list.
///
/// # Errors
/// `not_activated`.
pub async fn list_rooms(state: &AppState, user: &UserId) -> Result<Vec<RoomCard>> {
    profile::find_activated(state, user).await?;
    Ok(state.voice.list_rooms(user))
}

/// The room's sign and everybody inside. A link enters any room.
///
/// # Errors
/// `not_activated`; `NotFound` for an id of the wrong form, a room that never was, and one that has faded.
pub async fn find_room(state: &AppState, user: &UserId, id: &str) -> Result<RoomPage> {
    profile::find_activated(state, user).await?;
    let id = RoomId::parse(id).ok_or_else(no_such_room)?;
    match state.voice.find_room(id.clone()).await {
        Some(page) => Ok(page),
        None if store::was_room(&state.database, &id).await? => {
            Err(AppError::not_found("This room has faded: everybody left. Open a new one and send its link.").into())
        }
        None => Err(no_such_room().into()),
    }
}

fn no_such_room() -> AppError {
    AppError::not_found("There is no such room. Look at the link again, or see which rooms are lit.")
}

/// Opens the rooms of before the restart again, and ends the rows of rooms as they fade from now on.
///
/// # Errors
/// Where the database can't be asked.
pub async fn resume(state: &AppState) -> Result<()> {
    for sign in store::list_standing(&state.database).await? {
        state.voice.open_room(sign);
    }
    let (tell, faded) = mpsc::unbounded_channel();
    state.voice.on_fade(tell);
    tokio::spawn(end_faded(state.clone(), faded));
    Ok(())
}

async fn end_faded(state: AppState, mut faded: mpsc::UnboundedReceiver<RoomId>) {
    while let Some(room) = faded.recv().await {
        if let Err(error) = store::end_room(&state.database, &room, state.now_s()).await {
            tracing::warn!(%error, %room, "a faded room could not be ended; the next start lets it fade again");
        }
    }
}
