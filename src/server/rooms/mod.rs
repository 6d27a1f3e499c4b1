//! Rooms: opening one, finding one, listing them, and restoring them after a restart.

pub mod access;
pub mod circle;
mod entry_refusal;
pub mod first_room;
pub mod guest;
pub mod invite;
pub mod list_delta;
pub mod list_page;
mod live;
pub mod persist;
pub mod store;

use super::{
    error::Result,
    gate::{Activated, Registered},
    keyring::random_id,
    limit::{self, Limited},
    state::AppState,
    voice::{command::Restored, registry::is_listed_for_all},
};
use crate::{
    error::AppError,
    model::{
        id::{RoomId, UserId},
        room::{RoomCard, RoomInfo, RoomKind, RoomPage, RoomTopic, Rules, Topic},
        room_exit::ReturnState,
        room_list::{RoomListPage, RoomListQuery},
        stage::Mode,
    },
};
use access::{VisibleRooms, may_enter};
use list_page::ListPager;
use live::{find_live_room, no_such_room};
use std::sync::Arc;

/// How many windows the street on the home page has.
const TOPICS_MAX: usize = 24;

/// Opens a room. The person who opens it is its host and its owner.
///
/// # Errors
/// `Invalid` if topic, kind or mode is not valid; `TooMany` if the person has opened too many rooms.
pub async fn open_room(by: &Registered, topic: &str, kind: &str, mode: &str) -> Result<RoomInfo> {
    let (state, host) = (&by.state, by.person.clone());
    let topic = Topic::parse(topic).map_err(AppError::invalid)?;
    let kind = RoomKind::parse(kind).map_err(AppError::invalid)?;
    let mode = Mode::parse(mode).map_err(AppError::invalid)?;
    let limits = Limited::OpenRoom(&host.id).limits(&state.limits.get(), &state.keyring);
    limit::take(&state.database, &state.refusals, &limits, state.now_s()).await?;

    let id = RoomId::parse(&random_id(12)).ok_or_else(|| anyhow::anyhow!("a new room id is malformed"))?;
    let rules = Rules {
        mode,
        ..Rules::default()
    };
    let info = RoomInfo::new(id, topic.as_str(), kind, host, rules);
    store::insert_room(&state.database, &info, state.now_s()).await?;
    state.voice.open_room(info.clone(), Restored::default());
    Ok(info)
}

/// The rooms that the user sees on the list.
///
/// # Errors
/// If the database can't be read.
pub async fn list_rooms(by: &Activated) -> Result<Vec<RoomCard>> {
    let visible = VisibleRooms::of(&by.state, &by.person.id).await?;
    let seen = visible.of_list(&by.state.voice.watch_rooms().borrow());
    Ok(seen.iter().map(|card| RoomCard::clone(card)).collect())
}

/// The topics of the active rooms of the kind Open that the user sees on the list, at most [`TOPICS_MAX`].
///
/// # Errors
/// If the database can't be read.
pub async fn list_open_rooms(by: &Activated) -> Result<Vec<RoomTopic>> {
    let visible = VisibleRooms::of(&by.state, &by.person.id).await?;
    let seen = visible.of_list(&by.state.voice.watch_rooms().borrow());
    let open = seen.iter().filter(|card| is_listed_for_all(card)).take(TOPICS_MAX);
    let topic = |card: &Arc<RoomCard>| RoomTopic {
        id: card.info.id.clone(),
        topic: card.info.topic.clone(),
    };
    Ok(open.map(topic).collect())
}

/// One page of the rooms that the user sees on the list.
///
/// # Errors
/// If the database can't be read.
pub async fn search_rooms(by: &Activated, query: RoomListQuery) -> Result<RoomListPage> {
    let visible = VisibleRooms::of(&by.state, &by.person.id).await?;
    let seen = visible.of_list(&by.state.voice.watch_rooms().borrow());
    Ok(ListPager::new(query).page(seen, by.state.now_s()))
}

/// The room's info and the people inside, if the user may enter.
///
/// # Errors
/// `NotFound` with one and the same message for a malformed id, a room that never existed and a room that the user may not enter;
/// `NotFound` with another message for a room that has ended, which says who ended it; `Forbidden` if its hosts have removed or banned the
/// user. The error about a removal says in how many seconds the user can come back.
pub async fn find_room(by: &Activated, id: &str) -> Result<RoomPage> {
    let (state, user) = (&by.state, &by.person.id);
    let id = RoomId::parse(id).ok_or_else(no_such_room)?;
    if let Some(mut page) = state.voice.find_room(id.clone()).await {
        if !may_enter(state, user, &page.info).await? {
            return Err(no_such_room().into());
        }
        if let Some(bar) = state.voice.find_active_bar(id.clone(), user.clone()).await {
            return Err(entry_refusal::barred(&bar, &page.info.topic, state.now_s()).into());
        }
        page.let_in_by = find_who_let_in(state, id, user).await;
        return Ok(page);
    }
    match store::find_room_info(&state.database, &id).await? {
        Some(info) if may_enter(state, user, &info).await? => Err(entry_refusal::over(state, &id).await?.into()),
        _ => Err(no_such_room().into()),
    }
}

/// Whether somebody whom the hosts of the room have removed or banned can come back. Their page asks this again and again, so the answer is
/// no error while they can't.
///
/// # Errors
/// `NotFound` if the room is not live or the user may not enter it.
pub async fn find_return(by: &Activated, id: &str) -> Result<ReturnState> {
    let (state, user) = (&by.state, &by.person.id);
    let info = find_live_room(state, id).await?;
    if !may_enter(state, user, &info).await? {
        return Err(no_such_room().into());
    }
    let bar = state.voice.find_active_bar(info.id.clone(), user.clone()).await;
    let let_in_by = match &bar {
        Some(_) => None,
        None => find_who_let_in(state, info.id, user).await,
    };
    Ok(ReturnState {
        may_enter: bar.is_none(),
        let_in_by,
    })
}

async fn find_who_let_in(state: &AppState, room: RoomId, user: &UserId) -> Option<String> {
    let host = state.voice.find_who_let_in(room, user.clone()).await?;
    Some(host.name)
}

/// Opens all rooms again that had not ended when the server stopped, and begins to store what happens in rooms. The server calls
/// this when it starts. The reopened rooms are empty at first. If nobody comes back, they end like any other empty room.
///
/// # Errors
/// If the database can't be read.
pub async fn resume(state: &AppState) -> Result<()> {
    for info in store::list_live(&state.database).await? {
        let restored = Restored {
            records: persist::store::list_records(&state.database, &info.id).await?,
            log: persist::store::list_log(&state.database, &info.id).await?,
            owner_left_at_s: persist::store::find_owner_left(&state.database, &info.id).await?,
        };
        state.voice.open_room(info, restored);
    }
    tokio::spawn(persist::Writer::of(state).run());
    Ok(())
}
