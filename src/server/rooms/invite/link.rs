//! One link into a room: its token, and whether it still works.
//!
//! The secret in the token is computed from the link's id and a secret key. So a host can copy a link again, although the database
//! does not contain the secret.

use super::store::{self, InviteRow};
use crate::{
    error::AppError,
    model::{
        id::{InviteId, RoomId},
        invisible::pasted_token,
        isolated::isolated,
        room::RoomInfo,
    },
    server::{
        error::Result,
        keyring::{Purpose, same, sha256_hex},
        rooms::{entry_refusal, store::find_room_info},
        state::AppState,
    },
};

/// Whether people without an e-mail address may come in by this link.
pub fn admits_guests(state: &AppState, row: &InviteRow) -> bool {
    row.guests != 0 && state.config.sign_up.guests
}

/// The link in `token` and the room that it leads into, if the link works at this moment.
///
/// # Errors
/// `NotFound` if there is no such link or its room has ended (the error says who ended it); `Forbidden`, with the reason, if the link no
/// longer works.
pub async fn find_good(state: &AppState, token: &str) -> Result<(InviteRow, RoomInfo)> {
    let (row, info) = find_unspent(state, token).await?;
    match state.voice.find_room(info.id.clone()).await {
        Some(_) => Ok((row, info)),
        None => Err(entry_refusal::over(state, &info.id).await?.into()),
    }
}

/// Like [`find_good`], but `None` if the room has ended. Callers that show no reason use this function, because it does not wait until the
/// end of the room is stored.
///
/// # Errors
/// `NotFound` if there is no such link; `Forbidden` if the link no longer works.
pub async fn find_good_if_live(state: &AppState, token: &str) -> Result<Option<(InviteRow, RoomInfo)>> {
    let (row, info) = find_unspent(state, token).await?;
    let live = state.voice.find_room(info.id.clone()).await;
    Ok(live.map(|_| (row, info)))
}

/// The link in `token`, which is neither expired, revoked nor used up, and its room, live or ended.
async fn find_unspent(state: &AppState, token: &str) -> Result<(InviteRow, RoomInfo)> {
    let row = find_row(state, token).await?;
    let info = room_info_of(state, &row).await?;
    match spent(&row, state.now_s(), &info.host.name) {
        Some(message) => Err(message.into()),
        None => Ok((row, info)),
    }
}

/// The error for a link that worked a moment ago and has now stopped working, for example because somebody else took its last use.
pub async fn why_not(state: &AppState, token: &str) -> Result<AppError> {
    let row = find_row(state, token).await?;
    let info = room_info_of(state, &row).await?;
    Ok(spent(&row, state.now_s(), &info.host.name).unwrap_or_else(no_such_link))
}

/// The row of the link in `token`.
///
/// # Errors
/// `NotFound` for a malformed or forged token, and for a link that was deleted.
pub async fn find_row(state: &AppState, token: &str) -> Result<InviteRow> {
    let token = pasted_token(token);
    let (id, secret) = token.split_once('.').ok_or_else(no_such_link)?;
    let id = InviteId::parse(id).ok_or_else(no_such_link)?;
    if !same(secret.as_bytes(), secret_of(state, &id).as_bytes()) {
        return Err(no_such_link().into());
    }
    Ok(store::find_invite(&state.database, &id)
        .await?
        .ok_or_else(no_such_link)?)
}

/// The room that the link leads into, live or ended.
///
/// # Errors
/// `NotFound` if the room was deleted.
pub async fn room_info_of(state: &AppState, row: &InviteRow) -> Result<RoomInfo> {
    let room = RoomId::parse(&row.room_id).ok_or_else(no_such_link)?;
    Ok(find_room_info(&state.database, &room).await?.ok_or_else(no_such_link)?)
}

/// Why the link no longer works; `None` if it does. `host` is the name of the person to ask for another link.
pub fn spent(row: &InviteRow, now_s: i64, host: &str) -> Option<AppError> {
    let message = |what: &str| {
        Some(AppError::forbidden(format!(
            "This link no longer works: {what}. Ask {} for a new one.",
            isolated(host)
        )))
    };
    if row.revoked_at.is_some() {
        return message("it was turned off");
    }
    if row.expires_at <= now_s {
        return message("it has expired");
    }
    if row.uses >= row.most_uses {
        return message("as many people as it allows have used it");
    }
    None
}

/// The address of the link, which a host copies and sends.
pub fn link(state: &AppState, id: &InviteId) -> String {
    let secret = secret_of(state, id);
    state.config.public_url.link(&format!("/invite/{id}.{secret}"))
}

/// The secret of the link: 128 bits as 32 hexadecimal digits.
fn secret_of(state: &AppState, id: &InviteId) -> String {
    sha256_hex(&state.keyring.mac(Purpose::Invite, &[id.as_str().as_bytes()]))[..32].to_owned()
}

/// The error for a token that does not belong to a link.
pub fn no_such_link() -> AppError {
    AppError::not_found("This link does not work. Check that you copied all of it, or ask for a new one.")
}
