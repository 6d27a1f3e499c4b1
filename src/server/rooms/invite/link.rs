//! One link into a room: its token, and whether it still lets people in.

use super::store::{self, InviteRow};
use crate::{
    error::AppError,
    model::{
        id::{InviteId, RoomId},
        room::RoomInfo,
    },
    server::{
        error::Result,
        keyring::{Purpose, same, sha256_hex},
        rooms::store::find_room_info,
        state::AppState,
    },
};

/// Whether people without an e-mail address may come in by this link.
pub fn admits_guests(state: &AppState, row: &InviteRow) -> bool {
    row.guests != 0 && state.config.sign_up.guests
}

/// The link in `token` and the room it leads into, if it lets somebody in just now.
///
/// # Errors
/// `NotFound` and `Forbidden`, with the reason.
pub async fn find_good(state: &AppState, token: &str) -> Result<(InviteRow, RoomInfo)> {
    let row = find_row(state, token).await?;
    let info = room_info_of(state, &row).await?;
    if let Some(message) = spent(&row, state.now_s(), &info.host.name) {
        return Err(message.into());
    }
    state.voice.find_room(info.id.clone()).await.ok_or_else(expired)?;
    Ok((row, info))
}

/// Why a link that was good a moment ago lets nobody in now: somebody else was faster.
pub async fn why_not(state: &AppState, token: &str) -> Result<AppError> {
    let row = find_row(state, token).await?;
    let info = room_info_of(state, &row).await?;
    Ok(spent(&row, state.now_s(), &info.host.name).unwrap_or_else(no_such_link))
}

/// The row of the link in `token`.
///
/// # Errors
/// `NotFound` for a token that is not ours.
pub async fn find_row(state: &AppState, token: &str) -> Result<InviteRow> {
    let (id, secret) = token.split_once('.').ok_or_else(no_such_link)?;
    let id = InviteId::parse(id).ok_or_else(no_such_link)?;
    if !same(secret.as_bytes(), secret_of(state, &id).as_bytes()) {
        return Err(no_such_link().into());
    }
    Ok(store::find_invite(&state.database, &id)
        .await?
        .ok_or_else(no_such_link)?)
}

/// The room that the link leads into, live or not.
///
/// # Errors
/// `NotFound` if the room is forgotten.
pub async fn room_info_of(state: &AppState, row: &InviteRow) -> Result<RoomInfo> {
    let room = RoomId::parse(&row.room_id).ok_or_else(no_such_link)?;
    Ok(find_room_info(&state.database, &room).await?.ok_or_else(no_such_link)?)
}

/// The error for a good link whose room has ended.
pub fn expired() -> AppError {
    AppError::not_found(
        "The room that this link led to has faded: everybody left. Ask for a new one, or open a room yourself.",
    )
}

/// Why the link lets nobody in any more, if that is so. `host` is whom to ask for another.
pub fn spent(row: &InviteRow, now_s: i64, host: &str) -> Option<AppError> {
    let message = |what: &str| Some(AppError::forbidden(format!("{what} Ask {host} for a new one.")));
    if row.revoked_at.is_some() {
        return message("This link was revoked.");
    }
    if row.expires_at <= now_s {
        return message("This link has expired.");
    }
    if row.uses >= row.most_uses {
        return message("This link is used up: it has let in as many people as it was made for.");
    }
    None
}

/// The address that the host copies.
pub fn link(state: &AppState, id: &InviteId) -> String {
    let secret = secret_of(state, id);
    state.config.public_url.link(&format!("/invite/{id}.{secret}"))
}

/// 128 bits.
fn secret_of(state: &AppState, id: &InviteId) -> String {
    sha256_hex(&state.keyring.mac(Purpose::Invite, &[id.as_str().as_bytes()]))[..32].to_owned()
}

/// The error for a token that belongs to no link.
pub fn no_such_link() -> AppError {
    AppError::not_found("This link leads nowhere. Look whether all of it was copied, or ask for a new one.")
}
