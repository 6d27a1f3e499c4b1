//! Somebody hosts a room because its owner is away: the links, the sockets and the database. A host may be away for a minute; these
//! tests let that minute pass on the clock of the rooms.

use crate::{
    answer::Answer,
    database::On,
    invites::invites,
    moderation::{ask, moderate},
    test_app::TestApp,
    test_socket::TestSocket,
    visitor::Visitor,
};
use snug::model::{
    id::UserId,
    invite::Invite,
    room::{RoomInfo, RoomPage},
    signal::{ClientSignal, Ending, Refusal, ServerSignal},
    stage::{HOST_AWAY_SECONDS, ModerationAction, Role, StageRequest},
};

on_both_databases! {
    a_stand_in_has_only_their_own_links_and_the_owner_hosts_again,
    a_guest_who_stands_in_has_only_their_own_links_until_the_owner_is_back,
    the_links_of_a_guest_who_is_removed_stop_working_and_pass_to_the_owner,
    a_stand_in_is_not_told_to_turn_off_the_links_of_others,
    a_stand_in_ends_a_room_whose_owner_left_a_day_before_the_restart,
}

/// Lets the minute pass after which somebody else hosts, and waits until somebody does. Returns what the page of somebody inside
/// learns about the room.
async fn wait_for_stand_in(app: &TestApp, inside: &mut TestSocket<ServerSignal>) -> RoomInfo {
    app.pass_in_rooms_s(HOST_AWAY_SECONDS);
    let taken_over = |signal| match signal {
        ServerSignal::RoomInfo { info } if info.absent_owner.is_some() => Some(*info),
        _ => None,
    };
    inside.recv_until(taken_over).await
}

/// Lets the owner leave, and waits until somebody else hosts. Returns what the page of somebody inside learns about the room.
pub async fn leave_to_stand_in(
    app: &TestApp,
    (owner, owner_id): (&mut TestSocket<ServerSignal>, &UserId),
    inside: &mut TestSocket<ServerSignal>,
) -> RoomInfo {
    owner.say(&ClientSignal::Leave).await;
    let has_left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(owner_id).then_some(()),
        _ => None,
    };
    inside.recv_until(has_left).await;
    wait_for_stand_in(app, inside).await
}

async fn refusal(socket: &mut TestSocket<ServerSignal>) -> Refusal {
    let refused = |signal| match signal {
        ServerSignal::Refused { why } => Some(why),
        _ => None,
    };
    socket.recv_until(refused).await
}

async fn revoke(visitor: &Visitor, invite: &Invite, guests: &str) -> Answer {
    let fields = [("id", invite.id.as_str()), ("guests", guests)];
    visitor.post("/api/invites/revoke", &fields).await
}

async fn a_stand_in_has_only_their_own_links_and_the_owner_hosts_again(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Whispers", "private").await;
    let mut owner = ada.enter(&room).await;
    let of_ada = ada.make_guest_link(&room).await;
    ben.accept(&of_ada).await.must(200);
    let gus = app.guest(&of_ada, "Gus").await;
    let mut stand_in = ben.enter(&room).await;
    let info = leave_to_stand_in(&app, (&mut owner, &ada.id().await), &mut stand_in).await;
    assert_eq!(info.host.name, "Ben");
    let absent = info.absent_owner.expect("Ada is away");
    assert_eq!((absent.name.as_str(), absent.appointed), ("Ada", false));
    app.until("select count(*) from rooms where owner_left_at is not null", 1)
        .await;

    assert!(invites(&ben, &room).await.is_empty());
    for guests in ["false", "true"] {
        revoke(&ben, &of_ada, guests).await.must_fail(403, "forbidden");
    }
    let of_ben = ben.make_guest_link(&room).await;
    let seen: Vec<_> = invites(&ben, &room).await.into_iter().map(|one| one.id).collect();
    assert_eq!(seen, std::slice::from_ref(&of_ben.id));
    let kay = app.guest(&of_ben, "Kay").await;
    revoke(&ben, &of_ben, "true").await.must_fail(403, "forbidden");
    kay.me().await.must(200);
    revoke(&ben, &of_ben, "false").await.must(200);

    let _inside = gus.enter(&room).await;
    moderate(&mut stand_in, ModerationAction::Ban, &gus.id().await).await;
    assert_eq!(refusal(&mut stand_in).await, Refusal::StandIn);
    ask(&mut stand_in, StageRequest::End).await;
    assert_eq!(refusal(&mut stand_in).await, Refusal::StandIn);

    // Ada has not come in yet, and still owns the room.
    assert_eq!(invites(&ada, &room).await.len(), 2);
    let _owner = ada.enter(&room).await;
    let page: RoomPage = ada.find_room(room.id.as_str()).await.must(200).json();
    assert_eq!((page.info.host.name.as_str(), page.info.absent_owner), ("Ada", None));
    let role = page.roster.iter().find(|one| one.person.name == "Ben");
    assert_eq!(role.map(|one| one.role), Some(Role::Speaker));
    app.until("select count(*) from rooms where owner_left_at is not null", 0)
        .await;
    revoke(&ada, &of_ben, "true").await.must(200);
    kay.me().await.must_fail(401, "session_ended");
}

