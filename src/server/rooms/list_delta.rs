//! The difference between two states of one page of the list of rooms: what to send to a browser that has the earlier state. The
//! functions are pure.

use crate::model::{id::RoomId, room::RoomCard, room_list::RoomListPage, signal::ListSignal};
use std::{collections::HashMap, sync::Arc};

/// The message that turns what a browser shows (`before`; `None` if it has received nothing yet) into `now`. `None` if nothing but
/// the time has changed.
pub fn list_delta(before: Option<&RoomListPage>, now: &RoomListPage) -> Option<ListSignal> {
    let known: HashMap<&RoomId, &Arc<RoomCard>> = before
        .into_iter()
        .flat_map(|before| &before.rooms)
        .map(|card| (&card.info.id, card))
        .collect();
    let is_known = |card: &Arc<RoomCard>| {
        let known = known.get(&card.info.id);
        known.is_some_and(|known| Arc::ptr_eq(known, card) || *known == card)
    };
    let ids = |page: &RoomListPage| -> Vec<RoomId> { page.rooms.iter().map(|card| card.info.id.clone()).collect() };
    let order = ids(now);
    let delta = ListSignal {
        rooms: now.rooms.iter().filter(|card| !is_known(card)).cloned().collect(),
        order: (before.map(ids).as_ref() != Some(&order)).then_some(order),
        counts: (before.map(|before| before.counts) != Some(now.counts)).then_some(now.counts),
        now_s: now.now_s,
    };
    (!delta.rooms.is_empty() || delta.order.is_some() || delta.counts.is_some()).then_some(delta)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        id::UserId,
        room::{Person, RoomInfo, RoomKind, Rules},
        room_list::RoomListCounts,
    };

    fn card(id: &str, topic: &str) -> Arc<RoomCard> {
        let host = Person::named(UserId::parse("user-mina-1").expect("an id"), "Mina");
        Arc::new(RoomCard {
            info: RoomInfo::new(
                RoomId::parse(id).expect("an id"),
                topic,
                RoomKind::Open,
                host,
                Rules::default(),
            ),
            faces: vec![],
            more: 0,
            listeners: 0,
            active_since_s: None,
            speaking: vec![],
            barred: vec![],
            searched_names: vec![],
        })
    }

    /// The only page of a list with these rooms, in which nobody is.
    fn only_page(rooms: Vec<Arc<RoomCard>>) -> RoomListPage {
        let many = rooms.len();
        let counts = RoomListCounts {
            found: many,
            listed: many,
            ..RoomListPage::default().counts
        };
        RoomListPage {
            rooms,
            counts,
            now_s: 0,
        }
    }

    #[test]
    fn a_change_of_the_counts_alone_sends_no_card() {
        let before = only_page(vec![card("room-tea-0", "Tea")]);
        let mut now = before.clone();
        now.counts.listed = 30;
        let delta = list_delta(Some(&before), &now).expect("the counts have changed");
        assert_eq!(
            (delta.rooms.len(), &delta.order, delta.counts),
            (0, &None, Some(now.counts))
        );
        let mut shown = before;
        delta.apply(&mut shown);
        assert_eq!(shown, now);
    }

    #[test]
    fn the_time_is_in_every_message_and_is_no_reason_to_send_one() {
        let before = only_page(vec![card("room-tea-0", "Tea")]);
        let mut now = before.clone();
        now.now_s = 60;
        assert_eq!(list_delta(Some(&before), &now), None);
        now.counts.active = 1;
        let delta = list_delta(Some(&before), &now).expect("the counts have changed");
        let mut shown = before;
        delta.apply(&mut shown);
        assert_eq!(shown.now_s, 60);
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
        let lists = lists.map(only_page);
        let (mut known, mut before) = (RoomListPage::default(), None);
        let sent: Vec<Option<(usize, bool)>> = lists
            .iter()
            .map(|now| {
                let delta = list_delta(before, now);
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
