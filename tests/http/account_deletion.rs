//! Leaving the Snug for good: who may delete their account, what is gone afterwards, and what others keep.

use crate::{
    answer::Answer, database::On, invites::token_of, letters, moderation::moderate, owner_link, people,
    photos::small_photo, test_app::TestApp, visitor::Visitor,
};
use snug::model::{
    account_deletion::AccountDeletion,
    id::UserId,
    signal::{Ending, ServerSignal},
    stage::ModerationAction,
};
use std::time::{Duration, Instant};

/// The time within which the other devices must lose their pages and sockets.
const LIMIT: Duration = Duration::from_secs(1);

on_both_databases! {
    a_deleted_account_is_gone_and_its_address_starts_again,
    the_other_devices_are_disconnected_at_once,
    a_deletion_needs_the_address_and_a_recent_sign_in,
    a_guest_leaves_without_an_address,
    an_owner_without_an_address_leaves_only_after_a_recent_sign_in,
    the_only_owner_stays_until_there_is_another,
    of_two_owners_who_leave_at_once_one_stays,
    rooms_links_and_logs_of_others_go_on_without_the_name,
    a_room_with_nobody_inside_ends_with_its_owners_account,
    a_refresh_or_a_sign_in_during_the_deletion_does_not_survive,
    of_two_deletions_at_once_only_one_is_made,
    the_page_works_without_scripts,
}

async fn delete_as(visitor: &Visitor, user: &UserId, email: &str) -> Answer {
    visitor
        .post("/api/account/delete", &[("user", user.as_str()), ("email", email)])
        .await
}

async fn preview(visitor: &Visitor) -> AccountDeletion {
    visitor
        .post("/api/account/preview_deletion", &[])
        .await
        .must(200)
        .json()
}

async fn a_deleted_account_is_gone_and_its_address_starts_again(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    ada.activate("Ada", &small_photo()).await.must(200);
    let (ada_id, ben_id) = (ada.id().await, ben.id().await);
    ada.follow(&ben_id).await.must(200);
    ben.follow(&ada_id).await.must(200);
    assert_eq!(app.ask::<i64>("select count(*) from pictures").await, 1);
    // A letter with a code is on its way.
    let phone = app.visitor();
    phone.request_code("ada@example.org").await.must(200);
    let code = phone.read_code();

    let answer = delete_as(&ada, &ada_id, " ADA@example.org ").await.must(200);
    assert_eq!(answer.location(), "/sign-in?left=1");
    for (what, left) in [
        ("select count(*) from users", 1),
        ("select count(*) from sessions", 1),
        ("select count(*) from follows", 0),
        ("select count(*) from pictures", 0),
        ("select count(*) from codes where email = 'ada@example.org'", 0),
    ] {
        assert_eq!(app.ask::<i64>(what).await, left, "{what}");
    }
    ada.me().await.must(401);
    let letter = letters::find_newest(&app.outbox(), "ada@example.org").expect("a letter");
    assert!(letter.contains("was deleted"), "{letter}");
    phone.verify_code(&code).await.must(403);

    let again = app.visitor().sign_up("ada@example.org").await;
    assert!(!again.activated && again.person.id != ada_id && again.person.name.is_empty());
}

async fn the_other_devices_are_disconnected_at_once(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let phone = app.newcomer("ada@example.org").await;
    let room = ben.open_room("Tea", "open").await;
    let (mut of_ben, mut of_phone) = (ben.enter(&room).await, phone.enter(&room).await);
    let id = ada.id().await;
    let began = Instant::now();
    delete_as(&ada, &id, "ada@example.org").await.must(200);
    let last = of_phone.recv_all().await.pop();
    assert_eq!(last, Some(ServerSignal::Ended { why: Ending::SignedOut }));
    let has_left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(&id).then_some(()),
        _ => None,
    };
    of_ben.recv_until(has_left).await;
    assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
    phone.me().await.must(401);
    phone.refresh().await.must(401);
}

async fn a_deletion_needs_the_address_and_a_recent_sign_in(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let id = ada.id().await;
    let mut shown = preview(&ada).await;
    assert!(shown.may_delete && !shown.is_last_owner);
    assert_eq!(shown.email.take().as_deref(), Some("ada@example.org"));
    for wrong in ["", "ada", "ben@example.org"] {
        delete_as(&ada, &id, wrong).await.must_fail(422, "invalid");
    }
    let somebody_else = delete_as(&ada, &ben.id().await, "ada@example.org").await;
    somebody_else.must_fail(409, "somebody_else");
    app.pass_s(601);
    ada.refresh().await.must(200);
    assert!(!preview(&ada).await.may_delete);
    delete_as(&ada, &id, "ada@example.org")
        .await
        .must_fail(403, "forbidden");
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 2);
}

