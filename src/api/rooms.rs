//! Endpoints for rooms: list them, search them, count them, open one, find one.

use super::client::RefreshingClient;
use crate::{
    error::AppError,
    model::{
        room::{RoomCard, RoomInfo, RoomPage, RoomTopic},
        room_exit::ReturnState,
        room_list::RoomListPage,
    },
};
use leptos::prelude::*;

/// All rooms on your list: the active and the permanent rooms that you are allowed to see. Our own page calls [`search`], whose answer
/// is smaller. This endpoint is for other programs.
///
/// # Errors
/// `signed_out`, `not_activated`.
#[server(prefix = "/api", endpoint = "rooms/list", client = RefreshingClient)]
pub async fn list() -> Result<Vec<RoomCard>, AppError> {
    use crate::server::{auth::identity::current_visit, rooms};
    Ok(rooms::list_rooms(&current_visit()?.activated().await?).await?)
}

/// One page of your list: at most 24 rooms. `page` counts from 1; a number after the last page means the last page. If there are words
/// in `q`, only those rooms count whose topic, together with the names of the people inside, has each of the words.
///
/// # Errors
/// `signed_out`, `not_activated`.
#[server(prefix = "/api", endpoint = "rooms/search", client = RefreshingClient)]
pub async fn search(#[server(default)] q: String, #[server(default)] page: usize) -> Result<RoomListPage, AppError> {
    use crate::{
        model::room_list::RoomListQuery,
        server::{auth::identity::current_visit, rooms},
    };
    let by = current_visit()?.activated().await?;
    Ok(rooms::search_rooms(&by, RoomListQuery::new(page, &q)).await?)
}

/// Opens a room and redirects to its page. `kind` is "open", "social" or "private". `mode` is "everyone" (the default)
/// or "stage".
///
/// # Errors
/// `invalid` for the topic, kind or mode, `not_activated`, `too_many`.
#[server(prefix = "/api", endpoint = "rooms/open", client = RefreshingClient)]
pub async fn open(topic: String, kind: String, #[server(default)] mode: String) -> Result<RoomInfo, AppError> {
    use crate::server::{auth::identity::current_visit, rooms};
    let info = rooms::open_room(&current_visit()?.registered().await?, &topic, &kind, &mode).await?;
    leptos_axum::redirect(&format!("/rooms/{}", info.id));
    Ok(info)
}

/// A room's info and everybody inside.
///
/// # Errors
/// `not_found`, also for a room that has ended; `not_activated`; `forbidden` if the room's hosts have removed or banned you. After a
/// removal, `retry_after_s` says when you can come back.
#[server(prefix = "/api", endpoint = "rooms/find", client = RefreshingClient)]
pub async fn find(id: String) -> Result<RoomPage, AppError> {
    use crate::server::{auth::identity::current_visit, rooms};
    Ok(rooms::find_room(&current_visit()?.activated().await?, &id).await?)
}

/// Whether you can come back into a room whose hosts have removed or banned you, and who has let you in. The page of a removed person asks
/// this every few seconds.
///
/// # Errors
/// `not_found`, also for a room that has ended; `signed_out`, `not_activated`.
#[server(prefix = "/api", endpoint = "rooms/find_return", client = RefreshingClient)]
pub async fn find_return(id: String) -> Result<ReturnState, AppError> {
    use crate::server::{auth::identity::current_visit, rooms};
    Ok(rooms::find_return(&current_visit()?.activated().await?, &id).await?)
}

/// How many rooms of the kind "open" are active. People who are not signed in can call this endpoint, too, so its
/// answer contains only the number.
///
/// # Errors
/// Only network errors.
#[server(prefix = "/api", endpoint = "rooms/count", client = RefreshingClient)]
pub async fn count() -> Result<usize, AppError> {
    use crate::server::auth::identity::current_visit;
    Ok(current_visit()?.state.voice.count_open_rooms())
}

/// The topics of the active rooms of the kind "open" that are on your list: at most 24, for the windows on the home page.
///
/// # Errors
/// `signed_out`, `not_activated`.
#[server(prefix = "/api", endpoint = "rooms/list_open", client = RefreshingClient)]
pub async fn list_open() -> Result<Vec<RoomTopic>, AppError> {
    use crate::server::{auth::identity::current_visit, rooms};
    Ok(rooms::list_open_rooms(&current_visit()?.activated().await?).await?)
}
