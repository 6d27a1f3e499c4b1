//! Links into rooms, seen from the side of a person who got a link: what the link leads to, and coming in by the link.

use super::{
    link::{admits_guests, find_good, find_good_if_live, find_row, room_info_of, spent, why_not},
    store,
};
use crate::{
    error::Kind,
    model::{id::RoomId, invite::Invitation, return_to},
    server::{
        auth::identity::Visit,
        error::{Error, Result},
        gate::Activated,
        profile::reserved_names,
        rooms::{access::may_enter, entry_refusal, guest::banned_browser},
        state::AppState,
    },
};

/// What the link in `token` leads to. Anybody who has the link may call this, even without signing in. The call does not count as a
/// use of the link, because mail and chat programs open links too.
///
/// # Errors
/// `NotFound` for a link that never existed or whose room has ended; `Forbidden` for a link that is expired, revoked or used up, even
/// if its room has ended too, and for a person whom the hosts of the room have removed or banned.
pub async fn find(visit: &Visit, token: &str) -> Result<Invitation> {
    let state = &visit.state;
    let signed_in = visit.identity_if_signed_in()?.is_some();
    let row = find_row(state, token).await?;
    let info = room_info_of(state, &row).await?;
    // People who may enter anyway need no link.
    let by = match signed_in {
        true => visit.activated().await.ok(),
        false => None,
    };
    let is_in = match &by {
        Some(by) => may_enter(state, &by.person.id, &info).await?,
        None => false,
    };
    if !is_in && let Some(message) = spent(&row, state.now_s(), &info.host.name) {
        return Err(message.into());
    }
    let Some(page) = state.voice.find_room(info.id.clone()).await else {
        return Err(entry_refusal::over(state, &info.id).await?.into());
    };
    let guests = admits_guests(state, &row);
    if let Some(by) = &by {
        let bar = state.voice.find_active_bar(info.id.clone(), by.person.id.clone()).await;
        if let Some(bar) = bar {
            return Err(entry_refusal::barred(&bar, &info.topic, state.now_s()).into());
        }
    }
    // The page lets these people come in as guests, who are refused if somebody who is removed or banned was signed in with their
    // browser. So it says this before they press the button.
    let is_other_guest = by.as_ref().is_some_and(|by| by.guest) && !is_in;
    if (!signed_in || is_other_guest)
        && guests
        && let Some(refusal) = banned_browser::find_refusal(visit, &info).await?
    {
        return Err(refusal.into());
    }
    Ok(Invitation {
        topic: info.topic,
        kind: info.kind,
        from_name: info.host.name,
        from_picture: info.host.picture,
        inside: page.roster.len(),
        guests,
    })
}

/// Whether `next`, the path to go to after signing in, is a link that works. People who have such a link count as invited.
///
/// This does not count as a use of the link: a use is counted only when the person comes in. So people could request any number of
/// codes with one link, if there were no limits on codes.
///
/// # Errors
/// If the database can't be read.
pub async fn invites(state: &AppState, next: &str) -> Result<bool> {
    let Some(token) = return_to::destination(Some(next)).strip_prefix("/invite/") else {
        return Ok(false);
    };
    match find_good_if_live(state, token).await {
        Ok(found) => Ok(found.is_some()),
        Err(Error::Public(message)) if message.kind != Kind::Unavailable => Ok(false),
        Err(error) => Err(error),
    }
}

/// Lets the person into the room of the link, and returns the room. This counts as one use of the link, unless the person may enter
/// the room even without the link.
///
/// # Errors
/// The errors of [`find`]; `Forbidden` for a guest if the link does not admit guests, or if somebody who is removed or banned in the
/// room was signed in with the browser of the guest; `Conflict` for a guest whose name or face is reserved in the room.
pub async fn accept(visit: &Visit, by: &Activated, token: &str) -> Result<RoomId> {
    let (state, user) = (&by.state, &by.person.id);
    let row = find_row(state, token).await?;
    let info = room_info_of(state, &row).await?;
    if may_enter(state, user, &info).await? {
        return Ok(info.id);
    }
    let (row, info) = find_good(state, token).await?;
    if !admits_guests(state, &row) {
        by.require_registered()?;
    }
    if by.guest {
        banned_browser::require_none(visit, &info).await?;
        reserved_names::check_newcomer(state, &info.id, &by.person).await?;
    }
    if store::let_in(&state.database, &row, user, state.now_s()).await? {
        state.rights.changed_of(user);
        return Ok(info.id);
    }
    Err(why_not(state, token).await?.into())
}
