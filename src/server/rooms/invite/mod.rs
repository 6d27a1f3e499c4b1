//! Links into rooms, seen from the host's side: making, listing and revoking them. Links expire and count their uses.

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
        isolated::isolated,
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

/// How many links of a room can work at the same time. With more links, a host could not tell them apart.
const GOOD_LINKS_MAX: usize = 20;

/// Makes a link into a room that the person hosts.
///
/// # Errors
/// `NotFound` for a room that is not live or that the person may not enter; `Forbidden` for everybody except the hosts, and for a
/// link for guests if this Snug does not admit guests; `Invalid` for days or uses that the form does not offer; `Conflict` if the
/// room has too many links; `TooMany` if the person has made too many links.
pub async fn make(by: &Registered, room: &str, terms: Terms) -> Result<Invite> {
    let (state, user) = (&by.state, &by.person.id);
    let info = hosted(by, room).await?;
    terms.check(state)?;
    let limits = Limited::Invite(user).limits(&state.config.limits, &state.keyring);
    let now_s = state.now_s();
    let rows = store::list_invites(&state.database, &info.id).await?;
    if rows.iter().filter(|row| spent(row, now_s, "").is_none()).count() >= GOOD_LINKS_MAX {
        let sentence =
            format!("This room already has {GOOD_LINKS_MAX} links that work. Revoke one, then make another.");
        return Err(AppError::new(Kind::Conflict, sentence).into());
    }
    limit::take(&state.database, &state.refusals, &limits, now_s).await?;
    let id = InviteId::parse(&random_id(12)).ok_or_else(|| anyhow::anyhow!("a new invite id is malformed"))?;
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

/// The links into a room that the person hosts, the newest first, each with the people who came in by that link.
///
/// # Errors
/// `NotFound` for a room that is not live or that the person may not enter; `Forbidden` for everybody except the hosts.
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

/// Revokes a link into a room that the person hosts. From then on nobody can come in by the link. The people who already came in
/// stay, because hosts can remove or ban them one by one. If `guests` is true, the people who came by the link and are still guests
/// are removed at once.
///
/// # Errors
/// `NotFound` for a link that does not exist or whose room the person may not enter; `Forbidden` for everybody except the hosts, and
/// for a co-host who wants to remove guests.
pub async fn revoke(by: &Activated, id: &str, guests: bool) -> Result<()> {
    let (state, user) = (&by.state, &by.person.id);
    let id = InviteId::parse(id).ok_or_else(no_such_link)?;
    let row = store::find_invite(&state.database, &id)
        .await?
        .ok_or_else(no_such_link)?;
    // If the person may not enter the room, the error must not reveal that the link exists.
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
                "Only the host of this room can remove the guests of a link. Revoke the link alone, or ask the host.";
            return Err(AppError::forbidden(message).into());
        }
    }
    let state = state.clone();
    to_the_end(async move {
        store::revoke(&state.database, &id, state.now_s()).await?;
        // The link is revoked first, so that no more guests come in while we remove them.
        match guests {
            true => remove_all(&state, &id).await,
            false => Ok(()),
        }
    })
    .await
}

/// The room's info, if the person is its host or a co-host.
async fn hosted(by: &Activated, room: &str) -> Result<RoomInfo> {
    let (state, user) = (&by.state, &by.person.id);
    let info = find_live_room(state, room).await?;
    if !may_enter(state, user, &info).await? {
        return Err(no_such_room().into());
    }
    match state.voice.find_role_and_ban(info.id.clone(), user.clone()).await {
        Some((role, None)) if role.hosts() => Ok(info),
        _ => {
            let host = isolated(&info.host.name);
            let sentence = format!("Only the hosts can make links into this room. Ask {host}.");
            Err(AppError::forbidden(sentence).into())
        }
    }
}
