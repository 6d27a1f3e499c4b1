//! The list of rooms in pages: how large a page is, the links between pages, the search, and what the socket sends about one page.

use crate::{
    room_filling::{Looks, drawn_face, enter, open_empty_rooms, open_full_rooms, open_rooms_of, room_id, until_listed},
    test_app::TestApp,
};
use snug::model::{
    room::FACES_MAX,
    room_list::{ROOMS_PER_PAGE, RoomListCounts, RoomListPage},
};
use std::time::Duration;

/// The HTML of each card on a page.
fn cards(page: &str) -> Vec<&str> {
    page.split("class=\"room-card\"").skip(1).collect()
}

/// The ids of the rooms on a page.
fn ids(page: &str) -> Vec<String> {
    let id = |card: &str| Some(card.split_once("href=\"/rooms/")?.1.split('"').next()?.to_owned());
    cards(page)
        .into_iter()
        .map(|card| id(card).expect("a card has a link"))
        .collect()
}

/// The ids of the rooms with these numbers.
fn ids_of(numbers: impl Iterator<Item = usize>) -> Vec<String> {
    numbers.map(|number| room_id(number).as_str().to_owned()).collect()
}

/// The address of the link with this `rel`.
fn link(page: &str, rel: &str) -> Option<String> {
    let mut tags = page.split("<a ").filter_map(|rest| rest.split('>').next());
    let tag = tags.find(|tag| tag.contains(&format!("rel=\"{rel}\"")))?;
    let address = tag.split_once("href=\"")?.1.split('"').next()?;
    Some(address.replace("&amp;", "&"))
}

#[tokio::test]
async fn a_list_of_500_rooms_with_20_people_in_each_room_on_the_page_has_at_most_300_kb() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    open_empty_rooms(&app, 0..500 - ROOMS_PER_PAGE).await;
    let _inside = open_full_rooms(&app, 500 - ROOMS_PER_PAGE..500, 20, drawn_face).await;
    let page = ada.page("/rooms").await.must(200);
    assert!(page.body.len() <= 300_000, "{} bytes", page.body.len());
    let text = page.text();
    assert_eq!(ids(&text), ids_of((500 - ROOMS_PER_PAGE..500).rev()));
    assert!(
        text.contains("24 rooms are live. Page 1 of 21"),
        "the summary counts all pages"
    );
    let first_ten = cards(&text)[..10].concat();
    assert_eq!(first_ten.matches("viewBox=\"0 0 100 100\"").count(), 10 * FACES_MAX);
    assert_eq!(first_ten.matches("<img").count(), 0, "a drawn face needs no request");
}

#[tokio::test]
async fn a_page_of_full_rooms_has_at_most_300_kb_even_if_all_names_have_as_many_bytes_as_a_name_may_have() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    // 7 characters of Unicode that people see as one, with 25 bytes.
    let family = "👩\u{200D}👩\u{200D}👧\u{200D}👦";
    let looks = |name: &str| Looks {
        name: format!("{name} {}", family.repeat(80)),
        picture: drawn_face(name),
    };
    let longest = looks("Person000x00").name.len();
    assert!((2_000..=2_048).contains(&longest), "{longest} bytes");
    let _inside = open_rooms_of(&app, 0..ROOMS_PER_PAGE, 20, looks).await;
    let page = ada.page("/rooms").await.must(200);
    assert!(page.body.len() <= 300_000, "{} bytes", page.body.len());
    let text = page.text();
    assert_eq!(cards(&text).len(), ROOMS_PER_PAGE);
    assert!(text.contains(&format!("Person000x00 {family}")) && text.contains(&format!("{family}…")));
    assert!(
        text.contains(" and 17 more") && !text.contains("Person000x07"),
        "{text}"
    );

    // The search finds people whom the page does not name.
    let found: RoomListPage = ada
        .post("/api/rooms/search", &[("q", "person007x19")])
        .await
        .must(200)
        .json();
    assert_eq!((found.counts.found, found.rooms[0].more), (1, 20 - FACES_MAX));
}

