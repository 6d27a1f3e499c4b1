//! Rooms: opening one, finding one, the list, and the rows that outlive a restart.

pub mod access;
pub mod circle;
pub mod guest;
pub mod invite;
pub mod list_delta;
mod live;
pub mod persist;
pub mod store;

use super::{
    error::Result,
    gate::{Activated, Registered},
    keyring::random_id,
    limit::{self, Limited},
    state::AppState,
    voice::command::Restored,
};
use crate::{
    error::AppError,
    model::{
        id::RoomId,
        room::{RoomCard, RoomInfo, RoomKind, RoomPage, Rules, Topic},
        stage::Mode,
    },
};
use access::{VisibleRooms, may_enter};
use live::no_such_room;
use tokio::sync::mpsc;

/// Opens a room.
///
/// # Errors
/// `Invalid` for topic, kind or mode, `TooMany`.
pub async fn open_room(by: &Registered, topic: &str, kind: &str, mode: &str) -> Result<RoomInfo> {
    let (state, host) = (&by.state, by.person.clone());
    let topic = Topic::parse(topic).map_err(AppError::invalid)?;
    let kind = RoomKind::parse(kind).map_err(AppError::invalid)?;
    let mode = Mode::parse(mode).map_err(AppError::invalid)?;
    let limits = Limited::OpenRoom(&host.id).limits(&state.config.limits, &state.keyring);
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
/// If the database can't be asked.
pub async fn list_rooms(by: &Activated) -> Result<Vec<RoomCard>> {
    let visible = VisibleRooms::of(&by.state, &by.person.id).await?;
    let seen = visible.of_list(&by.state.voice.watch_rooms().borrow());
    Ok(seen.iter().map(|card| RoomCard::clone(card)).collect())
}

/// The room's info and everybody inside, for who may enter.
///
/// # Errors
/// `NotFound` for an id of the wrong form, a room that never was, one that has faded, and, in the same words
/// as for one that never was, a room that the user may not enter; `Forbidden` for whom its hosts have put out.
pub async fn find_room(by: &Activated, id: &str) -> Result<RoomPage> {
    let (state, user) = (&by.state, &by.person.id);
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
