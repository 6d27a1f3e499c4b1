//! Links into rooms: a host makes them, they expire, count their uses, and can be revoked.

mod redeem;
pub mod store;

use super::{access, find_room_info, guest, no_such_room, store as rooms};
use crate::{
    error::{AppError, Kind},
    model::{
        id::{InviteId, RoomId, UserId},
        invite::{DAYS, Invite, InviteList, MOST_USES},
        room::{Person, RoomInfo},
        stage::Role,
    },
    server::{
        auth::to_the_end,
        error::{Error, Result},
        keyring::{Purpose, random_id, sha256_hex},
        limit, profile,
        state::AppState,
    },
};
pub use redeem::{accept, find, invites};
pub(super) use redeem::{admits_guests, find_good, why_not};
use std::collections::HashMap;
use store::{InviteRow, NewInvite};

/// More than anybody keeps apart.
const GOOD_LINKS_MAX: usize = 20;

/// What a link is to be good for.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub days: u32,
    pub most_uses: u32,
    /// Whether it admits people without an e-mail address.
    pub guests: bool,
}

impl Terms {
    fn check(self, state: &AppState) -> Result<(), AppError> {
        if !DAYS.contains(&self.days) || !MOST_USES.contains(&self.most_uses) {
            let message = "A link is good for 1, 7 or 30 days, and for 1, 10, 50 or 500 people.";
            return Err(AppError::invalid(message));
        }
        if self.guests && !state.config.sign_up.guests {
            let message = "This Snug takes nobody in without an e-mail address. Make the link without guests.";
            return Err(AppError::forbidden(message));
        }
        Ok(())
    }
}

/// Makes a link into the host's own room.
///
/// # Errors
/// `not_activated`, `NotFound`; `Forbidden` for who is not the host, for a guest, and for a link that admits guests where there
/// are none; `Invalid` for days or uses, `TooMany`.
pub async fn make(state: &AppState, user: &UserId, room: &str, terms: Terms) -> Result<Invite> {
    profile::find_settled(state, user).await?;
    let info = hosted(state, user, room).await?;
    terms.check(state)?;
    let limits = limit::invite_limits(&state.config.limits, &state.keyring, user);
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
/// `not_activated`, `NotFound`; `Forbidden` for who is not the host.
pub async fn list(state: &AppState, user: &UserId, room: &str) -> Result<InviteList> {
    let info = hosted(state, user, room).await?;
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
/// `not_activated`, `NotFound`; `Forbidden` for who does not host the room; a co-host removes no guests by their link.
pub async fn revoke(state: &AppState, user: &UserId, id: &str, guests: bool) -> Result<()> {
    profile::find_activated(state, user).await?;
    let id = InviteId::parse(id).ok_or_else(no_such_link)?;
    let row = store::find_invite(&state.database, &id)
        .await?
        .ok_or_else(no_such_link)?;
    // A link of a room that one may not enter is none.
    hosted(state, user, &row.room_id).await.map_err(|error| match error {
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
            true => guest::remove_all(&state, &id).await,
            false => Ok(()),
        }
    })
    .await
}

/// The room's info, where `user` hosts it, or is its co-host.
async fn hosted(state: &AppState, user: &UserId, room: &str) -> Result<RoomInfo> {
    profile::find_activated(state, user).await?;
    let info = find_room_info(state, room).await?;
    if !access::may_enter(state, user, &info).await? {
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

/// The sentence for a link that lets nobody in any more.
fn spent(row: &InviteRow, now_s: i64, host: &str) -> Option<AppError> {
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
