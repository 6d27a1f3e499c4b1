//! Finds one page in the list of rooms that a person may see. Nothing here does input or output.

use crate::model::{
    room::RoomCard,
    room_list::{ROOMS_PER_PAGE, RoomListCounts, RoomListPage, RoomListQuery},
};
use std::{collections::HashMap, sync::Arc};

/// Finds the page that a query asks for, again and again while the list changes.
#[derive(Debug)]
pub struct ListPager {
    query: RoomListQuery,
    /// Whether each card of the last list matches the search, by the memory address of the card. The list changes several times a
    /// second, and each time only a few rooms have a new card. So we search only the new cards. This map keeps its cards in memory, so
    /// no other card can have the address of one of them.
    searched: HashMap<usize, (Arc<RoomCard>, bool)>,
}

impl ListPager {
    pub fn new(query: RoomListQuery) -> Self {
        Self {
            query,
            searched: HashMap::new(),
        }
    }

    /// The page of the list `visible` that the query asks for, at the unix time `now_s`. If the list has fewer pages, this is the last
    /// page of the list, so that people whose page goes away while they look at it see the nearest rooms.
    pub fn page(&mut self, visible: Vec<Arc<RoomCard>>, now_s: i64) -> RoomListPage {
        let listed = visible.len();
        let active = visible.iter().filter(|card| card.count() > 0).count();
        let found = if self.query.words().is_empty() {
            visible
        } else {
            self.search(visible)
        };
        let pages = found.len().div_ceil(ROOMS_PER_PAGE).max(1);
        let page = self.query.page().min(pages);
        let counts = RoomListCounts {
            page,
            pages,
            found: found.len(),
            listed,
            active,
        };
        let before = (page - 1) * ROOMS_PER_PAGE;
        RoomListPage {
            rooms: found.into_iter().skip(before).take(ROOMS_PER_PAGE).collect(),
            counts,
            now_s,
        }
    }

    fn search(&mut self, visible: Vec<Arc<RoomCard>>) -> Vec<Arc<RoomCard>> {
        let before = std::mem::take(&mut self.searched);
        let mut found = vec![];
        for card in visible {
            let address = Arc::as_ptr(&card).addr();
            let known = before.get(&address).map(|(_, matches)| *matches);
            let matches = known.unwrap_or_else(|| card.matches(self.query.words()));
            if matches {
                found.push(card.clone());
            }
            self.searched.insert(address, (card, matches));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{
            generated_face,
            id::{RoomId, UserId},
            room::{FACES_MAX, Person, RoomInfo, RoomKind, Rules},
        },
        server::rooms::list_delta::list_delta,
    };

    fn person(number: usize) -> Person {
        let name = format!("Person{number:02}");
        Person {
            picture: generated_face::address(&name),
            ..Person::named(UserId::parse(&format!("person-{number:05}")).expect("an id"), name)
        }
    }

    /// A list of `rooms` rooms. In each of them are the same people; the first has the number 0.
    fn list(rooms: usize, people: usize) -> Vec<Arc<RoomCard>> {
        let card = |number| {
            Arc::new(RoomCard {
                info: RoomInfo::new(
                    RoomId::parse(&format!("room-{number:07}")).expect("an id"),
                    format!("Room number {number} of many"),
                    RoomKind::Open,
                    person(0),
                    Rules::default(),
                ),
                faces: (0..people.min(FACES_MAX)).map(person).collect(),
                more: people.saturating_sub(FACES_MAX),
                listeners: people.saturating_sub(FACES_MAX),
                active_since_s: (people > 0).then_some(1_700_000_000),
                speaking: vec![],
                barred: vec![],
                searched_names: (0..people).map(|number| person(number).name).collect(),
            })
        };
        (0..rooms).map(card).collect()
    }

    fn list_page(visible: Vec<Arc<RoomCard>>, page: usize, words: &str) -> RoomListPage {
        ListPager::new(RoomListQuery::new(page, words)).page(visible, 0)
    }

    fn topics(page: &RoomListPage) -> Vec<&str> {
        page.rooms.iter().map(|card| card.info.topic.as_str()).collect()
    }

    #[test]
    fn the_pages_together_have_every_room_once_and_in_order() {
        let all = list(50, 1);
        let page = |number| list_page(all.clone(), number, "");
        let sizes: Vec<usize> = (1..=3).map(|number| page(number).rooms.len()).collect();
        assert_eq!(sizes, [24, 24, 2]);
        let joined: Vec<Arc<RoomCard>> = (1..=3).flat_map(|number| page(number).rooms).collect();
        assert_eq!(joined, all);
        let counts = RoomListCounts {
            page: 2,
            pages: 3,
            found: 50,
            listed: 50,
            active: 50,
        };
        assert_eq!(page(2).counts, counts);
        assert_eq!(list_page(list(48, 1), 1, "").counts.pages, 2);
    }

    #[test]
    fn a_page_after_the_last_one_is_the_last_one() {
        let last = list_page(list(50, 1), usize::MAX, "");
        assert_eq!((last.counts.page, last.counts.pages, last.rooms.len()), (3, 3, 2));
        let none = list_page(vec![], 7, "");
        assert_eq!(none, RoomListPage::default());
    }

    #[test]
    fn a_search_finds_rooms_of_all_pages() {
        let page = list_page(list(50, 0), 1, "NUMBER 49");
        assert_eq!(topics(&page), ["Room number 49 of many"]);
        let counts = RoomListCounts {
            page: 1,
            pages: 1,
            found: 1,
            listed: 50,
            active: 0,
        };
        assert_eq!(page.counts, counts);
        let by_name = list_page(list(50, 20), 2, "person19");
        assert_eq!((by_name.rooms.len(), by_name.counts.found), (24, 50));
        assert!(list_page(list(50, 1), 1, "tea").rooms.is_empty());
    }

    #[test]
    fn a_search_follows_rooms_that_open_change_and_end() {
        let mut pager = ListPager::new(RoomListQuery::new(1, "number 1"));
        let mut all = list(12, 0);
        let found = [
            "Room number 1 of many",
            "Room number 10 of many",
            "Room number 11 of many",
        ];
        assert_eq!(topics(&pager.page(all.clone(), 0)), found);
        all.remove(10);
        all.insert(0, list(101, 0).remove(100));
        let mut renamed = RoomCard::clone(&all[2]);
        renamed.info.topic = "Tea".into();
        all[2] = Arc::new(renamed);
        let found = ["Room number 100 of many", "Room number 11 of many"];
        assert_eq!(topics(&pager.page(all, 0)), found);
    }

    #[test]
    fn the_first_message_about_500_rooms_of_20_people_has_at_most_30_kb() {
        let page = list_page(list(500, 20), 1, "");
        let message = serde_json::to_string(&list_delta(None, &page)).expect("plain data");
        assert!(message.len() <= 30_000, "{} bytes", message.len());
    }
}
