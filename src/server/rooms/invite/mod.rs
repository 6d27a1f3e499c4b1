//! Links into rooms: a host makes them, they expire, count their uses, and can be revoked.

pub mod store;

use super::{entry, find_sign, no_such_room, store as rooms};
use crate::{
    error::{AppError, Kind},
    model::{
        id::{InviteId, RoomId, UserId},
        invite::{DAYS, Invitation, Invite, MOST_USES},
        room::{Person, RoomKind, Sign},
    },
    server::{
        error::{Error, Result},
        keyring::{Purpose, random_id, same, sha256_hex},
        limit, profile,
        state::AppState,
    },
};
use std::collections::HashMap;
use store::{InviteRow, NewInvite};

/// More than anybody keeps apart.
const GOOD_LINKS_MAX: usize = 20;

/// Makes a link into the host's own room, good for so many days and people.
///
/// # Errors
/// `not_activated`, `NotFound`; `Forbidden` for who is not the host, `Invalid` for days or uses, `TooMany`.
pub async fn make(state: &AppState, user: &UserId, room: &str, days: u32, most_uses: u32) -> Result<Invite> {
    let sign = hosted(state, user, room).await?;
    if !DAYS.contains(&days) || !MOST_USES.contains(&most_uses) {
        return Err(AppError::invalid("A link is good for 1, 7 or 30 days, and for 1, 10, 50 or 500 people.").into());
    }
    if sign.kind == RoomKind::Open {
        return Err(AppError::invalid("This room is open: its own address lets everyone in.").into());
    }
    let limits = limit::invite_limits(&state.config.limits, &state.keyring, user);
    let now_s = state.now_s();
    let known = store::list_invites(&state.database, &sign.id).await?;
    if known.iter().filter(|row| spent(row, now_s, "").is_none()).count() >= GOOD_LINKS_MAX {
        let sentence = format!("This room has {GOOD_LINKS_MAX} links that are good. Revoke one, then make another.");
        return Err(AppError::new(Kind::Conflict, sentence).into());
    }
    limit::take(&state.database, &limits, now_s).await?;
    let id =
        InviteId::parse(&random_id(12)).ok_or_else(|| anyhow::anyhow!("a fresh id is always of the right form"))?;
    let expires_at = now_s + i64::from(days) * 86_400;
    let new = NewInvite {
        id: &id,
        room: &sign.id,
        made_by: user,
        now_s,
        expires_at,
        most_uses,
    };
    store::insert_invite(&state.database, &new).await?;
    Ok(Invite {
        link: link(state, &id),
        id,
        expires_in_s: days * 86_400,
        uses: 0,
        most_uses,
        revoked: false,
        came: vec![],
    })
}

/// The links into the host's own room, the newest first, with who came by each.
///
/// # Errors
/// `not_activated`, `NotFound`; `Forbidden` for who is not the host.
pub async fn list(state: &AppState, user: &UserId, room: &str) -> Result<Vec<Invite>> {
    let sign = hosted(state, user, room).await?;
    let rows = store::list_invites(&state.database, &sign.id).await?;
    let mut came: HashMap<String, Vec<Person>> = HashMap::new();
    for (invite, person) in store::list_members(&state.database, &sign.id).await? {
        came.entry(invite).or_default().push(person);
    }
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
            came: came.remove(&row.id).unwrap_or_default(),
        })
    };
    Ok(rows.into_iter().filter_map(invite).collect())
}

/// Revokes a link of the host's own room: nobody else comes in by it, and who did stays.
///
/// # Errors
/// `not_activated`, `NotFound`; `Forbidden` for who is not the host.
pub async fn revoke(state: &AppState, user: &UserId, id: &str) -> Result<()> {
    profile::find_activated(state, user).await?;
    let id = InviteId::parse(id).ok_or_else(no_such_link)?;
    let row = store::find_invite(&state.database, &id)
        .await?
        .ok_or_else(no_such_link)?;
    // A link of a room that one may not enter is none.
    hosted(state, user, &row.room_id).await.map_err(|error| match error {
        Error::Told(told) if told.kind == Kind::NotFound => no_such_link().into(),
        other => other,
    })?;
    Ok(store::revoke(&state.database, &id, state.now_s()).await?)
}

