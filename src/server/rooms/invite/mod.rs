//! Links into rooms, seen from the host's side: making, listing and revoking them. Links expire and count their uses.

pub mod link;
mod link_rights;
pub mod redeem;
pub mod store;
pub mod terms;

use super::guest::remove_all;
use crate::{
    error::{AppError, Kind},
    model::{
        id::InviteId,
        invite::{Invite, InviteList},
        room::Person,
    },
    server::{
        auth::to_the_end,
        error::{Error, Result},
        gate::Activated,
        keyring::random_id,
        limit::{self, Limited},
    },
};
use link::{link, no_such_link, spent};
use link_rights::{LinkRights, hosted};
use std::collections::HashMap;
use store::{InviteRow, NewInvite};
use terms::Terms;

/// How many links of a room can work at the same time. With more links, a host could not tell them apart.
const GOOD_LINKS_MAX: usize = 20;

/// Makes a link into a room that the person hosts. Guests can host, too, because anybody can be a stand-in.
///
/// # Errors
/// `NotFound` for a room that is not live or that the person may not enter; `Forbidden` for everybody except the hosts, and for a
/// link for guests if this Snug does not admit guests; `Invalid` for days or uses that the form does not offer; `Conflict` if the
/// room has too many links; `TooMany` if the person has made too many links.
pub async fn make(by: &Activated, room: &str, terms: Terms) -> Result<Invite> {
    let (state, user) = (&by.state, &by.person.id);
    let (info, rights) = hosted(by, room).await?;
    terms.check(state)?;
    let limits = Limited::Invite(user).limits(&state.limits.get(), &state.keyring);
    let now_s = state.now_s();
    let rows = store::list_invites(&state.database, &info.id).await?;
    if rows.iter().filter(|row| spent(row, now_s, "").is_none()).count() >= GOOD_LINKS_MAX {
        // A stand-in may turn off only the links that they made.
        let has_link = rows
            .iter()
            .any(|row| spent(row, now_s, "").is_none() && rights.include(row, user));
        let advice = match has_link {
            true => "Turn one off, then make another.",
            false => "The owner of the room can turn one off.",
        };
        let sentence = format!("This room already has {GOOD_LINKS_MAX} links that work. {advice}");
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

/// The links into a room that the person hosts, the newest first, each with the people who came in by that link. A stand-in reads
/// only the links that they made.
///
/// # Errors
/// `NotFound` for a room that is not live or that the person may not enter; `Forbidden` for everybody except the hosts.
pub async fn list(by: &Activated, room: &str) -> Result<InviteList> {
    let state = &by.state;
    let (info, rights) = hosted(by, room).await?;
    let mut rows = store::list_invites(&state.database, &info.id).await?;
    rows.retain(|row| rights.include(row, &by.person.id));
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
/// `NotFound` for a link that does not exist or whose room the person may not enter; `Forbidden` for everybody except the hosts, for
/// a co-host or a stand-in who wants to remove guests, and for a stand-in if somebody else made the link.
pub async fn revoke(by: &Activated, id: &str, guests: bool) -> Result<()> {
    let state = &by.state;
    let id = InviteId::parse(id).ok_or_else(no_such_link)?;
    let row = store::find_invite(&state.database, &id)
        .await?
        .ok_or_else(no_such_link)?;
    // If the person may not enter the room, the error must not reveal that the link exists.
    let (_, rights) = hosted(by, &row.room_id).await.map_err(|error| match error {
        Error::Public(message) if message.kind == Kind::NotFound => no_such_link().into(),
        other => other,
    })?;
    if !rights.include(&row, &by.person.id) {
        let message =
            "You are host only while the owner of this room is away. You can turn off only the links that you made.";
        return Err(AppError::forbidden(message).into());
    }
    if guests && rights != LinkRights::AllAndGuests {
        let message = "Only the owner of this room, or a co-host who hosts it, can remove the guests of a link. Turn off the link alone, \
                       or ask the owner.";
        return Err(AppError::forbidden(message).into());
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
