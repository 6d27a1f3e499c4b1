//! The difference between two lists of rooms: what to send to a page that already has the earlier list. The functions are pure.

use crate::model::{id::RoomId, room::RoomCard, signal::ListSignal};
use std::{collections::HashMap, sync::Arc};

/// The message that turns the list `before` of a page into the list `now`. `None` if nothing has changed.
pub fn list_delta(before: Option<&[Arc<RoomCard>]>, now: &[Arc<RoomCard>]) -> Option<ListSignal> {
    let known: HashMap<&RoomId, &Arc<RoomCard>> = before
        .unwrap_or_default()
        .iter()
        .map(|card| (&card.info.id, card))
        .collect();
    let is_known = |card: &Arc<RoomCard>| {
        let known = known.get(&card.info.id);
        known.is_some_and(|known| Arc::ptr_eq(known, card) || *known == card)
    };
    let ids = |cards: &[Arc<RoomCard>]| -> Vec<RoomId> { cards.iter().map(|card| card.info.id.clone()).collect() };
    let order = ids(now);
    let delta = ListSignal {
        rooms: now
            .iter()
            .filter(|card| !is_known(card))
            .map(|card| RoomCard::clone(card))
            .collect(),
        order: (before.map(ids).as_ref() != Some(&order)).then_some(order),
    };
    (!delta.rooms.is_empty() || delta.order.is_some()).then_some(delta)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        id::UserId,
        room::{Person, RoomInfo, RoomKind, Rules},
    };

    fn card(id: &str, topic: &str) -> Arc<RoomCard> {
        let host = Person::named(UserId::parse("user-mina-1").expect("an id"), "Mina");
        Arc::new(RoomCard {
            info: RoomInfo {
                id: RoomId::parse(id).expect("an id"),
                topic: topic.into(),
                kind: RoomKind::Open,
                opened_by: host.id.clone(),
                owned_by: host.id.clone(),
                host,
                rules: Rules::default(),
            },
            faces: vec![],
            others: vec![],
            speaking: vec![],
            barred: vec![],
        })
    }

    #[test]
    fn a_page_with_an_earlier_list_gets_only_what_changed() {
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
        let sent: Vec<Option<(usize, bool)>> = lists
            .iter()
            .map(|now| {
                let delta = list_delta(before.map(Vec::as_slice), now);
                let size = delta.as_ref().map(|delta| (delta.rooms.len(), delta.order.is_some()));
                delta.into_iter().for_each(|delta| delta.apply(&mut known));
                assert_eq!(known, *now);
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
        assert_eq!(sent, sizes);
    }
}
