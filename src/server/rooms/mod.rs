//! Rooms: opening one, finding one, the list, and the rows that outlive a restart.

pub mod access;
pub mod circle;
pub mod guest;
pub mod invite;
pub mod list_delta;
pub mod persist;
pub mod store;

use super::{error::Result, keyring::random_id, limit, profile, state::AppState, voice::command::Restored};
use crate::{
    error::AppError,
    model::{
        id::{RoomId, UserId},
        room::{RoomCard, RoomInfo, RoomKind, RoomPage, Rules, Topic},
        stage::Mode,
    },
};
use access::{VisibleRooms, may_enter};
use tokio::sync::mpsc;

/// Opens a room.
///
/// # Errors
/// `Invalid` for topic, kind or mode, `not_activated`, `Forbidden` for a guest, `TooMany`.
pub async fn open_room(state: &AppState, user: &UserId, topic: &str, kind: &str, mode: &str) -> Result<RoomInfo> {
    let host = profile::find_settled(state, user).await?;
    let topic = Topic::parse(topic).map_err(AppError::invalid)?;
    let kind = RoomKind::parse(kind).map_err(AppError::invalid)?;
    let mode = Mode::parse(mode).map_err(AppError::invalid)?;
    let limits = limit::open_room_limits(&state.config.limits, &state.keyring, user);
    limit::take(&state.database, &limits, state.now_s()).await?;

    let id = RoomId::parse(&random_id(12)).ok_or_else(|| anyhow::anyhow!("a fresh id is always of the right form"))?;
    let info = RoomInfo {
        id,
        topic: topic.as_str().to_owned(),
        kind,
        opened_by: host.id.clone(),
        owned_by: host.id.clone(),
        host,
        rules: Rules {
            mode,
            ..Rules::default()
        },
    };
    store::insert_room(&state.database, &info, state.now_s()).await?;
    state.voice.open_room(info.clone(), Restored::default());
    Ok(info)
}

/// The active rooms that the user may see on the list.
///
/// # Errors
/// `not_activated`.
pub async fn list_rooms(state: &AppState, user: &UserId) -> Result<Vec<RoomCard>> {
    profile::find_activated(state, user).await?;
    let sight = VisibleRooms::of(state, user).await?;
    let seen = sight.of_list(&state.voice.watch_rooms().borrow());
    Ok(seen.iter().map(|card| RoomCard::clone(card)).collect())
}

/// The room's info and everybody inside, for who may enter.
///
/// # Errors
/// `not_activated`; `NotFound` for an id of the wrong form, a room that never was, one that has faded, and, in the same words
/// as for one that never was, a room that the user may not enter; `Forbidden` for whom its hosts have put out.
pub async fn find_room(state: &AppState, user: &UserId, id: &str) -> Result<RoomPage> {
    profile::find_activated(state, user).await?;
    let id = RoomId::parse(id).ok_or_else(no_such_room)?;
    if let Some(page) = state.voice.find_room(id.clone()).await {
        if !may_enter(state, user, &page.info).await? {
            return Err(no_such_room().into());
        }
        let found = state.voice.find_role_and_ban(id, user.clone()).await;
        return match found.and_then(|(_, bar)| bar) {
            Some(bar) => Err(AppError::forbidden(bar.sentence(state.now_s())).into()),
            None => Ok(page),
        };
    }
    match store::find_room_info(&state.database, &id).await? {
        Some(info) if may_enter(state, user, &info).await? => {
            Err(AppError::not_found("This room has faded: everybody left. Open a new one and send its link.").into())
        }
        _ => Err(no_such_room().into()),
    }
}

/// The info of a live room.
async fn find_room_info(state: &AppState, id: &str) -> Result<RoomInfo> {
    let id = RoomId::parse(id).ok_or_else(no_such_room)?;
    let page = state.voice.find_room(id).await.ok_or_else(no_such_room)?;
    Ok(page.info)
}

fn no_such_room() -> AppError {
    AppError::not_found(
        "There is no room here that you may enter. Look at the link again, or ask whoever sent it for an invite link.",
    )
}

/// Opens the rooms of before the restart again, and keeps from now on what happens in them.
///
/// # Errors
/// Where the database can't be asked.
pub async fn resume(state: &AppState) -> Result<()> {
    let (tell, kept) = mpsc::unbounded_channel();
    state.voice.on_persist(tell);
    for info in store::list_live(&state.database).await? {
        let restored = Restored {
            records: persist::store::list_records(&state.database, &info.id).await?,
            log: persist::store::list_log(&state.database, &info.id).await?,
        };
        state.voice.open_room(info, restored);
    }
    tokio::spawn(persist::run(state.clone(), kept));
    Ok(())
}
