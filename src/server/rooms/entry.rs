//! Who may enter a room, and who sees it on the list.

use super::{circle, invite};
use crate::{
    model::{
        id::{RoomId, UserId},
        room::{RoomCard, RoomKind, Sign},
    },
    server::{error::Result, state::AppState},
};
use std::{collections::HashSet, sync::Arc};

/// Whether `user`, who is activated, may enter: an open room, their own, one that a link let them into, or a social one that
/// was opened by somebody who follows them. Whom its hosts have put out knows the room itself.
///
/// # Errors
/// Where the database can't be asked.
pub async fn may_enter(state: &AppState, user: &UserId, sign: &Sign) -> Result<bool> {
    if sign.kind == RoomKind::Open || is_theirs(sign, user) {
        return Ok(true);
    }
    let is_social = sign.kind == RoomKind::Social;
    if is_social && circle::store::follows(&state.database, &sign.opened_by, user).await? {
        return Ok(true);
    }
    Ok(invite::store::is_member(&state.database, &sign.id, user).await?)
}

/// Opened by them, or theirs to host now.
fn is_theirs(sign: &Sign, user: &UserId) -> bool {
    sign.host.id == *user || sign.opened_by == *user
}

/// What somebody sees of the list beside open rooms, as it was when it was asked for.
#[derive(Debug)]
pub struct Sight {
    user: UserId,
    /// Hosts who follow the user.
    followers: HashSet<UserId>,
    /// Rooms that a link let the user into.
    member_of: HashSet<RoomId>,
}

impl Sight {
    /// # Errors
    /// Where the database can't be asked.
    pub async fn of(state: &AppState, user: &UserId) -> Result<Self> {
        Ok(Self {
            user: user.clone(),
            followers: circle::store::list_followers(&state.database, user)
                .await?
                .into_iter()
                .collect(),
            member_of: invite::store::list_rooms_of(&state.database, user)
                .await?
                .into_iter()
                .collect(),
        })
    }

    /// Of `cards` those that the user may enter.
    pub fn of_list(&self, cards: &[Arc<RoomCard>]) -> Vec<RoomCard> {
        let seen = cards.iter().filter(|card| self.sees(card));
        seen.map(|card| RoomCard::clone(card)).collect()
    }

    fn sees(&self, card: &RoomCard) -> bool {
        let sign = &card.sign;
        if card.barred.contains(&self.user) {
            return false;
        }
        let by_kind = match sign.kind {
            RoomKind::Open => true,
            RoomKind::Social => self.followers.contains(&sign.opened_by),
            RoomKind::Private => false,
        };
        by_kind || is_theirs(sign, &self.user) || self.member_of.contains(&sign.id)
    }
}
