//! A room's socket: what people inside receive, and how people leave.

use crate::{test_app::TestApp, test_socket::TestSocket, visitor::Visitor};
use snug::model::{
    id::UserId,
    room::ParticipantInfo,
    signal::{ClientSignal, Ending, ServerSignal},
    stage::Role,
};
use std::time::{Duration, Instant};

fn id_of(visitor: &Visitor) -> UserId {
    let claims = crate::test_app::claims(&visitor.jar.get("access").expect("a token"));
    UserId::parse(claims["sub"].as_str().expect("an id")).expect("an id")
}

/// Waits until somebody leaves, and returns the ids of everyone who left.
async fn someone_leaves(socket: &mut TestSocket<ServerSignal>) -> Vec<UserId> {
    socket
        .recv_until(|signal| match signal {
            ServerSignal::Roster { left, .. } if !left.is_empty() => Some(left),
            _ => None,
        })
        .await
}

/// Waits until somebody joins, and returns everyone who joined.
async fn someone_joins(socket: &mut TestSocket<ServerSignal>) -> Vec<ParticipantInfo> {
    socket
        .recv_until(|signal| match signal {
            ServerSignal::Roster { joined, .. } if !joined.is_empty() => Some(joined),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_newcomer_gets_the_roster_and_the_others_get_the_newcomer() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, you, page) = ada.enter_and_look(&room).await;
    assert_eq!(
        (you, page.roster.len(), page.info.clone()),
        (id_of(&ada), 1, room.clone())
    );

    let (_guest, _, page) = ben.enter_and_look(&room).await;
    let names: Vec<(&str, Role)> = page
        .roster
        .iter()
        .map(|one| (one.person.name.as_str(), one.role))
        .collect();
    assert_eq!(names, [("Ada", Role::Host), ("Ben", Role::Speaker)]);
    let joined = someone_joins(&mut socket).await;
    assert_eq!(
        (joined[0].person.name.as_str(), joined[0].person.picture.as_str()),
        ("Ben", "/faces/Ben.svg")
    );
}

#[tokio::test]
async fn a_server_that_stops_tells_every_socket_that_it_restarts() {
    let mut app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let mut inside = ada.enter(&room).await;
    let mut list = ada.watch_rooms().await.expect("let in");
    app.restart().await;
    // 1012 is "Service Restart" in IANA's registry of WebSocket close codes.
    assert_eq!(inside.recv_close_code().await, Some(1012));
    assert_eq!(list.recv_close_code().await, Some(1012));
}

#[tokio::test]
async fn leaving_and_closing_a_page_are_seen_at_once() {
    let app = TestApp::start().await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_room("Tea", "open").await;
    let mut socket = ada.enter(&room).await;
    let (mut by_button, by_closing) = (ben.enter(&room).await, cem.enter(&room).await);

    let start = Instant::now();
    by_button.say(&ClientSignal::Leave).await;
    assert_eq!(someone_leaves(&mut socket).await, [id_of(&ben)]);
    by_closing.close_page().await;
    assert_eq!(someone_leaves(&mut socket).await, [id_of(&cem)]);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    by_button.recv_all().await;
}

#[tokio::test]
async fn somebody_whose_socket_is_lost_leaves_within_5_s() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, lost) = (ada.enter(&room).await, ben.enter(&room).await);
    someone_joins(&mut socket).await;
    let start = Instant::now();
    lost.lose();
    let is_away = |signal| match signal {
        ServerSignal::Roster { changed, .. } => changed.iter().any(|one| one.away).then_some(()),
        _ => None,
    };
    socket.recv_until(is_away).await;
    assert_eq!(someone_leaves(&mut socket).await, [id_of(&ben)]);
    let taken = start.elapsed();
    assert!(
        taken > Duration::from_secs(3) && taken < Duration::from_secs(5),
        "{taken:?}"
    );
}

#[tokio::test]
async fn somebody_who_comes_back_in_time_never_left() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, lost) = (ada.enter(&room).await, ben.enter(&room).await);
    someone_joins(&mut socket).await;
    lost.lose();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let _back = ben.enter(&room).await;
    assert!(socket.is_quiet_for(Duration::from_millis(4_500)).await);
}

#[tokio::test]
async fn two_tabs_of_one_person_are_one_participant() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let mut socket = ada.enter(&room).await;
    let one = ben.enter(&room).await;
    let (two, _, page) = ben.enter_and_look(&room).await;
    assert_eq!(page.roster.len(), 2);
    assert_eq!(someone_joins(&mut socket).await.len(), 1);
    one.close_page().await;
    assert!(
        socket.is_quiet_for(Duration::from_secs(1)).await,
        "the other tab is still in the room"
    );
    two.close_page().await;
    assert_eq!(someone_leaves(&mut socket).await, [id_of(&ben)]);
}

#[tokio::test]
async fn a_new_name_and_face_show_in_the_room() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, _guest) = (ada.enter(&room).await, ben.enter(&room).await);
    someone_joins(&mut socket).await;
    ben.activate("Benedikt", "face:tea").await.must(200);
    let signal = socket.hear().await;
    let ServerSignal::Roster { changed, .. } = signal else {
        panic!("{signal:?}")
    };
    let shown = (
        changed[0].person.id.clone(),
        changed[0].person.name.as_str(),
        changed[0].person.picture.as_str(),
    );
    assert_eq!(shown, (id_of(&ben), "Benedikt", "/faces/tea.svg"));
}

#[tokio::test]
async fn signing_out_elsewhere_ends_the_socket_within_1_s() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, mut host) = (ben.enter(&room).await, ada.enter(&room).await);
    let id = id_of(&ben);
    let asked = Instant::now();
    ben.sign_out().await.must(200);
    let last = socket.recv_all().await.pop().expect("a last signal");
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    assert_eq!(last, ServerSignal::Ended { why: Ending::SignedOut });
    assert_eq!(someone_leaves(&mut host).await, [id]);
    assert_eq!(
        ben.try_to_enter(room.id.as_str()).await.err().expect("refused").status,
        401
    );
}

#[tokio::test]
async fn invalid_messages_are_ignored() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let mut socket = ada.enter(&room).await;
    for nonsense in [
        "",
        "{",
        "null",
        r#"{"type":"mute","user":"everybody"}"#,
        r#"{"type":"join"}"#,
    ] {
        socket.say_text(nonsense).await;
    }
    assert!(socket.is_quiet_for(Duration::from_millis(300)).await);
    socket.say(&ClientSignal::Leave).await;
    socket.recv_all().await;
}
