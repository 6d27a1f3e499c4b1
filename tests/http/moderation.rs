//! Moderation at the endpoints and in the database: removed and banned people, a restart, and the end of a room.

use crate::{database::On, test_app::TestApp, test_socket::TestSocket, visitor::Visitor};
use snug::model::{
    id::UserId,
    moderation_log::{Deed, ModerationPanel},
    room::{RoomCard, RoomInfo, RoomPage},
    signal::{ClientSignal, Ending, Refusal, ServerSignal},
    stage::{Mode, ModerationAction, Role, StageRequest},
};
use std::time::Duration;

on_both_databases! {
    removed_and_banned_people_are_told_why_at_every_endpoint,
    a_permanent_room_and_its_bans_outlive_a_restart,
    moderation_is_deleted_when_the_room_ends,
    a_social_room_keeps_the_circle_of_the_person_who_opened_it,
    a_new_account_only_listens_for_the_minutes_that_the_host_chose,
}

pub async fn ask(socket: &mut TestSocket<ServerSignal>, request: StageRequest) {
    socket.say(&ClientSignal::StageRequest(request)).await;
}

pub async fn moderate(socket: &mut TestSocket<ServerSignal>, action: ModerationAction, about: &UserId) {
    let about = about.clone();
    ask(socket, StageRequest::Moderate { about, action }).await;
}

async fn panel_where(
    socket: &mut TestSocket<ServerSignal>,
    wanted: impl Fn(&ModerationPanel) -> bool,
) -> ModerationPanel {
    socket
        .recv_until(|signal| match signal {
            ServerSignal::ModerationPanel { panel } if wanted(&panel) => Some(panel),
            _ => None,
        })
        .await
}

async fn ending(socket: &mut TestSocket<ServerSignal>) -> Ending {
    socket
        .recv_until_within(Duration::from_secs(1), |signal| match signal {
            ServerSignal::Ended { why } => Some(why),
            _ => None,
        })
        .await
}

async fn topics(visitor: &Visitor) -> Vec<String> {
    let cards: Vec<RoomCard> = visitor.list_rooms().await.must(200).json();
    cards.into_iter().map(|card| card.info.topic).collect()
}

async fn page(visitor: &Visitor, room: &RoomInfo) -> RoomPage {
    visitor.find_room(room.id.as_str()).await.must(200).json()
}

async fn removed_and_banned_people_are_told_why_at_every_endpoint(on: On) {
    let app = TestApp::on(on).await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_room("Tea", "open").await;
    let mut host = ada.enter(&room).await;
    let (mut removed, mut banned) = (ben.enter(&room).await, cem.enter(&room).await);
    let (ben_id, cem_id) = (ben.id().await, cem.id().await);
    moderate(&mut host, ModerationAction::Remove, &ben_id).await;
    moderate(&mut host, ModerationAction::Ban, &cem_id).await;
    assert_eq!(
        (ending(&mut removed).await, ending(&mut banned).await),
        (Ending::removed_by("Ada".into()), Ending::Banned)
    );
    for (visitor, why, shown_why) in [
        (&ben, "come back in 10 minutes", "You can come back in "),
        (&cem, "has banned you", "A host has banned you"),
    ] {
        let message = visitor.find_room(room.id.as_str()).await.must_fail(403, "forbidden");
        assert!(message.detail().contains(why), "{}", message.detail());
        let shown = visitor.page(&format!("/rooms/{}", room.id)).await.must(403);
        assert!(shown.text().contains(shown_why));
        let socket = visitor.try_to_enter(room.id.as_str()).await.err().expect("refused");
        assert_eq!(socket.status, 403);
        assert!(topics(visitor).await.is_empty(), "the room is still on their list");
    }
    panel_where(&mut host, |panel| panel.barred.len() == 2).await;
    ask(&mut host, StageRequest::Lift { about: cem_id }).await;
    panel_where(&mut host, |panel| panel.barred.len() == 1).await;
    cem.enter(&room).await;
    ask(&mut host, StageRequest::Undo { number: 1 }).await;
    panel_where(&mut host, |panel| panel.barred.is_empty()).await;
    ben.enter(&room).await;
}

async fn a_permanent_room_and_its_bans_outlive_a_restart(on: On) {
    let mut app = TestApp::on(on).await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_stage("Clinic").await;
    let mut host = ada.enter(&room).await;
    let gus = app.guest(&ada.make_guest_link(&room).await, "Gus").await;
    let _sockets = (ben.enter(&room).await, cem.enter(&room).await, gus.enter(&room).await);
    moderate(&mut host, ModerationAction::MakeCoHost, &ben.id().await).await;
    moderate(&mut host, ModerationAction::Ban, &cem.id().await).await;
    moderate(&mut host, ModerationAction::Ban, &gus.id().await).await;
    ask(&mut host, StageRequest::SetPermanent { on: true }).await;
    ask(&mut host, StageRequest::Mode { mode: Mode::Everyone }).await;
    ask(&mut host, StageRequest::MuteNewAccounts { minutes: 5 }).await;
    panel_where(&mut host, |panel| panel.log.len() == 6).await;
    app.until("select count(*) from moderation_log", 6).await;
    app.until("select hold_minutes from rooms", 5).await;
    app.restart().await;

    let rules = page(&ada, &room).await.info.rules;
    assert!(rules.permanent && rules.mode == Mode::Everyone && rules.new_account_minutes == 5);
    assert_eq!(topics(&ben).await, ["Clinic"], "the room is idle, and on the list");
    cem.find_room(room.id.as_str()).await.must_fail(403, "forbidden");
    let _ben = ben.enter(&room).await;
    let mut host = ada.enter(&room).await;
    // The numbers of log entries continue after the restart.
    ask(&mut host, StageRequest::SetPermanent { on: false }).await;
    let panel = panel_where(&mut host, |panel| panel.log.len() == 7).await;
    assert!(
        panel.log.iter().map(|entry| entry.number).eq([7, 6, 5, 4, 3, 2, 1]),
        "the newest first: {panel:?}"
    );
    assert!(matches!(panel.log[5].deed, Deed::Banned) && !panel.log[5].can_undo);
    let mut barred: Vec<(&str, bool)> = panel
        .barred
        .iter()
        .map(|bar| (bar.person.name.as_str(), bar.guest))
        .collect();
    barred.sort_unstable();
    assert_eq!(
        barred,
        [("Cem", false), ("Gus", true)],
        "the panel says who came as a guest"
    );
    let roles: Vec<Role> = page(&ada, &room).await.roster.into_iter().map(|one| one.role).collect();
    assert_eq!(roles, [Role::CoHost, Role::Host]);
}

