//! Rooms: who may enter, what is stored, and what other people learn.

use crate::{database::On, raw_peer::RawPeer, test_app::TestApp};
use snug::model::{
    room::RoomPage,
    signal::{ClientSignal, Refusal, ServerSignal},
    stage::Role,
    user::User,
};

on_both_databases! {
    only_a_topic_and_one_of_three_kinds_are_stored,
}

#[tokio::test]
async fn a_malformed_room_id_is_a_404_page() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for id in [
        "x",
        "5f43a2c9",
        "not-a-room-at-all",
        "%00",
        "a%20b",
        "..%2f..%2fetc",
        &"y".repeat(300),
    ] {
        let page = ada.page(&format!("/rooms/{id}")).await.must(404);
        assert!(page.text().contains("<!DOCTYPE html>"), "{id}");
        assert_eq!(ada.try_to_enter(id).await.err().expect("refused").status, 404, "{id}");
    }
    ada.me().await.must(200);
}

#[tokio::test]
async fn a_socket_without_a_session_is_refused_before_the_upgrade() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let refusal = app.visitor().try_to_enter(room.id.as_str()).await.err();
    assert_eq!(refusal.expect("refused").status, 401);
    // An empty join crashed the server of another voice-room program. Ada may enter the room, so the server does read her broken joins.
    let (mut socket, ..) = ada.look_in(&room).await;
    for payload in [
        r#"{"type":"join"}"#,
        r#"{"type":"join","sdp":null}"#,
        r#"{"type":"join","sdp":""}"#,
        r#"{"type":"join","sdp":"v=0\r\nm=audio"}"#,
    ] {
        socket.say_text(payload).await;
    }
    let refused = ServerSignal::Refused { why: Refusal::BadOffer };
    assert_eq!((socket.hear().await, socket.hear().await), (refused.clone(), refused));
    ada.enter(&room).await;
}

#[tokio::test]
async fn every_endpoint_and_socket_of_rooms_needs_activation() {
    let app = TestApp::start().await;
    let room = app.person("Ada").await.open_room("Tea", "open").await;
    let id = room.id.as_str();
    let newcomer = app.newcomer("new@example.org").await;
    newcomer.list_rooms().await.must_fail(403, "not_activated");
    newcomer.find_room(id).await.must_fail(403, "not_activated");
    newcomer
        .post("/api/rooms/open", &[("topic", "x"), ("kind", "open")])
        .await
        .must_fail(403, "not_activated");
    assert_eq!(newcomer.try_to_enter(id).await.err().expect("refused").status, 403);
    assert_eq!(newcomer.watch_rooms().await.err().expect("refused").status, 403);
    for page in ["/rooms".to_owned(), format!("/rooms/{id}")] {
        assert!(
            newcomer.page(&page).await.must(303).location().starts_with("/activate"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn no_answer_or_signal_contains_the_address_of_somebody_else() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let _host = ada.enter(&room).await;
    let (_guest, _, seen) = ben.enter_and_look(&room).await;
    let mut list = ben.watch_rooms().await.expect("admitted");
    let heard = [
        format!("{seen:?}"),
        format!("{:?}", list.hear().await),
        ben.list_rooms().await.must(200).text(),
        ben.find_room(room.id.as_str()).await.must(200).text(),
        ben.page("/").await.text(),
        ben.page("/rooms").await.text(),
        ben.page(&format!("/rooms/{}", room.id)).await.text(),
    ];
    for text in &heard {
        assert!(!text.contains("example.org"), "{text}");
    }
    assert!(
        heard[..4].iter().all(|text| text.contains("Ada")),
        "the signals and answers mention Ada"
    );
    assert!(
        heard[5].contains("Ada") && heard[6].contains("Ada"),
        "the pages mention Ada"
    );
}

async fn only_a_topic_and_one_of_three_kinds_are_stored(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let (too_long, huge) = ("x".repeat(81), "x".repeat(100_000));
    for (topic, kind, status) in [
        ("Tea", "secret", 422),
        ("Tea", "", 422),
        ("Tea", "Open", 422),
        ("", "open", 422),
        (" \n ", "open", 422),
        ("a\u{0}b", "open", 422),
        (&too_long, "open", 422),
        (&huge, "open", 413),
    ] {
        let answer = ada.post("/api/rooms/open", &[("topic", topic), ("kind", kind)]).await;
        answer.must_fail(status, if status == 413 { "too_large" } else { "invalid" });
    }
    assert_eq!(app.ask::<i64>("select count(*) from rooms").await, 0);
    ada.open_room(&"ß".repeat(80), "social").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sockets_identity_comes_only_from_the_cookie() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.person("Ada").await, app.person("Eve").await);
    let room = ada.open_room("Tea", "open").await;
    let user: User = ada.me().await.json();
    let path = format!("/ws/rooms/{}?user={}&host=true", room.id, user.person.id);
    let mut socket = eve
        .open_socket::<ServerSignal>(&path, Some(&app.origin()))
        .await
        .expect("admitted");
    let ServerSignal::Welcome { you, room: page, .. } = socket.hear().await else {
        panic!("the first signal is a welcome")
    };
    assert!(you != user.person.id && page.roster.is_empty());

    // Ada talks. Eve's requests about Ada have no effect. When Eve joins, the server ignores the fields in which she claims to
    // be Ada.
    let (mut host, _ada) = ada.plug_in(&room).await;
    host.say(&ClientSignal::Mute { on: false }).await;
    let sdp = RawPeer::offer().1;
    for attempt in [
        serde_json::json!({"type": "mute", "on": true, "user": user.person.id, "id": user.person.id, "participant": user.person.id}),
        serde_json::json!({"type": "mute_other", "participant": user.person.id}),
        serde_json::json!({"type": "remove", "participant": user.person.id}),
        serde_json::json!({"type": "join", "sdp": sdp, "you": user.person.id, "host": true, "muted": false, "name": "Ada"}),
    ] {
        socket.say(&attempt).await;
    }
    socket
        .recv_until(|signal| matches!(signal, ServerSignal::Joined { .. }).then_some(()))
        .await;
    let page: RoomPage = eve.find_room(room.id.as_str()).await.must(200).json();
    let seen: Vec<(&str, bool, bool)> = page
        .roster
        .iter()
        .map(|one| (one.person.name.as_str(), one.role == Role::Host, one.muted))
        .collect();
    assert_eq!(seen, [("Ada", true, false), ("Eve", false, true)]);
}