async fn a_guest_leaves_without_an_address(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let mut socket = ada.enter(&room).await;
    let invite = ada.make_guest_link(&room).await;
    let gus = app.guest(&invite, "Gus").await;
    let _inside = gus.enter(&room).await;
    let id = gus.id().await;
    // A guest can't sign in again, so it does not matter how long ago they came.
    app.pass_s(3_600);
    gus.refresh().await.must(200);
    assert!(preview(&gus).await.may_delete);
    delete_as(&gus, &id, "").await.must(200);
    let has_left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(&id).then_some(()),
        _ => None,
    };
    socket.recv_until(has_left).await;
    assert_eq!(app.ask::<i64>("select count(*) from members").await, 0);
    gus.me().await.must(401);
}

async fn an_owner_without_an_address_leaves_only_after_a_recent_sign_in(on: On) {
    let mut app = TestApp::on(on).await;
    let host = owner_link::new_owner(&app, "Host").await;
    let id = host.id().await;
    assert!(preview(&host).await.is_last_owner);
    delete_as(&host, &id, "").await.must_fail(409, "conflict");
    // Another owner without an address is enough.
    let other = app.visitor();
    owner_link::claim(&other, &owner_link::command_link(&app).await)
        .await
        .must(302);
    other.come_in("Other").await;
    app.pass_s(601);
    host.refresh().await.must(200);
    let shown = preview(&host).await;
    assert!(!shown.is_last_owner && !shown.may_delete && shown.email.is_none());
    delete_as(&host, &id, "").await.must_fail(403, "forbidden");
    let page = host.page("/settings/leave").await.must(200).text();
    assert!(page.contains("snug owner-link"), "{page}");
    let link = owner_link::command_link(&app).await;
    owner_link::return_as(&host, &link, id.as_str()).await.must(200);
    delete_as(&host, &id, "").await.must(200);
    assert_eq!(app.ask::<String>("select name from users").await, "Other");
}

async fn the_only_owner_stays_until_there_is_another(on: On) {
    let app = TestApp::on(on).await;
    let (host, ada) = (people::host(&app).await, app.person("Ada").await);
    let id = host.id().await;
    assert!(preview(&host).await.is_last_owner);
    let refused = delete_as(&host, &id, "host@example.org").await;
    assert!(refused.detail().contains("only owner"), "{refused:?}");
    refused.must_fail(409, "conflict");
    host.me().await.must(200);
    host.action("make_owner", &ada.id().await).await.must(200);
    assert!(!preview(&host).await.is_last_owner);
    delete_as(&host, &id, "host@example.org").await.must(200);
    let owners = "select count(*) from users where owner_at is not null";
    assert_eq!(app.ask::<i64>(owners).await, 1);
}

