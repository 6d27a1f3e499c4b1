//! Who may enter a room, and who sees it on the list.

use super::{circle, invite};
use crate::{
    model::{
        id::{RoomId, UserId},
        room::{RoomCard, RoomInfo, RoomKind},
    },
    server::{error::Result, profile, state::AppState},
};
use std::{collections::HashSet, sync::Arc};

/// Whether `user`, who is activated, may enter: an open room, their own, one that a link let them into, or a social one that
/// was opened by somebody who follows them. A guest enters what links let them into, and nothing else. Whom its hosts have put
/// out knows the room itself.
///
/// # Errors
/// Where the database can't be asked.
pub async fn may_enter(state: &AppState, user: &UserId, info: &RoomInfo) -> Result<bool> {
    if is_theirs(info, user) || invite::store::is_member(&state.database, &info.id, user).await? {
        return Ok(true);
    }
    let by_kind = match info.kind {
        RoomKind::Open => true,
        RoomKind::Social => circle::store::follows(&state.database, &info.opened_by, user).await?,
        RoomKind::Private => false,
    };
    Ok(by_kind && !profile::is_guest(state, user).await?)
}

/// Opened by them, handed to them, or theirs to host now.
fn is_theirs(info: &RoomInfo, user: &UserId) -> bool {
    [&info.host.id, &info.opened_by, &info.owned_by].contains(&user)
}

/// What somebody sees of the list beside open rooms, as it was when it was asked for.
#[derive(Debug)]
pub struct VisibleRooms {
    user: UserId,
    /// Sees what links let them into, and nothing else.
    guest: bool,
    /// Hosts who follow the user.
    followers: HashSet<UserId>,
    /// Rooms that a link let the user into.
    member_of: HashSet<RoomId>,
}

impl VisibleRooms {
    /// # Errors
    /// Where the database can't be asked.
    pub async fn of(state: &AppState, user: &UserId) -> Result<Self> {
        Ok(Self {
            user: user.clone(),
            guest: profile::is_guest(state, user).await?,
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
    pub fn of_list(&self, cards: &[Arc<RoomCard>]) -> Vec<Arc<RoomCard>> {
        cards.iter().filter(|card| self.sees(card)).cloned().collect()
    }

    fn sees(&self, card: &RoomCard) -> bool {
        let info = &card.info;
        if card.barred.contains(&self.user) {
            return false;
        }
        let by_kind = match info.kind {
            RoomKind::Open => true,
            RoomKind::Social => self.followers.contains(&info.opened_by),
            RoomKind::Private => false,
        };
        by_kind && !self.guest || is_theirs(info, &self.user) || self.member_of.contains(&info.id)
    }
}
