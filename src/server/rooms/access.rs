//! Who may enter a room, and who sees it on the list. The page, the endpoints and the socket all ask here.

use super::{circle, invite};
use crate::{
    model::{
        id::{RoomId, UserId},
        room::{RoomCard, RoomInfo, RoomKind},
    },
    server::{error::Result, profile, state::AppState},
};
use std::{collections::HashSet, sync::Arc};

/// What connects a person with a room: everything that the rule of entry depends on.
#[derive(Debug, Clone, Copy)]
struct Ties {
    /// They opened the room, own it, or host it now.
    theirs: bool,
    /// They came in by a link.
    member: bool,
    /// The person who opened the room follows them. It does not matter whom the current host follows: otherwise people would have
    /// to leave in the middle of a talk when the host changes.
    followed: bool,
    /// They have no e-mail address here.
    guest: bool,
}

impl Ties {
    /// The ties that can be read from the room's info alone. All other fields get the value that gives `user` the fewest rights.
    fn of_info(info: &RoomInfo, user: &UserId) -> Self {
        Self {
            theirs: [&info.host.id, &info.opened_by, &info.owned_by].contains(&user),
            member: false,
            followed: false,
            guest: true,
        }
    }

    /// The rule: everybody may enter their own rooms, and rooms into which they came by a link. People who are not guests may also
    /// enter every open room, and every social room whose opener follows them. This function does not check bans; the room does.
    fn admit(self, kind: RoomKind) -> bool {
        let by_kind = match kind {
            RoomKind::Open => true,
            RoomKind::Social => self.followed,
            RoomKind::Private => false,
        };
        self.theirs || self.member || by_kind && !self.guest
    }
}

/// Whether `user`, who must be activated, may enter the room. Stops reading from the database as soon as the answer is known.
///
/// # Errors
/// If the database can't be read.
pub async fn may_enter(state: &AppState, user: &UserId, info: &RoomInfo) -> Result<bool> {
    let mut ties = Ties::of_info(info, user);
    if ties.admit(info.kind) {
        return Ok(true);
    }
    ties.member = invite::store::is_member(&state.database, &info.id, user).await?;
    if ties.admit(info.kind) {
        return Ok(true);
    }
    ties.followed =
        info.kind == RoomKind::Social && circle::store::follows(&state.database, &info.opened_by, user).await?;
    let would_be_admitted = Ties { guest: false, ..ties }.admit(info.kind);
    Ok(would_be_admitted && !profile::is_guest(state, user).await?)
}

/// The facts that decide which rooms a user sees on the list. They are a copy, which does not change if the database changes.
#[derive(Debug)]
pub struct VisibleRooms {
    user: UserId,
    /// Whether the user is a guest. Guests see only the rooms into which they came by a link.
    guest: bool,
    /// The people who follow the user.
    followers: HashSet<UserId>,
    /// The rooms into which the user came by a link.
    member_of: HashSet<RoomId>,
}

impl VisibleRooms {
    /// Reads the facts about `user` from the database.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn of(state: &AppState, user: &UserId) -> Result<Self> {
        Ok(Self {
            user: user.clone(),
            guest: profile::is_guest(state, user).await?,
            followers: circle::store::list_followers(&state.database, user)
                .await?
                .into_iter()
                .collect(),
            member_of: profile::store::list_rooms_of(&state.database, user)
                .await?
                .into_iter()
                .collect(),
        })
    }

    /// The `cards` of the rooms that the user sees on the list.
    pub fn of_list(&self, cards: &[Arc<RoomCard>]) -> Vec<Arc<RoomCard>> {
        cards.iter().filter(|card| self.sees(card)).cloned().collect()
    }

    fn sees(&self, card: &RoomCard) -> bool {
        let info = &card.info;
        if card.barred.contains(&self.user) {
            return false;
        }
        let ties = Ties {
            member: self.member_of.contains(&info.id),
            followed: self.followers.contains(&info.opened_by),
            guest: self.guest,
            ..Ties::of_info(info, &self.user)
        };
        ties.admit(info.kind)
    }
}