/// What the link in `token` leads to. Anybody who holds it may ask, signed in or not.
///
/// # Errors
/// `NotFound` for a link that never was or whose room has faded; `Forbidden` for one that is expired, revoked or used up,
/// whatever has become of its room.
pub async fn find(state: &AppState, user: Option<&UserId>, token: &str) -> Result<Invitation> {
    let row = find_row(state, token).await?;
    let sign = sign_of(state, &row).await?;
    // Who may enter anyway needs no link.
    let is_in = match user {
        Some(user) if profile::find_activated(state, user).await.is_ok() => {
            entry::may_enter(state, user, &sign).await?
        }
        _ => false,
    };
    if !is_in && let Some(told) = spent(&row, state.now_s(), &sign.host.name) {
        return Err(told.into());
    }
    let page = state.voice.find_room(sign.id.clone()).await.ok_or_else(faded)?;
    Ok(Invitation {
        topic: sign.topic,
        kind: sign.kind,
        from_name: sign.host.name,
        from_picture: sign.host.picture,
        inside: page.roster.len(),
    })
}

/// Lets the person in by the link; the room it leads into. Who may enter anyway uses none of it up.
///
/// # Errors
/// As [`find`], and `not_activated`.
pub async fn accept(state: &AppState, user: &UserId, token: &str) -> Result<RoomId> {
    profile::find_activated(state, user).await?;
    let row = find_row(state, token).await?;
    let sign = sign_of(state, &row).await?;
    if entry::may_enter(state, user, &sign).await? {
        return Ok(sign.id);
    }
    if let Some(told) = spent(&row, state.now_s(), &sign.host.name) {
        return Err(told.into());
    }
    state.voice.find_room(sign.id.clone()).await.ok_or_else(faded)?;
    if store::let_in(&state.database, &row, user, state.now_s()).await? {
        state.rights.changed_of(user);
        return Ok(sign.id);
    }
    // Somebody else was faster.
    let row = find_row(state, token).await?;
    let told = spent(&row, state.now_s(), &sign.host.name).unwrap_or_else(no_such_link);
    Err(told.into())
}

/// The room's sign, where `user` hosts it.
async fn hosted(state: &AppState, user: &UserId, room: &str) -> Result<Sign> {
    profile::find_activated(state, user).await?;
    let sign = find_sign(state, room).await?;
    if sign.host.id == *user {
        return Ok(sign);
    }
    if !entry::may_enter(state, user, &sign).await? {
        return Err(no_such_room().into());
    }
    let sentence = format!(
        "Links into this room are made by {}, who hosts it. Ask there.",
        sign.host.name
    );
    Err(AppError::forbidden(sentence).into())
}

async fn sign_of(state: &AppState, row: &InviteRow) -> Result<Sign> {
    let room = RoomId::parse(&row.room_id).ok_or_else(no_such_link)?;
    Ok(rooms::find_sign(&state.database, &room)
        .await?
        .ok_or_else(no_such_link)?)
}

fn faded() -> AppError {
    AppError::not_found(
        "The room that this link led to has faded: everybody left. Ask for a new one, or open a room yourself.",
    )
}

async fn find_row(state: &AppState, token: &str) -> Result<InviteRow> {
    let (id, secret) = token.split_once('.').ok_or_else(no_such_link)?;
    let id = InviteId::parse(id).ok_or_else(no_such_link)?;
    if !same(secret.as_bytes(), self::secret(state, &id).as_bytes()) {
        return Err(no_such_link().into());
    }
    Ok(store::find_invite(&state.database, &id)
        .await?
        .ok_or_else(no_such_link)?)
}

/// The sentence for a link that lets nobody in any more.
fn spent(row: &InviteRow, now_s: i64, host: &str) -> Option<AppError> {
    let told = |what: &str| Some(AppError::forbidden(format!("{what} Ask {host} for a new one.")));
    if row.revoked_at.is_some() {
        return told("This link was revoked.");
    }
    if row.expires_at <= now_s {
        return told("This link has expired.");
    }
    if row.uses >= row.most_uses {
        return told("This link is used up: it has let in as many people as it was made for.");
    }
    None
}

fn link(state: &AppState, id: &InviteId) -> String {
    let secret = secret(state, id);
    state.config.public_url.link(&format!("/invite/{id}.{secret}"))
}

/// 128 bits.
fn secret(state: &AppState, id: &InviteId) -> String {
    sha256_hex(&state.keyring.mac(Purpose::Invite, &[id.as_str().as_bytes()]))[..32].to_owned()
}

fn no_such_link() -> AppError {
    AppError::not_found("This link leads nowhere. Look whether all of it was copied, or ask for a new one.")
}