async fn a_guest_who_stands_in_has_only_their_own_links_until_the_owner_is_back(on: On) {
    let app = TestApp::with(on, |config| {
        config.limits.enforced = true;
        config.limits.invites_per_hour = 2;
    })
    .await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Whispers", "private").await;
    let mut owner = ada.enter(&room).await;
    let of_ada = ada.make_guest_link(&room).await;
    let gus = app.guest(&of_ada, "Gus").await;
    let refused_to_make = async |visitor: &Visitor| {
        let answer = visitor.try_to_make_guest_link(room.id.as_str(), "10").await;
        let refusal = answer.must_fail(403, "forbidden").detail();
        assert!(refusal.contains("Only the hosts can make links"), "{refusal}");
    };
    refused_to_make(&gus).await;
    let mut stand_in = gus.enter(&room).await;
    let info = leave_to_stand_in(&app, (&mut owner, &ada.id().await), &mut stand_in).await;
    assert_eq!(info.host.name, "Gus");

    assert!(invites(&gus, &room).await.is_empty());
    for guests in ["false", "true"] {
        revoke(&gus, &of_ada, guests).await.must_fail(403, "forbidden");
    }
    let of_gus = gus.make_guest_link(&room).await;
    let short = gus.make_guest_link(&room).await;
    let third = gus.try_to_make_guest_link(room.id.as_str(), "10").await;
    third.must_fail(429, "too_many");
    revoke(&gus, &short, "false").await.must(200);
    let seen: Vec<_> = invites(&gus, &room).await.into_iter().map(|one| one.id).collect();
    assert_eq!(seen, [short.id.clone(), of_gus.id.clone()]);
    // Somebody who came by this link is a guest like any other.
    let kay = app.guest(&of_gus, "Kay").await;
    refused_to_make(&kay).await;
    revoke(&gus, &of_gus, "true").await.must_fail(403, "forbidden");
    // Hosting this room gives a guest no other rights.
    let elsewhere = gus
        .post("/api/rooms/open", &[("topic", "Mine"), ("kind", "open")])
        .await;
    elsewhere.must_fail(403, "forbidden");

    let _owner = ada.enter(&room).await;
    refused_to_make(&gus).await;
    let list = gus.post("/api/invites/list", &[("room", room.id.as_str())]).await;
    list.must_fail(403, "forbidden");
    revoke(&gus, &of_gus, "false").await.must_fail(403, "forbidden");
    assert_eq!(invites(&ada, &room).await.len(), 3);
    // The link goes on working until the owner turns it off.
    let lou = app.guest(&of_gus, "Lou").await;
    lou.find_room(room.id.as_str()).await.must(200);
    revoke(&ada, &of_gus, "true").await.must(200);
    for visitor in [&kay, &lou] {
        visitor.me().await.must_fail(401, "session_ended");
    }
    gus.me().await.must(200);
}

async fn the_links_of_a_guest_who_is_removed_stop_working_and_pass_to_the_owner(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Whispers", "private").await;
    let mut owner = ada.enter(&room).await;
    let of_ada = ada.make_guest_link(&room).await;
    let gus = app.guest(&of_ada, "Gus").await;
    let mut stand_in = gus.enter(&room).await;
    leave_to_stand_in(&app, (&mut owner, &ada.id().await), &mut stand_in).await;
    let of_gus = gus.make_guest_link(&room).await;
    ben.accept(&of_gus).await.must(200);
    let kay = app.guest(&of_gus, "Kay").await;

    let _owner = ada.enter(&room).await;
    revoke(&ada, &of_ada, "true").await.must(200);
    gus.me().await.must_fail(401, "session_ended");
    let again = app.visitor().come_as_guest(&of_gus, "Gus").await;
    again.must_fail(403, "forbidden");
    // The people who came by the link of the guest stay, until the owner removes them, too.
    for visitor in [&ben, &kay] {
        visitor.find_room(room.id.as_str()).await.must(200);
    }
    let links = invites(&ada, &room).await;
    let link = links.iter().find(|one| one.id == of_gus.id).expect("the link of Gus");
    assert_eq!(
        (link.state().as_str(), link.came.len(), link.guests_here),
        ("Turned off", 2, 1)
    );
    let of_owner = "select count(*) from invites join rooms on rooms.id = room_id where made_by = opened_by";
    assert_eq!(app.ask::<i64>(of_owner).await, 2);
    revoke(&ada, &of_gus, "true").await.must(200);
    kay.me().await.must_fail(401, "session_ended");
    ben.find_room(room.id.as_str()).await.must(200);
}

async fn a_stand_in_is_not_told_to_turn_off_the_links_of_others(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let mut owner = ada.enter(&room).await;
    for _ in 0..20 {
        ada.make_guest_link(&room).await;
    }
    let refused = async |visitor: &Visitor| {
        let answer = visitor.try_to_make_guest_link(room.id.as_str(), "10").await;
        answer.must_fail(409, "conflict").detail()
    };
    let to_owner = refused(&ada).await;
    assert!(to_owner.ends_with("Turn one off, then make another."), "{to_owner}");
    let mut stand_in = ben.enter(&room).await;
    leave_to_stand_in(&app, (&mut owner, &ada.id().await), &mut stand_in).await;
    let to_stand_in = refused(&ben).await;
    assert!(
        to_stand_in.ends_with("The owner of the room can turn one off."),
        "{to_stand_in}"
    );
}

async fn a_stand_in_ends_a_room_whose_owner_left_a_day_before_the_restart(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    app.tamper("update rooms set owner_left_at = opened_at - 86400").await;
    app.restart().await;
    let mut stand_in = ben.enter(&room).await;
    let info = wait_for_stand_in(&app, &mut stand_in).await;
    assert_eq!(info.host.name, "Ben");
    assert_eq!(info.absent_owner.map(|owner| owner.for_long), Some(true));
    ask(&mut stand_in, StageRequest::End).await;
    let ended = |signal| match signal {
        ServerSignal::Ended { why } => Some(why),
        _ => None,
    };
    let by = Some("Ben".into());
    assert_eq!(stand_in.recv_until(ended).await, Ending::RoomEnded { by });
    app.until("select count(*) from rooms where ended_at is not null", 1)
        .await;
}