async fn moderation_is_deleted_when_the_room_ends(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let mut host = ada.enter(&room).await;
    let mut inside = ben.enter(&room).await;
    moderate(&mut host, ModerationAction::Mute, &ben.id().await).await;
    let muter = |signal| match signal {
        ServerSignal::MutedByHost { by } => Some(by),
        _ => None,
    };
    assert_eq!(inside.recv_until(muter).await, "Ada");
    app.until("select count(*) from standings", 1).await;
    ask(&mut inside, StageRequest::End).await;
    ask(&mut host, StageRequest::End).await;
    let by = Some("Ada".into());
    assert_eq!(ending(&mut inside).await, Ending::RoomEnded { by });
    app.until("select count(*) from moderation_log", 0).await;
    app.until("select count(*) from standings", 0).await;
    assert_eq!(
        app.ask::<i64>("select count(*) from rooms where ended_at is not null")
            .await,
        1
    );
    let gone = ben.find_room(room.id.as_str()).await.must_fail(404, "not_found");
    assert!(gone.detail().starts_with("Ada ended this room."), "{}", gone.detail());
    assert!(topics(&ben).await.is_empty());
}

async fn a_social_room_keeps_the_circle_of_the_person_who_opened_it(on: On) {
    let app = TestApp::on(on).await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    for follower in [&ben, &cem] {
        ada.follow(&follower.id().await).await.must(200);
    }
    let room = ada.open_room("Whispers", "social").await;
    let mut host = ada.enter(&room).await;
    let mut next = ben.enter(&room).await;
    moderate(&mut host, ModerationAction::HandOver, &ben.id().await).await;
    let info = next
        .recv_until(|signal| match signal {
            ServerSignal::RoomInfo { info } => Some(info),
            _ => None,
        })
        .await;
    assert_eq!(info.host.name, "Ben");
    assert_eq!(topics(&cem).await, ["Whispers"]);
    cem.enter(&room).await;
    app.until("select count(*) from rooms where host_id is not null", 1)
        .await;
    // Ben is the host, so he keeps access although Ada has unfollowed him.
    ada.unfollow(&ben.id().await).await.must(200);
    assert_eq!(topics(&ben).await, ["Whispers"]);
}

async fn a_new_account_only_listens_for_the_minutes_that_the_host_chose(on: On) {
    let app = TestApp::on(on).await;
    let [ada, ben, old] = app.people(["Ada", "Ben", "Old"]).await;
    app.tamper("update users set activated_at = 1 where name = 'Old'").await;
    let room = ada.open_room("Tea", "open").await;
    let mut host = ada.enter(&room).await;
    ask(&mut host, StageRequest::MuteNewAccounts { minutes: 5 }).await;
    panel_where(&mut host, |panel| panel.log.len() == 1).await;
    let mut young = ben.enter(&room).await;
    young.say(&ClientSignal::Mute { on: false }).await;
    let refused = |signal| match signal {
        ServerSignal::Refused { why } => Some(why),
        _ => None,
    };
    let why = young.recv_until(refused).await;
    assert!(matches!(why, Refusal::NewAccount { for_s: 1..=300 }), "{why:?}");
    crate::voice::unmute(&mut old.enter(&room).await).await;
}

/// Ben hosts Ada's room, which is the only reason why he may be in it. The news that he hosts no more must reach his socket although
/// nothing can be written.
#[tokio::test]
async fn a_person_who_loses_access_is_put_out_within_1_s_although_the_database_takes_no_writes() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let (ada_id, ben_id) = (ada.id().await, ben.id().await);
    ada.follow(&ben_id).await.must(200);
    let room = ada.open_room("Whispers", "social").await;
    let mut host = ada.enter(&room).await;
    let mut next = ben.enter(&room).await;
    moderate(&mut host, ModerationAction::HandOver, &ben_id).await;
    let hosts = |signal, name: &str| match signal {
        ServerSignal::RoomInfo { info } if info.host.name == name => Some(()),
        _ => None,
    };
    next.recv_until(|signal| hosts(signal, "Ben")).await;
    ada.unfollow(&ben_id).await.must(200);
    // Nobody else can write now: SQLite has one writer.
    let writing = app.state.database.begin().await.expect("the writer");
    moderate(&mut next, ModerationAction::HandOver, &ada_id).await;
    assert_eq!(ending(&mut next).await, Ending::NoEntry);
    drop(writing);
}
