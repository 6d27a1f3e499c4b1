//! Raised hands in both modes: who has one, in which order and since when, and who lowers it.

use crate::{moderation::ask, test_app::TestApp, test_socket::TestSocket, visitor::Visitor};
use snug::model::{
    id::UserId,
    room::{ParticipantInfo, RoomInfo, RoomPage},
    signal::{ClientSignal, Refusal, ServerSignal},
    stage::{ModerationAction, Role, StageRequest},
};
use std::time::Duration;

/// Waits until the room tells of a change of `user` for which `wanted` is true.
async fn change_of(
    socket: &mut TestSocket<ServerSignal>,
    user: &UserId,
    wanted: impl Fn(&ParticipantInfo) -> bool,
) -> ParticipantInfo {
    let find = |signal| match signal {
        ServerSignal::Roster { changed, .. } => changed.into_iter().find(|one| one.person.id == *user && wanted(one)),
        _ => None,
    };
    socket.recv_until(find).await
}

async fn refusal(socket: &mut TestSocket<ServerSignal>) -> Refusal {
    let refused = |signal| match signal {
        ServerSignal::Refused { why } => Some(why),
        _ => None,
    };
    socket.recv_until(refused).await
}

/// The room as somebody sees it who opens its page now, and the server's time at this moment, in unix seconds.
async fn look(visitor: &Visitor, room: &RoomInfo) -> (RoomPage, i64) {
    let mut socket = visitor.try_to_enter(room.id.as_str()).await.expect("admitted");
    match socket.hear().await {
        ServerSignal::Welcome { room, now_s, .. } => (*room, now_s),
        other => panic!("the first signal is a welcome, not {other:?}"),
    }
}

#[tokio::test]
async fn where_everyone_may_talk_people_raise_a_hand_until_they_unmute_or_a_host_lowers_it() {
    let app = TestApp::start().await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_room("Tea", "open").await;
    let mut host = ada.enter(&room).await;
    let (mut ben_socket, mut cem_socket) = (ben.enter(&room).await, cem.enter(&room).await);
    let (ben_id, cem_id) = (ben.id().await, cem.id().await);
    ask(&mut ben_socket, StageRequest::Hand { up: true }).await;
    let seen = change_of(&mut host, &ben_id, |one| one.hand.is_some()).await;
    assert_eq!((seen.role, seen.hand), (Role::Speaker, Some(1)));
    let seen = change_of(&mut cem_socket, &ben_id, |one| one.hand.is_some()).await;
    assert_eq!(seen.hand, Some(1), "everybody sees the hand");
    ask(&mut cem_socket, StageRequest::Hand { up: true }).await;
    change_of(&mut host, &cem_id, |one| one.hand == Some(2)).await;

    ben_socket.say(&ClientSignal::Mute { on: false }).await;
    let seen = change_of(&mut host, &ben_id, |one| !one.muted).await;
    assert_eq!((seen.hand, seen.hand_since_s), (None, None), "Ben speaks now");
    ask(&mut ben_socket, StageRequest::LowerHand { about: cem_id.clone() }).await;
    assert_eq!(refusal(&mut ben_socket).await, Refusal::NotYours);
    ask(&mut host, StageRequest::LowerHand { about: cem_id.clone() }).await;
    change_of(&mut cem_socket, &cem_id, |one| one.hand.is_none()).await;
    ask(&mut host, StageRequest::LowerHand { about: cem_id }).await;
    assert_eq!(refusal(&mut host).await, Refusal::NotPossible);
}

#[tokio::test]
async fn a_person_raises_a_hand_six_times_a_minute_in_both_modes() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let rooms = [
        (&ada, ada.open_room("Tea", "open").await),
        (&ben, ben.open_stage("Clinic").await),
    ];
    for (person, room) in rooms {
        let mut socket = person.enter(&room).await;
        for up in [true, false].repeat(6) {
            ask(&mut socket, StageRequest::Hand { up }).await;
            // A person may send only so many signals in a second.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        ask(&mut socket, StageRequest::Hand { up: true }).await;
        let why = refusal(&mut socket).await;
        assert!(matches!(why, Refusal::TooFast { wait_s: 1..=60 }), "{why:?}");
    }
}

#[tokio::test]
async fn a_hand_says_how_long_it_has_been_up_by_the_clock_of_the_server() {
    let app = TestApp::start().await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_stage("Clinic").await;
    let _host = ada.enter(&room).await;
    let mut cem_socket = cem.enter(&room).await;
    let mut ben_socket = ben.enter(&room).await;
    let (ben_id, cem_id) = (ben.id().await, cem.id().await);
    ask(&mut cem_socket, StageRequest::Hand { up: true }).await;
    change_of(&mut cem_socket, &cem_id, |one| one.hand.is_some()).await;
    app.pass_in_rooms_s(120);
    ask(&mut ben_socket, StageRequest::Hand { up: true }).await;
    change_of(&mut ben_socket, &ben_id, |one| one.hand.is_some()).await;
    let (page, now_s) = look(&ada, &room).await;
    let mut up: Vec<&ParticipantInfo> = page.roster.iter().filter(|one| one.hand.is_some()).collect();
    up.sort_by_key(|one| one.hand);
    let waits: Vec<(&str, i64)> = up
        .iter()
        .map(|one| (one.person.name.as_str(), now_s - one.hand_since_s.expect("since when")))
        .collect();
    let [("Cem", cem_waits), ("Ben", ben_waits)] = waits[..] else {
        panic!("Cem is first and Ben second: {waits:?}");
    };
    assert!(
        (120..150).contains(&cem_waits) && (0..30).contains(&ben_waits),
        "{waits:?}"
    );
}

fn inviter(signal: ServerSignal) -> Option<String> {
    match signal {
        ServerSignal::InvitedByHost { by } => Some(by),
        _ => None,
    }
}

#[tokio::test]
async fn an_invitation_names_the_host_to_the_invited_person_only() {
    let app = TestApp::start().await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_stage("Clinic").await;
    let mut host = ada.enter(&room).await;
    let (mut co_host, mut listener) = (ben.enter(&room).await, cem.enter(&room).await);
    let (ben_id, cem_id) = (ben.id().await, cem.id().await);
    let act = |about: &UserId, action| StageRequest::Moderate {
        about: about.clone(),
        action,
    };
    ask(&mut host, act(&ben_id, ModerationAction::MakeCoHost)).await;
    change_of(&mut co_host, &ben_id, |one| one.role == Role::CoHost).await;
    ask(&mut co_host, act(&cem_id, ModerationAction::Invite)).await;
    let inviter = listener.recv_until(inviter).await;
    assert_eq!(inviter, "Ben");
    change_of(&mut listener, &cem_id, |one| one.invited).await;
    // The host sees the invitation on the roster, and gets no name.
    let seen = host
        .recv_until(|signal| match signal {
            ServerSignal::InvitedByHost { .. } => Some(false),
            ServerSignal::Roster { changed, .. } => changed.iter().any(|one| one.invited).then_some(true),
            _ => None,
        })
        .await;
    assert!(seen, "only the invited person gets the name");
}