async fn of_two_owners_who_leave_at_once_one_stays(on: On) {
    let app = TestApp::on(on).await;
    let (host, ada) = (people::host(&app).await, app.person("Ada").await);
    let (host_id, ada_id) = (host.id().await, ada.id().await);
    host.action("make_owner", &ada_id).await.must(200);
    let (one, other) = tokio::join!(
        delete_as(&host, &host_id, "host@example.org"),
        delete_as(&ada, &ada_id, "ada@example.org"),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{one:?} {other:?}");
    let owners = "select count(*) from users where owner_at is not null";
    assert_eq!(app.ask::<i64>(owners).await, 1);
}

async fn rooms_links_and_logs_of_others_go_on_without_the_name(on: On) {
    let mut app = TestApp::on(on).await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_room("Tea", "private").await;
    let mut of_ada = ada.enter(&room).await;
    let invite = ada.make_invite(&room).await;
    ben.accept(&invite).await.must(200);
    cem.accept(&invite).await.must(200);
    let (mut of_ben, _of_cem) = (ben.enter(&room).await, cem.enter(&room).await);
    moderate(&mut of_ada, ModerationAction::Mute, &cem.id().await).await;
    app.until("select count(*) from moderation_log", 1).await;
    let id = ada.id().await;
    let shown = preview(&ada).await;
    assert!(shown.ending_rooms.is_empty());
    assert_eq!(shown.inherited_rooms[0].heir, "Ben");

    delete_as(&ada, &id, "ada@example.org").await.must(200);
    let new_host = |signal| match signal {
        ServerSignal::RoomInfo { info } => (info.host.name == "Ben").then_some(()),
        _ => None,
    };
    of_ben.recv_until(new_host).await;
    let named = "select count(*) from moderation_log where entry like '%\"Ada\"%'";
    app.until(named, 0).await;
    app.until(
        "select count(*) from moderation_log where entry like '%Somebody who left%'",
        2,
    )
    .await;
    // The link still lets people in, and belongs to the new owner.
    let dee = app.person("Dee").await;
    dee.post("/api/invites/accept", &[("token", token_of(&invite))])
        .await
        .must(200);
    app.restart().await;
    let page = ben.find_room(room.id.as_str()).await.must(200).text();
    assert!(page.contains("Ben") && !page.contains("\"Ada\""), "{page}");
    cem.find_room(room.id.as_str()).await.must(200);
    dee.find_room(room.id.as_str()).await.must(200);
}

async fn a_room_with_nobody_inside_ends_with_its_owners_account(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    // Ben looks in without joining, so he can't own the room.
    let (mut looking_in, ..) = ben.look_in(&room).await;
    assert_eq!(preview(&ada).await.ending_rooms, ["Tea"]);
    delete_as(&ada, &ada.id().await, "ada@example.org").await.must(200);
    let why = Ending::RoomEnded { by: Some("Ada".into()) };
    assert_eq!(looking_in.recv_all().await.pop(), Some(ServerSignal::Ended { why }));
    let over = ben.find_room(room.id.as_str()).await;
    assert!(over.detail().contains("A host ended this room."), "{over:?}");
    over.must_fail(404, "not_found");
}

async fn a_refresh_or_a_sign_in_during_the_deletion_does_not_survive(on: On) {
    let app = TestApp::on(on).await;
    for _ in 0..4 {
        let ada = app.person("Ada").await;
        let id = ada.id().await;
        let (phone, tablet) = (app.newcomer("ada@example.org").await, app.visitor());
        tablet.request_code("ada@example.org").await.must(200);
        let code = tablet.read_code();
        let (deleted, refreshed, signed_in) = tokio::join!(
            delete_as(&ada, &id, "ada@example.org"),
            phone.refresh(),
            tablet.verify_code(&code),
        );
        deleted.must(200);
        assert!([200, 401].contains(&refreshed.status), "{refreshed:?}");
        // 401 means that the session was written, and deleted before the answer was sent.
        assert!([200, 401, 403].contains(&signed_in.status), "{signed_in:?}");
        for device in [&phone, &tablet] {
            device.me().await.must(401);
            device.refresh().await.must(401);
        }
        assert_eq!(app.ask::<i64>("select count(*) from sessions").await, 0);
    }
}

async fn of_two_deletions_at_once_only_one_is_made(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let id = ada.id().await;
    let (one, other) = tokio::join!(
        delete_as(&ada, &id, "ada@example.org"),
        delete_as(&ada, &id, "ada@example.org"),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401], "{one:?} {other:?}");
    delete_as(&ada, &id, "ada@example.org").await.must(401);
}

async fn the_page_works_without_scripts(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let stranger = app.visitor().page("/settings/leave").await.must(303);
    assert!(stranger.location().starts_with("/sign-in?next="), "{stranger:?}");
    ada.open_room("Kitchen table", "open").await;
    let page = ada.page("/settings/leave").await.must(200).text();
    for said in ["What is deleted", "What stays", "Kitchen table ends."] {
        assert!(page.contains(said), "{said}");
    }
    let id = ada.id().await;
    let send = async |email: &str| {
        let fields = [("user", id.as_str()), ("email", email)];
        ada.submit("/settings/leave", "/api/account/delete", &fields)
            .await
            .must(302)
            .location()
    };
    let back = send("ben@example.org").await;
    assert!(back.ends_with("/settings/leave"), "{back}");
    let page = ada.page("/settings/leave").await.must(200).text();
    assert!(
        page.contains("That is not the e-mail address of this account."),
        "{page}"
    );
    assert_eq!(send("ada@example.org").await, "/sign-in?left=1");
    let page = ada.page("/sign-in?left=1").await.must(200).text();
    assert!(page.contains("Your account is deleted."), "{page}");
    ada.page("/settings").await.must(303);
}
