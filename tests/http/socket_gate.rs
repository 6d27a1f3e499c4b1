//! Who may open a socket. Everyone else is refused before the upgrade.

use crate::{test_app::TestApp, test_socket::UpgradeRefused};
use snug::model::signal::ServerSignal;

fn refused<T>(attempt: Result<T, UpgradeRefused>) -> UpgradeRefused {
    attempt.err().expect("refused before the upgrade")
}

#[tokio::test]
async fn a_page_of_another_site_can_open_no_socket() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let foreign = [
        "https://evil.example",
        "null",
        "http://localhost",
        "http://localhost:1",
        &app.origin().replace("http", "https"),
    ];
    for path in [format!("/ws/rooms/{}", room.id), "/ws/rooms".into(), "/ws/check".into()] {
        for origin in foreign.into_iter().map(Some).chain([None]) {
            let refusal = refused(ada.open_socket::<ServerSignal>(&path, origin).await);
            assert_eq!(refusal.status, 403, "{path} from {origin:?}");
            assert!(refusal.body.contains(r#""kind":"forbidden""#), "{}", refusal.body);
        }
    }
}

#[tokio::test]
async fn signed_out_is_401_not_activated_403_and_an_unknown_room_404() {
    let app = TestApp::start().await;
    let (ada, newcomer, stranger) = (
        app.person("Ada").await,
        app.newcomer("new@example.org").await,
        app.visitor(),
    );
    let room = ada.open_room("Tea", "open").await;
    let id = room.id.as_str();
    assert_eq!(refused(stranger.try_to_enter(id).await).status, 401);
    assert_eq!(refused(stranger.watch_rooms().await).status, 401);
    for refusal in [
        refused(newcomer.try_to_enter(id).await),
        refused(newcomer.watch_rooms().await),
    ] {
        assert_eq!(refusal.status, 403);
        assert!(
            refusal.body.contains("Choose your name and picture first."),
            "{}",
            refusal.body
        );
    }
    for unknown in ["abcdefghijkm", "x"] {
        assert_eq!(refused(ada.try_to_enter(unknown).await).status, 404);
    }
}

#[tokio::test]
async fn activation_is_read_from_the_database_and_not_from_a_token() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    app.tamper("update users set activated_at = null").await;
    assert_eq!(refused(ada.try_to_enter(room.id.as_str()).await).status, 403);
    ada.list_rooms().await.must_fail(403, "not_activated");
    app.tamper("update users set activated_at = 1").await;
    ada.enter(&room).await;
}
