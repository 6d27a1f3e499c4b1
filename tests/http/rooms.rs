//! Rooms: opening, listing, finding by link, and restarting the server.

use crate::{database::On, test_app::TestApp, visitor::Visitor};
use snug::model::room::{RoomCard, RoomInfo, RoomPage};

on_both_databases! {
    an_opened_room_is_stored_and_found_by_its_link,
    a_restart_keeps_a_rooms_link,
    the_answer_about_an_ended_room_says_that_it_is_over,
}

async fn topics(visitor: &Visitor) -> Vec<String> {
    let cards: Vec<RoomCard> = visitor.list_rooms().await.must(200).json();
    cards.into_iter().map(|card| card.info.topic).collect()
}

async fn an_opened_room_is_stored_and_found_by_its_link(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let info = ada.open_room("  Tea   and nothing ", "social").await;
    assert_eq!(
        (info.topic.as_str(), info.kind.as_str(), info.host.name.as_str()),
        ("Tea and nothing", "social", "Ada")
    );
    assert_eq!(
        app.ask::<String>("select topic || '/' || kind from rooms").await,
        "Tea and nothing/social"
    );
    let page: RoomPage = ada.find_room(info.id.as_str()).await.must(200).json();
    assert_eq!((page.info, page.roster), (info, vec![]));
}

async fn a_restart_keeps_a_rooms_link(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let info = ada.open_room("Tea", "private").await;
    ada.enter(&info).await;
    ben.accept(&ada.make_invite(&info).await).await.must(200);
    app.restart().await;
    let page: RoomPage = ben.find_room(info.id.as_str()).await.must(200).json();
    assert_eq!(page.info, info);
    assert!(page.roster.is_empty(), "a restart forgets who was inside");
    ben.enter(&info).await;
    ada.me().await.must(200);
}

async fn the_answer_about_an_ended_room_says_that_it_is_over(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let info = ada.open_room("Tea", "open").await;
    // The row of a room that ended before there was a column for the person who ended it.
    app.tamper("update rooms set ended_at = 1").await;
    app.restart().await;
    let message = ada
        .find_room(info.id.as_str())
        .await
        .must_fail(404, "not_found")
        .detail();
    assert!(message.starts_with("This room is over."), "{message}");
    let refusal = ada.try_to_enter(info.id.as_str()).await.err().expect("refused");
    assert_eq!(refusal.status, 404);
}

#[tokio::test]
async fn the_list_shows_rooms_with_people_inside_newest_first() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let (tea, chess) = (ada.open_room("Tea", "open").await, ben.open_room("Chess", "open").await);
    assert!(topics(&ada).await.is_empty(), "nobody is inside yet");
    let _sockets = (ada.enter(&tea).await, ben.enter(&chess).await, ben.enter(&tea).await);
    let cards: Vec<RoomCard> = app.person("Cem").await.list_rooms().await.must(200).json();
    let shown: Vec<(String, Vec<String>)> = cards
        .iter()
        .map(|card| (card.info.topic.clone(), card.names().map(str::to_owned).collect()))
        .collect();
    assert_eq!(
        shown,
        [
            ("Chess".into(), vec!["Ben".into()]),
            ("Tea".into(), vec!["Ada".into(), "Ben".to_owned()])
        ]
    );
}

#[tokio::test]
async fn social_and_private_rooms_are_listed_only_for_host_and_members() {
    let app = TestApp::start().await;
    let [ada, ben, eve] = app.people(["Ada", "Ben", "Eve"]).await;
    let mut sockets = vec![];
    for kind in ["open", "social", "private"] {
        let room = ada.open_room(&format!("A {kind} room"), kind).await;
        if kind != "open" {
            ben.accept(&ada.make_invite(&room).await).await.must(200);
        }
        sockets.extend([ada.enter(&room).await, ben.enter(&room).await]);
    }
    assert_eq!(topics(&eve).await, ["A open room"]);
    for inside in [&ada, &ben] {
        assert_eq!(topics(inside).await, ["A private room", "A social room", "A open room"]);
    }
    assert_eq!(app.visitor().post("/api/rooms/count", &[]).await.must(200).text(), "1");
    let mut watched = eve.watch_rooms().await.expect("admitted");
    assert_eq!(watched.hear().await.rooms.len(), 1);
}

#[tokio::test]
async fn an_unknown_room_id_is_404() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for id in [
        "",
        "x",
        "5f43a2c9e1b2c3d4e5f60718",
        "abcdefghij",
        "a'; drop table rooms; --",
        "../../../etc/passwd",
        "ÄÖÜÄÖÜÄÖÜ",
    ] {
        ada.find_room(id).await.must_fail(404, "not_found");
    }
}

#[tokio::test]
async fn a_form_without_scripts_redirects_to_the_new_room() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let answer = ada
        .submit("/rooms", "/api/rooms/open", &[("topic", "Tea"), ("kind", "open")])
        .await
        .must(302);
    let id = app.ask::<String>("select id from rooms").await;
    assert_eq!(answer.location(), format!("/rooms/{id}"));
    let wrong = ada
        .submit("/rooms", "/api/rooms/open", &[("topic", ""), ("kind", "open")])
        .await
        .must(302);
    assert_eq!(wrong.location(), "/rooms");
    let page = ada.page("/rooms").await.must(200).text();
    assert!(page.contains("role=\"alert\""), "{page}");
}

#[tokio::test]
async fn a_rooms_link_can_not_be_guessed() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let rooms: Vec<RoomInfo> = vec![ada.open_room("Tea", "open").await, ada.open_room("Tea", "open").await];
    assert_ne!(rooms[0].id, rooms[1].id);
    // 12 characters from an alphabet of 32 are 60 bits.
    assert!(rooms.iter().all(|room| room.id.as_str().len() >= 12));
}
