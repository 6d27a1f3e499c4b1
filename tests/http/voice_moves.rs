//! A page whose network changes: a new socket takes the place of the old one, an ICE restart keeps the voice, and nobody else can do
//! either.

use crate::{
    ice_client::ToneSource,
    raw_peer::{LOUD, RawPeer},
    room_entry::join,
    test_app::TestApp,
    test_socket::TestSocket,
    visitor::Visitor,
    voice::{missing, speaker, unmute, wait},
};
use snug::model::{
    id::UserId,
    room::{ParticipantInfo, RoomInfo, RoomPage},
    signal::{ClientSignal, MOVED_CODE, Refusal, ServerSignal},
    stage::StageRequest,
};
use std::{
    io::{Write as _, stderr},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// The id of Ben's page.
const PAGE: &str = "AbCdEfGhIjKlMnOpQrSt-_";
/// Another page.
const OTHER_PAGE: &str = "0123456789012345678901";

/// Opens the room's socket as the page with this id. Returns who this is, and the room as the welcome shows it.
async fn open_as(visitor: &Visitor, room: &RoomInfo, page: &str) -> (TestSocket<ServerSignal>, UserId, RoomPage) {
    let path = format!("/ws/rooms/{}?page={page}", room.id);
    let mut socket: TestSocket<ServerSignal> = visitor.open_own_socket(&path).await.expect("admitted");
    match socket.hear().await {
        ServerSignal::Welcome { you, room, .. } => (socket, you, *room),
        other => panic!("the first signal is a welcome, not {other:?}"),
    }
}

fn find<'a>(room: &'a RoomPage, user: &UserId) -> Option<&'a ParticipantInfo> {
    room.roster.iter().find(|one| one.person.id == *user)
}

/// Receives until `user` is shown as muted. Nobody may leave or come in before that.
async fn sees_muted(socket: &mut TestSocket<ServerSignal>, user: &UserId) {
    let is_muted = |signal| match signal {
        ServerSignal::Roster { joined, left, changed } => {
            assert!(joined.is_empty() && left.is_empty(), "{joined:?} came, {left:?} left");
            let muted = changed.iter().any(|one| one.person.id == *user && one.muted);
            muted.then_some(())
        }
        _ => None,
    };
    socket.recv_until(is_muted).await;
}

struct MoveScene {
    app: TestApp,
    room: RoomInfo,
    ben: Visitor,
    ben_id: UserId,
    /// Ada's socket, which has seen everything that she is told of.
    ada_socket: TestSocket<ServerSignal>,
    ada_peer: RawPeer,
    ben_socket: TestSocket<ServerSignal>,
    ben_peer: RawPeer,
}

/// Ada and Ben talk. Ben's page has the id [`PAGE`].
async fn scene() -> MoveScene {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut ben_socket, ben_id, _) = open_as(&ben, &room, PAGE).await;
    let ben_peer = join(&mut ben_socket).await;
    unmute(&mut ben_socket).await;
    ben_peer.speak(ToneSource::at(LOUD));
    let (ada_socket, ada_peer) = speaker(&ada, &room).await;
    wait(&ada_peer, 20);
    wait(&ben_peer, 20);
    MoveScene {
        app,
        room,
        ben,
        ben_id,
        ada_socket,
        ada_peer,
        ben_socket,
        ben_peer,
    }
}

/// Restarts ICE from another address, over UDP, and waits for the answer.
pub async fn restart(socket: &mut TestSocket<ServerSignal>, peer: &RawPeer) -> String {
    let sdp = peer.restart();
    socket.say(&ClientSignal::RestartIce { sdp: sdp.clone() }).await;
    peer.accept(restarted(socket).await);
    sdp
}

