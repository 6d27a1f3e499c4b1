//! The socket of the list of rooms. It sends the list whenever the list changes.

use crate::test_app::TestApp;
use snug::model::signal::{ClientSignal, ListSignal};
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_list_is_pushed_when_a_room_fills_and_empties() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let mut list = ben.watch_rooms().await.expect("admitted");
    assert!(list.hear().await.rooms.is_empty());

    let room = ada.open_room("Tea", "open").await;
    let mut socket = ada.enter(&room).await;
    let filled = list.recv_until(|signal| signal.rooms.first().cloned()).await;
    assert_eq!((filled.info.clone(), filled.faces[0].name.as_str()), (room, "Ada"));
    ada.activate("Ada Lovelace", "").await.must(200);
    list.recv_until(|signal| (signal.rooms.first()?.faces[0].name == "Ada Lovelace").then_some(()))
        .await;
    socket.say(&ClientSignal::Leave).await;
    list.recv_until(|signal| signal.rooms.is_empty().then_some(())).await;
}

#[tokio::test]
async fn signing_out_ends_the_socket_of_the_list_within_1_s() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let mut list = ada.watch_rooms().await.expect("admitted");
    list.hear().await;
    let asked = Instant::now();
    ada.sign_out().await.must(200);
    list.recv_all().await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_flood_of_pings_ends_the_socket_of_the_list_and_a_few_do_not() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let mut list = ada.open_own_socket::<ListSignal>("/ws/rooms").await.expect("admitted");
    list.hear().await;
    for _ in 0..20 {
        assert!(list.push_ping().await);
    }
    assert!(
        list.is_quiet_for(Duration::from_millis(500)).await,
        "20 pings are no flood"
    );
    for _ in 0..1_000 {
        if !list.push_ping().await {
            break;
        }
    }
    let asked = Instant::now();
    list.recv_all().await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
}
