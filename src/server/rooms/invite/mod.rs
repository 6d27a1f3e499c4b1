//! Links into rooms: a host makes them, they expire, count their uses, and can be revoked.

pub mod link;
pub mod redeem;
pub mod store;
pub mod terms;

use super::{
    access::may_enter,
    guest::remove_all,
    live::{find_live_room, no_such_room},
};
use crate::{
    error::{AppError, Kind},
    model::{
        id::{InviteId, RoomId},
        invite::{Invite, InviteList},
        room::{Person, RoomInfo},
        stage::Role,
    },
    server::{
        auth::to_the_end,
        error::{Error, Result},
        gate::{Activated, Registered},
        keyring::random_id,
        limit::{self, Limited},
    },
};
use link::{link, no_such_link, spent};
use std::collections::HashMap;
use store::{InviteRow, NewInvite};
use terms::Terms;

/// More than anybody keeps apart.
const GOOD_LINKS_MAX: usize = 20;

/// Makes a link into the host's own room.
///
/// # Errors
/// `NotFound`; `Forbidden` for everybody but the hosts, and for a link that admits guests if this Snug takes none; `Invalid` for
/// days or uses, `Conflict` for one link too many, `TooMany`.
pub async fn make(by: &Registered, room: &str, terms: Terms) -> Result<Invite> {
    let (state, user) = (&by.state, &by.person.id);
    let info = hosted(by, room).await?;
    terms.check(state)?;
    let limits = Limited::Invite(user).limits(&state.config.limits, &state.keyring);
    let now_s = state.now_s();
    let activated = store::list_invites(&state.database, &info.id).await?;
    if activated.iter().filter(|row| spent(row, now_s, "").is_none()).count() >= GOOD_LINKS_MAX {
        let sentence = format!("This room has {GOOD_LINKS_MAX} links that are good. Revoke one, then make another.");
        return Err(AppError::new(Kind::Conflict, sentence).into());
    }
    limit::take(&state.database, &limits, now_s).await?;
    let id =
        InviteId::parse(&random_id(12)).ok_or_else(|| anyhow::anyhow!("a fresh id is always of the right form"))?;
    let new = NewInvite {
        id: &id,
        room: &info.id,
        made_by: user,
        now_s,
        expires_at: now_s + i64::from(terms.days) * 86_400,
        terms,
    };
    store::insert_invite(&state.database, &new).await?;
    Ok(Invite {
        link: link(state, &id),
        id,
        expires_in_s: terms.days * 86_400,
        uses: 0,
        most_uses: terms.most_uses,
        revoked: false,
        guests: terms.guests,
        came: vec![],
        guests_here: 0,
    })
}

/// The links into the host's own room, the newest first, with who came by each.
///
/// # Errors
/// `NotFound`; `Forbidden` for everybody but the hosts.
pub async fn list(by: &Activated, room: &str) -> Result<InviteList> {
    let (state, info) = (&by.state, hosted(by, room).await?);
    let rows = store::list_invites(&state.database, &info.id).await?;
    let mut came: HashMap<String, Vec<Person>> = HashMap::new();
    for (invite, person) in store::list_members(&state.database, &info.id).await? {
        came.entry(invite).or_default().push(person);
    }
    let guests: HashMap<String, i64> = store::count_guests(&state.database, &info.id)
        .await?
        .into_iter()
        .collect();
    let now_s = state.now_s();
    let invite = |row: InviteRow| {
        let id = InviteId::parse(&row.id)?;
        Some(Invite {
            link: link(state, &id),
            id,
            expires_in_s: (row.expires_at - now_s).max(0) as u32,
            uses: row.uses as u32,
            most_uses: row.most_uses as u32,
            revoked: row.revoked_at.is_some(),
            guests: row.guests != 0,
            came: came.remove(&row.id).unwrap_or_default(),
            guests_here: guests.get(&row.id).map_or(0, |count| *count as u32),
        })
    };
    Ok(InviteList {
        invites: rows.into_iter().filter_map(invite).collect(),
        guests: state.config.sign_up.guests,
    })
}

/// Revokes a link of the host's own room: nobody else comes in by it, and who did stays; with its `guests`, those of them who
/// are guests still are removed at once.
///
/// # Errors
/// `NotFound`; `Forbidden` for everybody but the hosts. A co-host can't remove guests by their link.
pub async fn revoke(by: &Activated, id: &str, guests: bool) -> Result<()> {
    let (state, user) = (&by.state, &by.person.id);
    let id = InviteId::parse(id).ok_or_else(no_such_link)?;
    let row = store::find_invite(&state.database, &id)
        .await?
        .ok_or_else(no_such_link)?;
    // A link of a room that one may not enter is none.
    hosted(by, &row.room_id).await.map_err(|error| match error {
        Error::Public(message) if message.kind == Kind::NotFound => no_such_link().into(),
        other => other,
    })?;
    if guests {
        let found = match RoomId::parse(&row.room_id) {
            Some(room) => state.voice.find_role_and_ban(room, user.clone()).await,
            None => None,
        };
        if found.is_none_or(|(role, _)| role != Role::Host) {
            let message =
                "Only the host of this room removes the guests of a link. Revoke the link alone, or ask the host.";
            return Err(AppError::forbidden(message).into());
        }
    }
    let state = state.clone();
    to_the_end(async move {
        store::revoke(&state.database, &id, state.now_s()).await?;
        // Only then: nobody comes in between.
        match guests {
            true => remove_all(&state, &id).await,
            false => Ok(()),
        }
    })
    .await
}

/// The room's info, where `user` hosts it, or is its co-host.
async fn hosted(by: &Activated, room: &str) -> Result<RoomInfo> {
    let (state, user) = (&by.state, &by.person.id);
    let info = find_live_room(state, room).await?;
    if !may_enter(state, user, &info).await? {
        return Err(no_such_room().into());
    }
    match state.voice.find_role_and_ban(info.id.clone(), user.clone()).await {
        Some((role, None)) if role.hosts() => Ok(info),
        _ => {
            let host = &info.host.name;
            let sentence = format!("Links into this room are made by {host}, who hosts it. Ask there.");
            Err(AppError::forbidden(sentence).into())
        }
    }
}