async fn restarted(socket: &mut TestSocket<ServerSignal>) -> String {
    let answer = |signal| match signal {
        ServerSignal::Restarted { sdp } => Some(sdp),
        _ => None,
    };
    socket.recv_until(answer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_socket_of_the_same_page_takes_over_hand_microphone_and_voices() {
    let mut scene = scene().await;
    let hand = ClientSignal::StageRequest(StageRequest::Hand { up: true });
    scene.ben_socket.say(&hand).await;
    let is_up = |signal| match signal {
        ServerSignal::Roster { changed, .. } => changed.iter().any(|one| one.hand.is_some()).then_some(()),
        _ => None,
    };
    scene.ada_socket.recv_until(is_up).await;
    scene.ada_peer.forget_heard();
    scene.ben_peer.forget_heard();

    let (mut newer, _, page) = open_as(&scene.ben, &scene.room, PAGE).await;
    let of_ben = find(&page, &scene.ben_id).expect("inside");
    assert!(!of_ben.muted && of_ben.hand.is_some() && !of_ben.away, "{of_ben:?}");
    assert_eq!(scene.ben_socket.recv_close_code().await, Some(MOVED_CODE));
    wait(&scene.ada_peer, 25);
    wait(&scene.ben_peer, 25);
    assert_eq!((missing(&scene.ada_peer), missing(&scene.ben_peer)), (0, 0));

    newer.say(&ClientSignal::Mute { on: true }).await;
    sees_muted(&mut scene.ada_socket, &scene.ben_id).await;
    // Several sockets of one page: the newest wins, and only it is inside.
    let (mut newest, ..) = open_as(&scene.ben, &scene.room, PAGE).await;
    assert_eq!(newer.recv_close_code().await, Some(MOVED_CODE));
    newest.say(&ClientSignal::Leave).await;
    let has_left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(&scene.ben_id).then_some(()),
        _ => None,
    };
    scene.ada_socket.recv_until(has_left).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_and_a_goodbye_on_a_socket_that_was_just_replaced_count() {
    let mut scene = scene().await;
    let (mut newer, ..) = open_as(&scene.ben, &scene.room, PAGE).await;
    // By now the server has closed the first socket. The page has not read that yet, and sends more on it.
    sleep(Duration::from_millis(200)).await;
    scene.ben_socket.say(&ClientSignal::Mute { on: true }).await;
    sees_muted(&mut scene.ada_socket, &scene.ben_id).await;

    let (_newest, ..) = open_as(&scene.ben, &scene.room, PAGE).await;
    sleep(Duration::from_millis(200)).await;
    newer.say(&ClientSignal::Leave).await;
    let has_left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(&scene.ben_id).then_some(()),
        _ => None,
    };
    // Without the goodbye, Ben would stay: his newest socket is open.
    scene.ada_socket.recv_until(has_left).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ice_restart_from_another_address_keeps_both_voices() {
    let mut scene = scene().await;
    let (mut newer, ..) = open_as(&scene.ben, &scene.room, PAGE).await;
    let began = Instant::now();
    let sdp = restart(&mut newer, &scene.ben_peer).await;
    let answered = Instant::now();
    scene.ada_peer.forget_heard();
    scene.ben_peer.forget_heard();
    wait(&scene.ada_peer, 10);
    wait(&scene.ben_peer, 10);
    let _ = writeln!(
        stderr(),
        "an ICE restart was answered after {:?}, and both voices were back {:?} later",
        answered - began,
        answered.elapsed()
    );
    // Sent again, the same offer changes nothing.
    newer.say(&ClientSignal::RestartIce { sdp }).await;
    restarted(&mut newer).await;
    scene.ada_peer.forget_heard();
    wait(&scene.ada_peer, 20);
    newer.say(&ClientSignal::Mute { on: true }).await;
    sees_muted(&mut scene.ada_socket, &scene.ben_id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_session_with_the_id_of_a_page_takes_nothing_over() {
    let mut scene = scene().await;
    let (eve, phone) = (
        scene.app.person("Eve").await,
        scene.app.newcomer("ben@example.org").await,
    );
    let (mut of_eve, ..) = open_as(&eve, &scene.room, PAGE).await;
    let (_phone, you, _) = open_as(&phone, &scene.room, PAGE).await;
    assert_eq!(you, scene.ben_id);
    let (_tab, ..) = open_as(&scene.ben, &scene.room, OTHER_PAGE).await;
    let (_, sdp) = RawPeer::offer();
    of_eve.say(&ClientSignal::RestartIce { sdp }).await;
    let is_unplugged = |signal| (signal == ServerSignal::Unplugged).then_some(());
    of_eve.recv_until(is_unplugged).await;
    scene.ada_peer.forget_heard();
    wait(&scene.ada_peer, 20);
    // Ben's own socket is still the one that counts.
    scene.ben_socket.say(&ClientSignal::Mute { on: true }).await;
    sees_muted(&mut scene.ada_socket, &scene.ben_id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_without_a_connection_leads_to_a_join_and_bad_ones_disturb_nobody() {
    let mut scene = scene().await;
    let (mut watching, ..) = open_as(&scene.ben, &scene.room, OTHER_PAGE).await;
    let (_, sdp) = RawPeer::offer();
    watching.say(&ClientSignal::RestartIce { sdp }).await;
    let is_unplugged = |signal| (signal == ServerSignal::Unplugged).then_some(());
    watching.recv_until(is_unplugged).await;

    let bad = ClientSignal::RestartIce { sdp: "no offer".into() };
    for _ in 0..100 {
        scene.ben_socket.say(&bad).await;
    }
    let mut wanted = vec![Refusal::BadOffer, Refusal::TooManySignals];
    let are_refused = |signal| {
        if let ServerSignal::Refused { why } = signal {
            wanted.retain(|one| *one != why);
        }
        wanted.is_empty().then_some(())
    };
    scene.ben_socket.recv_until(are_refused).await;
    scene.ada_peer.forget_heard();
    wait(&scene.ada_peer, 20);
    sleep(Duration::from_secs(2)).await;
    // An offer of another connection ends this one, and the page is told to join again.
    let (_, sdp) = RawPeer::offer();
    scene.ben_socket.say(&ClientSignal::RestartIce { sdp }).await;
    scene.ben_socket.recv_until(is_unplugged).await;
    let peer = join(&mut scene.ben_socket).await;
    wait(&peer, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_goes_on_for_a_moment_without_its_socket_and_a_new_socket_takes_it_over() {
    let mut scene = scene().await;
    scene.ben_socket.lose();
    sleep(Duration::from_millis(2_500)).await;
    scene.ada_peer.forget_heard();
    wait(&scene.ada_peer, 10);
    let (newer, _, page) = open_as(&scene.ben, &scene.room, PAGE).await;
    let of_ben = find(&page, &scene.ben_id).expect("inside");
    assert!(!of_ben.muted && !of_ben.away, "{of_ben:?}");

    // If no socket comes, Ben has left, and nothing of him is heard.
    newer.lose();
    let has_left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(&scene.ben_id).then_some(()),
        _ => None,
    };
    scene.ada_socket.recv_until(has_left).await;
    scene.ada_peer.forget_heard();
    sleep(Duration::from_millis(300)).await;
    assert!(scene.ada_peer.heard().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whose_voice_stops_arriving_is_told_so_and_that_it_arrives_again() {
    let mut scene = scene().await;
    let told = |wanted: bool| {
        move |signal| match signal {
            ServerSignal::VoiceArrives { arrives } if arrives == wanted => Some(Instant::now()),
            _ => None,
        }
    };
    scene.ben_peer.fall_silent();
    let silent = Instant::now();
    let noticed = scene.ben_socket.recv_until(told(false)).await;
    assert!(noticed - silent < Duration::from_secs(2), "{:?}", noticed - silent);
    scene.ben_peer.speak(ToneSource::at(LOUD));
    scene.ben_socket.recv_until(told(true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn late_packets_after_a_gap_are_not_too_much_sound() {
    let mut scene = scene().await;
    scene.ben_peer.fall_silent();
    sleep(Duration::from_secs(3)).await;
    // In a gap of 3 s, 150 packets can wait. They arrive at once.
    scene.ben_peer.speak(ToneSource {
        every: Duration::from_millis(2),
        ..ToneSource::at(LOUD)
    });
    sleep(Duration::from_millis(300)).await;
    scene.ben_peer.speak(ToneSource::at(LOUD));
    sleep(Duration::from_millis(500)).await;
    scene.ben_socket.say(&ClientSignal::Mute { on: true }).await;
    let is_muted = |signal| match signal {
        ServerSignal::Refused { why } => panic!("refused: {why:?}"),
        ServerSignal::Roster { changed, .. } => changed
            .iter()
            .any(|one| one.person.id == scene.ben_id && one.muted)
            .then_some(()),
        _ => None,
    };
    scene.ben_socket.recv_until(is_muted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_socket_answers_pings() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    for path in [
        format!("/ws/rooms/{}", room.id),
        "/ws/rooms".to_owned(),
        "/ws/check".to_owned(),
    ] {
        let mut socket: TestSocket<serde_json::Value> = ada.open_own_socket(&path).await.expect("admitted");
        for n in [1, 4_000_000_000_u32] {
            socket.say(&ClientSignal::Ping { n }).await;
            let is_pong = |signal: serde_json::Value| (signal["type"] == "pong").then_some(signal);
            let pong = socket.recv_until(is_pong).await;
            assert_eq!(pong, serde_json::json!({"type": "pong", "n": n}), "{path}");
        }
    }
}