/// Each card also requested five photos when the whole list was one page.
#[tokio::test]
async fn the_first_ten_rooms_request_at_most_five_photos_each() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    open_empty_rooms(&app, 0..30).await;
    let photo = |name: &str| format!("/pictures/{name}.jpg");
    let _inside = open_full_rooms(&app, 30..40, FACES_MAX + 2, photo).await;
    let text = ada.page("/rooms").await.must(200).text();
    let first_ten = cards(&text)[..10].concat();
    assert_eq!(first_ten.matches("<img").count(), 10 * FACES_MAX);
    assert_eq!(
        text.matches("<img").count(),
        10 * FACES_MAX,
        "nothing else on the page is an image"
    );
}

#[tokio::test]
async fn without_scripts_links_lead_to_every_room_and_back() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    open_empty_rooms(&app, 0..50).await;
    let (mut path, mut seen) = ("/rooms".to_owned(), vec![]);
    let last = loop {
        let page = ada.page(&path).await.must(200).text();
        seen.extend(ids(&page));
        match link(&page, "next") {
            Some(next) => path = next,
            None => break page,
        }
    };
    assert_eq!(seen, ids_of((0..50).rev()), "newest first, and each room once");
    assert_eq!(path, "/rooms?page=3");
    assert!(
        last.contains("Page 3 of 3") && last.contains("aria-current=\"page\""),
        "{last}"
    );
    assert_eq!(link(&last, "prev").as_deref(), Some("/rooms?page=2"));
    let second = ada.page("/rooms?page=2").await.must(200).text();
    assert_eq!(link(&second, "prev").as_deref(), Some("/rooms"));
    let first = ada.page("/rooms").await.must(200).text();
    assert_eq!(link(&first, "prev"), None);
}

#[tokio::test]
async fn a_page_after_the_last_one_shows_the_last_one_and_a_malformed_one_the_first() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    open_empty_rooms(&app, 0..50).await;
    for after in ["4", "99", "4294967295"] {
        let page = ada.page(&format!("/rooms?page={after}")).await.must(200).text();
        assert_eq!(ids(&page), ids_of((0..2).rev()), "page {after}");
        assert_eq!(link(&page, "prev").as_deref(), Some("/rooms?page=2"));
    }
    for malformed in ["", "0", "-1", "two", "1e3", "99999999999999999999"] {
        let page = ada.page(&format!("/rooms?page={malformed}")).await.must(200).text();
        assert_eq!(ids(&page), ids_of((26..50).rev()), "page {malformed:?}");
    }
}

#[tokio::test]
async fn a_list_of_24_rooms_has_no_links_to_other_pages() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    open_empty_rooms(&app, 0..24).await;
    let page = ada.page("/rooms").await.must(200).text();
    assert_eq!(cards(&page).len(), 24);
    assert!(!page.contains("Page 1 of 1") && !page.contains("aria-label=\"Pages\""));
    open_empty_rooms(&app, 24..25).await;
    assert!(ada.page("/rooms").await.must(200).text().contains("Page 1 of 2"));
}

#[tokio::test]
async fn a_search_without_scripts_finds_rooms_of_all_pages() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    open_empty_rooms(&app, 0..50).await;
    let found = ada.page("/rooms?q=NUMBER+007").await.must(200).text();
    assert_eq!(ids(&found), ids_of(7..8));
    assert!(found.contains("value=\"NUMBER 007\""), "the box keeps the words");
    assert!(found.contains("1 found"));
    let many = ada.page("/rooms?q=of+many").await.must(200).text();
    assert_eq!(link(&many, "next").as_deref(), Some("/rooms?page=2&q=of%20many"));
    let last = ada.page("/rooms?page=3&q=of%20many").await.must(200).text();
    assert_eq!(ids(&last), ids_of((0..2).rev()));
    let none = ada.page("/rooms?q=tea").await.must(200).text();
    assert!(none.contains("No room or person by that name") && cards(&none).is_empty());
}

#[tokio::test]
async fn the_endpoint_finds_people_on_all_pages_and_counts() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let _inside = open_full_rooms(&app, 0..1, FACES_MAX + 1, drawn_face).await;
    let _others = open_full_rooms(&app, 1..30, 1, drawn_face).await;
    let fields = [("q", "person000X05"), ("page", "2")];
    let page: RoomListPage = ada.post("/api/rooms/search", &fields).await.must(200).json();
    let counts = RoomListCounts {
        page: 1,
        pages: 1,
        found: 1,
        listed: 30,
        active: 30,
    };
    assert_eq!((page.counts, &page.rooms[0].info.id), (counts, &room_id(0)));
    let all: RoomListPage = ada.post("/api/rooms/search", &[]).await.must(200).json();
    assert_eq!((all.rooms.len(), all.counts.pages, all.counts.found), (24, 2, 30));
}

