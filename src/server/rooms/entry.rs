//! Who may enter a room, and who sees it on the list.

use super::{circle, invite};
use crate::{
    model::{
        id::{RoomId, UserId},
        room::{RoomCard, RoomKind, Sign},
        signal::ListSignal,
    },
    server::{error::Result, state::AppState},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

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
    pub fn of_list(&self, cards: &[Arc<RoomCard>]) -> Vec<Arc<RoomCard>> {
        cards.iter().filter(|card| self.sees(card)).cloned().collect()
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

/// What somebody must be told who knows `before`, so that they know `now`; `None` where that is the same.
pub fn news(before: Option<&[Arc<RoomCard>]>, now: &[Arc<RoomCard>]) -> Option<ListSignal> {
    let known: HashMap<&RoomId, &Arc<RoomCard>> = before
        .unwrap_or_default()
        .iter()
        .map(|card| (&card.sign.id, card))
        .collect();
    let is_known = |card: &Arc<RoomCard>| {
        let known = known.get(&card.sign.id);
        known.is_some_and(|known| Arc::ptr_eq(known, card) || *known == card)
    };
    let ids = |cards: &[Arc<RoomCard>]| -> Vec<RoomId> { cards.iter().map(|card| card.sign.id.clone()).collect() };
    let order = ids(now);
    let news = ListSignal {
        rooms: now
            .iter()
            .filter(|card| !is_known(card))
            .map(|card| RoomCard::clone(card))
            .collect(),
        order: (before.map(ids).as_ref() != Some(&order)).then_some(order),
    };
    (!news.rooms.is_empty() || news.order.is_some()).then_some(news)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::room::{Person, Rules};

    fn card(id: &str, topic: &str) -> Arc<RoomCard> {
        let host = Person {
            id: UserId::parse("user-mina-1").expect("an id"),
            name: "Mina".into(),
            picture: String::new(),
        };
        Arc::new(RoomCard {
            sign: Sign {
                id: RoomId::parse(id).expect("an id"),
                topic: topic.into(),
                kind: RoomKind::Open,
                opened_by: host.id.clone(),
                host,
                rules: Rules::default(),
            },
            people: vec![],
            speaking: vec![],
            barred: vec![],
        })
    }

    #[test]
    fn who_knows_a_list_is_told_what_changed_and_nothing_else() {
        let (tea, chess, cake) = (
            card("room-tea-0", "Tea"),
            card("room-chess", "Chess"),
            card("room-cake-", "Cake"),
        );
        let lists = [
            vec![],
            vec![tea.clone()],
            vec![chess.clone(), tea.clone()],
            vec![chess.clone(), card("room-tea-0", "More tea")],
            vec![card("room-chess", "Chess"), card("room-tea-0", "More tea")],
            vec![tea.clone(), chess.clone(), cake.clone()],
            vec![cake],
        ];
        let (mut known, mut before) = (vec![], None);
        let told: Vec<Option<(usize, bool)>> = lists
            .iter()
            .map(|now| {
                let news = news(before.map(Vec::as_slice), now);
                let size = news.as_ref().map(|news| (news.rooms.len(), news.order.is_some()));
                news.into_iter().for_each(|news| news.apply(&mut known));
                assert!(known.iter().eq(now.iter().map(Arc::as_ref)));
                before = Some(now);
                size
            })
            .collect();
        let sizes = [
            Some((0, true)),
            Some((1, true)),
            Some((1, true)),
            Some((1, false)),
            None,
            Some((2, true)),
            Some((0, true)),
        ];
        assert_eq!(told, sizes);
    }
}
