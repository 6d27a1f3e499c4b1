//! One page of the list of rooms: what a browser asks for, and what the server answers.

use super::{percent_encoding, room::RoomCard};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most rooms on one page of the list. Each card has up to five drawn faces, which are written into the page, so a page with
/// all rooms of a large server would have some megabytes.
pub const ROOMS_PER_PAGE: usize = 24;
/// The longest search, in characters. The server ignores the rest. Without this limit a search of many words could keep the server
/// busy, because the server compares each word with the names of everybody in every room.
pub const SEARCH_MAX_CHARS: usize = 100;

/// Which part of the list a person wants to see: the number of a page, and the words of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomListQuery {
    page: usize,
    words: String,
}

impl RoomListQuery {
    /// `page` counts from 1, and 0 means 1. If `words` are not empty, the list has only rooms that match them
    /// ([`RoomCard::matches`]). Characters after the first [`SEARCH_MAX_CHARS`] are ignored.
    pub fn new(page: usize, words: &str) -> Self {
        let words: String = words.trim().chars().take(SEARCH_MAX_CHARS).collect();
        Self {
            page: page.max(1),
            words: words.trim_end().to_owned(),
        }
    }

    /// The query in the fields `page` and `q` of an address. A field that is missing or malformed counts as empty, so that a wrong
    /// address still shows the list.
    pub fn of_address(page: Option<&str>, words: Option<&str>) -> Self {
        // Parse a `u32`, because browser and server must read the same number. A `usize` is smaller in the browser.
        let page: Option<u32> = page.and_then(|page| page.trim().parse().ok());
        Self::new(page.map_or(1, |page| page as usize), words.unwrap_or_default())
    }

    /// The number of the wanted page, from 1. It can be larger than the number of pages.
    pub fn page(&self) -> usize {
        self.page
    }

    /// The words of the search; empty if the list has all rooms.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Another page of the same search.
    #[must_use]
    pub fn with_page(&self, page: usize) -> Self {
        Self::new(page, &self.words)
    }

    /// The address of this part of the list, which begins with `path`: `{path}?page=2&q=tea`. Fields that are not needed are left
    /// out.
    pub fn address(&self, path: &str) -> String {
        let page = (self.page > 1).then(|| format!("page={}", self.page));
        let words = (!self.words.is_empty()).then(|| format!("q={}", percent_encoding::encode(&self.words)));
        let fields: Vec<String> = page.into_iter().chain(words).collect();
        match fields.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{}", fields.join("&")),
        }
    }
}

/// Where a page is in the list, and how many rooms there are. Each number counts only rooms that the person may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomListCounts {
    /// The number of this page, from 1 to `pages`.
    pub page: usize,
    /// How many pages the list has, at least 1. If there is a search, only rooms that match it count.
    pub pages: usize,
    /// How many rooms match the search. Without a search, this is the number of all rooms.
    pub found: usize,
    /// How many rooms there are, no matter whether they match the search.
    pub listed: usize,
    /// How many rooms have somebody inside, no matter whether they match the search.
    pub active: usize,
}

/// One page of the list of rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomListPage {
    /// The cards on this page, at most [`ROOMS_PER_PAGE`], in the order of the list.
    pub rooms: Vec<Arc<RoomCard>>,
    pub counts: RoomListCounts,
    /// When the server made or last changed this page, in unix seconds. The clock of a browser can be wrong, so pages use this time to
    /// say how long a room has been active.
    pub now_s: i64,
}

impl Default for RoomListPage {
    /// The only page of a list without rooms, at the unix time 0.
    fn default() -> Self {
        Self {
            rooms: vec![],
            counts: RoomListCounts {
                page: 1,
                pages: 1,
                found: 0,
                listed: 0,
                active: 0,
            },
            now_s: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_address_shows_the_first_page() {
        for page in [
            None,
            Some(""),
            Some("0"),
            Some("-1"),
            Some("two"),
            Some("1e9"),
            Some("4294967296"),
        ] {
            assert_eq!(
                RoomListQuery::of_address(page, None),
                RoomListQuery::new(1, ""),
                "{page:?}"
            );
        }
        assert_eq!(
            RoomListQuery::of_address(Some("3"), Some(" tea ")),
            RoomListQuery::new(3, "tea")
        );
    }

    #[test]
    fn an_address_leads_to_the_same_query() {
        assert_eq!(RoomListQuery::new(1, " ").address("/rooms"), "/rooms");
        assert_eq!(RoomListQuery::new(2, "").address("/rooms"), "/rooms?page=2");
        assert_eq!(
            RoomListQuery::new(1, "a&b=c d").address("/rooms"),
            "/rooms?q=a%26b%3Dc%20d"
        );
        assert_eq!(
            RoomListQuery::new(1, "tea").with_page(3).address("/ws/rooms"),
            "/ws/rooms?page=3&q=tea"
        );
    }

    #[test]
    fn a_search_has_at_most_100_characters() {
        assert_eq!(RoomListQuery::new(1, &"ß".repeat(1_000)).words(), "ß".repeat(100));
    }
}
