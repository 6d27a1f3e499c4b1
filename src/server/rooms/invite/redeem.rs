//! The holder's side of a link: what it leads to, and coming in by it.

use super::{
    access, no_such_link, rooms, spent,
    store::{self, InviteRow},
};
use crate::{
    error::{AppError, Kind},
    model::{
        id::{InviteId, RoomId, UserId},
        invite::Invitation,
        return_to,
        room::RoomInfo,
    },
    server::{
        error::{Error, Result},
        keyring::same,
        profile,
        state::AppState,
    },
};

/// What the link in `token` leads to. Anybody who holds it may ask, signed in or not.
///
/// # Errors
/// `NotFound` for a link that never was or whose room has faded; `Forbidden` for one that is expired, revoked or used up,
/// whatever has become of its room.
pub async fn find(state: &AppState, user: Option<&UserId>, token: &str) -> Result<Invitation> {
    let row = find_row(state, token).await?;
    let info = room_info_of(state, &row).await?;
    // Who may enter anyway needs no link.
    let is_in = match user {
        Some(user) if profile::find_activated(state, user).await.is_ok() => {
            access::may_enter(state, user, &info).await?
        }
        _ => false,
    };
    if !is_in && let Some(message) = spent(&row, state.now_s(), &info.host.name) {
        return Err(message.into());
    }
    let page = state.voice.find_room(info.id.clone()).await.ok_or_else(expired)?;
    Ok(Invitation {
        topic: info.topic,
        kind: info.kind,
        from_name: info.host.name,
        from_picture: info.host.picture,
        inside: page.roster.len(),
        guests: admits_guests(state, &row),
    })
}

/// Whether one may come in by this link without an e-mail address.
pub(in crate::server::rooms) fn admits_guests(state: &AppState, row: &InviteRow) -> bool {
    row.guests != 0 && state.config.sign_up.guests
}

/// Whether the way on leads through a link that lets somebody in: who holds one was invited.
///
/// # Errors
/// Where the database can't be asked.
pub async fn invites(state: &AppState, next: &str) -> Result<bool> {
    let Some(token) = return_to::destination(Some(next)).strip_prefix("/invite/") else {
        return Ok(false);
    };
    match find_good(state, token).await {
        Ok(_) => Ok(true),
        Err(Error::Public(message)) if message.kind != Kind::Unavailable => Ok(false),
        Err(error) => Err(error),
    }
}

/// The link in `token` and the room it leads into, where it lets somebody in just now.
///
/// # Errors
/// As [`find`] for who is not in.
pub(in crate::server::rooms) async fn find_good(state: &AppState, token: &str) -> Result<(InviteRow, RoomInfo)> {
    let row = find_row(state, token).await?;
    let info = room_info_of(state, &row).await?;
    if let Some(message) = spent(&row, state.now_s(), &info.host.name) {
        return Err(message.into());
    }
    state.voice.find_room(info.id.clone()).await.ok_or_else(expired)?;
    Ok((row, info))
}

/// Why a link that was good a moment ago lets nobody in now: somebody else was faster.
pub(in crate::server::rooms) async fn why_not(state: &AppState, token: &str) -> Result<AppError> {
    let row = find_row(state, token).await?;
    let info = room_info_of(state, &row).await?;
    Ok(spent(&row, state.now_s(), &info.host.name).unwrap_or_else(no_such_link))
}

/// Lets the person in by the link; the room it leads into. Who may enter anyway uses none of it up.
///
/// # Errors
/// As [`find`], and `not_activated`; `Forbidden` for a guest where the link admits none.
pub async fn accept(state: &AppState, user: &UserId, token: &str) -> Result<RoomId> {
    profile::find_activated(state, user).await?;
    let row = find_row(state, token).await?;
    let info = room_info_of(state, &row).await?;
    if access::may_enter(state, user, &info).await? {
        return Ok(info.id);
    }
    let (row, info) = find_good(state, token).await?;
    if !admits_guests(state, &row) {
        profile::find_settled(state, user).await?;
    }
    if store::let_in(&state.database, &row, user, state.now_s()).await? {
        state.rights.changed_of(user);
        return Ok(info.id);
    }
    Err(why_not(state, token).await?.into())
}

async fn find_row(state: &AppState, token: &str) -> Result<InviteRow> {
    let (id, secret) = token.split_once('.').ok_or_else(no_such_link)?;
    let id = InviteId::parse(id).ok_or_else(no_such_link)?;
    if !same(secret.as_bytes(), super::secret(state, &id).as_bytes()) {
        return Err(no_such_link().into());
    }
    Ok(store::find_invite(&state.database, &id)
        .await?
        .ok_or_else(no_such_link)?)
}

async fn room_info_of(state: &AppState, row: &InviteRow) -> Result<RoomInfo> {
    let room = RoomId::parse(&row.room_id).ok_or_else(no_such_link)?;
    Ok(rooms::find_room_info(&state.database, &room)
        .await?
        .ok_or_else(no_such_link)?)
}

fn expired() -> AppError {
    AppError::not_found(
        "The room that this link led to has faded: everybody left. Ask for a new one, or open a room yourself.",
    )
}
