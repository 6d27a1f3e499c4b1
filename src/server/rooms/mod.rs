//! Rooms: opening one, finding one, the list, and the rows that outlive a restart.

pub mod circle;
pub mod entry;
pub mod guest;
pub mod invite;
pub mod store;

use super::{error::Result, keyring::random_id, limit, profile, state::AppState};
use crate::{
    error::AppError,
    model::{
        id::{RoomId, UserId},
        room::{RoomCard, RoomKind, RoomPage, Sign, Topic},
    },
};
use entry::{Sight, may_enter};
use tokio::sync::mpsc;

/// Opens a room.
///
/// # Errors
/// `Invalid` for topic or kind, `not_activated`, `Forbidden` for a guest, `TooMany`.
pub async fn open_room(state: &AppState, user: &UserId, topic: &str, kind: &str) -> Result<Sign> {
    let host = profile::find_settled(state, user).await?;
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
    let sight = Sight::of(state, user).await?;
    Ok(sight.of_list(&state.voice.watch_rooms().borrow()))
}

/// The room's sign and everybody inside, for who may enter.
///
/// # Errors
/// `not_activated`; `NotFound` for an id of the wrong form, a room that never was, one that has faded, and, in the same words
/// as for one that never was, a room that the user may not enter.
pub async fn find_room(state: &AppState, user: &UserId, id: &str) -> Result<RoomPage> {
    profile::find_activated(state, user).await?;
    let id = RoomId::parse(id).ok_or_else(no_such_room)?;
    if let Some(page) = state.voice.find_room(id.clone()).await {
        return match may_enter(state, user, &page.sign).await? {
            true => Ok(page),
            false => Err(no_such_room().into()),
        };
    }
    match store::find_sign(&state.database, &id).await? {
        Some(sign) if may_enter(state, user, &sign).await? => {
            Err(AppError::not_found("This room has faded: everybody left. Open a new one and send its link.").into())
        }
        _ => Err(no_such_room().into()),
    }
}

/// The sign of a live room.
async fn find_sign(state: &AppState, id: &str) -> Result<Sign> {
    let id = RoomId::parse(id).ok_or_else(no_such_room)?;
    let page = state.voice.find_room(id).await.ok_or_else(no_such_room)?;
    Ok(page.sign)
}

fn no_such_room() -> AppError {
    AppError::not_found(
        "There is no room here that you may enter. Look at the link again, or ask whoever sent it for an invite link.",
    )
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
