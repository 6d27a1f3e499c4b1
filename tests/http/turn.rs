//! TURN servers: a page learns them, with credentials of its own, in the first signal of a room's socket.

use crate::{database::On, test_app::TestApp};
use snug::{
    model::{ice_server::IceServer, room::RoomInfo, signal::ServerSignal},
    server::config::TurnSecret,
};

const SECRET: &str = "a-secret-of-the-turn-server";

/// What the welcome names.
async fn ice_servers(visitor: &crate::visitor::Visitor, room: &RoomInfo) -> Vec<IceServer> {
    let mut socket = visitor.try_to_enter(room.id.as_str()).await.expect("admitted");
    match socket.hear().await {
        ServerSignal::Welcome { ice_servers, .. } => ice_servers,
        other => panic!("the first signal is a welcome, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_gets_credentials_for_an_hour_and_nobody_gets_the_secret() {
    let app = TestApp::with(On::Sqlite, |config| {
        config.voice.turn_urls = vec!["turns:turn.example.org:443".into()];
        config.voice.turn_secret = Some(TurnSecret::parse(SECRET).expect("a secret"));
    })
    .await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (adas, bens) = (ice_servers(&ada, &room).await, ice_servers(&ben, &room).await);
    assert_eq!(adas.len(), 1);
    assert_eq!(adas[0].urls, ["turns:turn.example.org:443"]);
    let (until, opaque) = adas[0].username.split_once(':').expect("two parts");
    let left = until.parse::<i64>().expect("a time") - app.state.now_s();
    assert!((3_500..=3_600).contains(&left), "{left}");
    assert!(
        !bens[0].username.ends_with(opaque),
        "each person has a name of their own"
    );
    assert!(!serde_json::to_string(&adas).expect("JSON").contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_turn_server_a_page_gets_none() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    assert!(ice_servers(&ada, &room).await.is_empty());
}