#[tokio::test]
async fn counts_and_search_ignore_rooms_that_the_person_may_not_see() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.person("Ada").await, app.person("Eve").await);
    let room = ada.open_room("Whispers", "private").await;
    let _inside = ada.enter(&room).await;
    for words in ["", "whispers", "ada"] {
        let page: RoomListPage = eve.post("/api/rooms/search", &[("q", words)]).await.must(200).json();
        let nothing = RoomListPage {
            now_s: page.now_s,
            ..RoomListPage::default()
        };
        assert_eq!(page, nothing, "{words:?}");
        let page: RoomListPage = ada.post("/api/rooms/search", &[("q", words)]).await.must(200).json();
        assert_eq!((page.counts.found, page.counts.active), (1, 1), "{words:?}");
    }
}

#[tokio::test]
async fn a_card_shows_what_differs_from_an_open_room() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for (kind, chip) in [("open", None), ("private", Some("Private"))] {
        let room = ada.open_room("Whispers", kind).await;
        let _inside = ada.enter(&room).await;
        let page = ada.page("/rooms").await.must(200).text();
        let card = cards(&page)[0].split("</li>").next().expect("a card");
        assert!(card.contains("Hosted by") && card.contains("just started"), "{card}");
        assert_eq!(
            card.matches("class=\"chip\"").count(),
            usize::from(chip.is_some()),
            "{card}"
        );
        assert!(chip.is_none_or(|chip| card.contains(chip)), "{card}");
    }
}

#[tokio::test]
async fn the_socket_of_page_2_follows_rooms_that_open_and_end() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    open_empty_rooms(&app, 0..50).await;
    let mut list = ada.watch_room_list("?page=2").await.expect("admitted");
    let shown = |seen: &crate::listing::Seen| -> Vec<String> {
        seen.rooms.iter().map(|card| card.info.id.as_str().to_owned()).collect()
    };
    let first = list.hear().await;
    assert_eq!(shown(&first), ids_of((2..26).rev()));
    assert_eq!((first.counts.page, first.counts.pages, first.counts.listed), (2, 3, 50));

    // A new room on page 1 moves one room from page 1 to page 2.
    let mut inside = open_full_rooms(&app, 50..51, 1, drawn_face).await;
    let wanted = ids_of((3..27).rev());
    let moved = list.recv_until(|seen| (shown(&seen) == wanted).then_some(seen)).await;
    assert_eq!((moved.sent, moved.counts.listed, moved.counts.active), (1, 51, 1));

    // One more person in a room on page 1 is no news for page 2.
    inside.push(enter(&app, 50, 1, drawn_face).await);
    until_listed(&app, [(50, 2)].into_iter()).await;
    assert!(list.is_quiet_for(Duration::from_millis(500)).await);

    app.state.voice.end_room(room_id(20)).await;
    let wanted = ids_of((2..27).rev().filter(|number| *number != 20));
    let ended = list.recv_until(|seen| (shown(&seen) == wanted).then_some(seen)).await;
    assert_eq!((ended.sent, ended.counts.listed), (1, 50));
}

#[tokio::test]
async fn people_whose_page_goes_away_see_the_last_page() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    open_empty_rooms(&app, 0..25).await;
    let mut list = ada.watch_room_list("?page=2").await.expect("admitted");
    assert_eq!(list.hear().await.rooms.len(), 1);
    app.state.voice.end_room(room_id(0)).await;
    let last = list.recv_until(|seen| (seen.counts.pages == 1).then_some(seen)).await;
    assert_eq!((last.counts.page, last.rooms.len()), (1, 24));
}

#[tokio::test]
async fn the_socket_of_a_search_follows_rooms_of_all_pages() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    open_empty_rooms(&app, 0..50).await;
    let mut list = ada.watch_room_list("?q=number%20007").await.expect("admitted");
    let first = list.hear().await;
    assert_eq!((first.rooms.len(), first.counts.found, first.counts.listed), (1, 1, 50));
    open_empty_rooms(&app, 1_007..1_008).await;
    let found = list.recv_until(|seen| (seen.counts.found == 2).then_some(seen)).await;
    assert_eq!((found.rooms[0].info.id.clone(), found.sent), (room_id(1_007), 1));
}
