//! People whom a host has banned or removed, or whose account is deactivated, don't come back as guests in the same browser.

use crate::{
    database::On,
    moderation::{ask, moderate},
    people,
    test_app::TestApp,
    test_socket::TestSocket,
    visitor::Visitor,
};
use snug::model::{
    ending::DISABLED,
    signal::ServerSignal,
    stage::{ModerationAction, StageRequest},
};

on_both_databases! {
    a_banned_person_does_not_come_back_as_a_guest_in_the_same_browser,
    a_banned_guest_does_not_come_back_as_another_guest_in_the_same_browser,
    a_removed_person_does_not_come_back_as_a_guest_while_removed,
    a_guest_of_another_room_does_not_come_in_for_a_banned_person,
    somebody_who_is_switched_off_does_not_come_back_as_a_guest_in_the_same_browser,
}

/// Waits until the host's panel lists this many people who were removed or banned.
async fn barred(host: &mut TestSocket<ServerSignal>, count: usize) {
    let has_count = |signal| match signal {
        ServerSignal::ModerationPanel { panel } => (panel.barred.len() == count).then_some(()),
        _ => None,
    };
    host.recv_until(has_count).await;
}

async fn put_out(host: &mut TestSocket<ServerSignal>, action: ModerationAction, whom: &Visitor) {
    moderate(host, action, &whom.id().await).await;
    barred(host, 1).await;
    whom.sign_out().await.must(200);
}

async fn a_banned_person_does_not_come_back_as_a_guest_in_the_same_browser(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, eve) = (app.person("Ada").await, app.person("Eve").await);
    let room = ada.open_room("Tea", "open").await;
    let other_room = ada.open_room("Coffee", "open").await;
    let mut host = ada.enter(&room).await;
    ask(&mut host, StageRequest::SetPermanent { on: true }).await;
    let other_host = ada.enter(&other_room).await;
    let (invite, other) = (ada.make_guest_link(&room).await, ada.make_guest_link(&other_room).await);
    let _inside = eve.enter(&room).await;
    let eve_id = eve.id().await;
    put_out(&mut host, ModerationAction::Ban, &eve).await;
    let refused = eve.come_as_guest(&invite, "Not Eve").await.must_fail(403, "forbidden");
    assert!(refused.detail().contains("has banned you"), "{}", refused.detail());
    assert!(refused.set_cookies().is_empty());
    let guests = "select count(*) from users where email is null";
    assert_eq!(app.ask::<i64>(guests).await, 0);
    // The ban is for one room, and the same link admits other people.
    eve.come_as_guest(&other, "Not Eve").await.must(200);
    app.guest(&invite, "Gus").await;
    eve.sign_out().await.must(200);
    app.until("select count(*) from standings where barred <> 0", 1).await;
    drop((host, other_host));
    app.restart().await;
    eve.come_as_guest(&invite, "Not Eve").await.must_fail(403, "forbidden");
    // Signing in as somebody else in between changes nothing.
    eve.sign_up("mallory@example.org").await;
    eve.sign_out().await.must(200);
    eve.come_as_guest(&invite, "Not Eve").await.must_fail(403, "forbidden");
    let mut host = ada.enter(&room).await;
    ask(&mut host, StageRequest::Lift { about: eve_id }).await;
    barred(&mut host, 0).await;
    eve.come_as_guest(&invite, "Eve").await.must(200);
}

async fn a_banned_guest_does_not_come_back_as_another_guest_in_the_same_browser(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "private").await;
    let mut host = ada.enter(&room).await;
    let invite = ada.make_guest_link(&room).await;
    let eve = app.guest(&invite, "Eve").await;
    let _inside = eve.enter(&room).await;
    put_out(&mut host, ModerationAction::Ban, &eve).await;
    eve.come_as_guest(&invite, "Not Eve").await.must_fail(403, "forbidden");
    // Another browser is not recognised: this is what a ban can't do.
    app.guest(&invite, "Not Eve").await;
}

async fn a_removed_person_does_not_come_back_as_a_guest_while_removed(on: On) {
    let app = TestApp::on(on).await;
    let (ada, eve) = (app.person("Ada").await, app.person("Eve").await);
    let room = ada.open_room("Tea", "open").await;
    let mut host = ada.enter(&room).await;
    let invite = ada.make_guest_link(&room).await;
    let _inside = eve.enter(&room).await;
    let eve_id = eve.id().await;
    put_out(&mut host, ModerationAction::Remove, &eve).await;
    let refused = eve.come_as_guest(&invite, "Eve").await.must_fail(403, "forbidden");
    assert!(refused.detail().contains("10 minutes"), "{}", refused.detail());
    ask(&mut host, StageRequest::Lift { about: eve_id }).await;
    barred(&mut host, 0).await;
    eve.come_as_guest(&invite, "Eve").await.must(200);
}

async fn a_guest_of_another_room_does_not_come_in_for_a_banned_person(on: On) {
    let app = TestApp::on(on).await;
    let (ada, eve) = (app.person("Ada").await, app.person("Eve").await);
    let (room, other_room) = (
        ada.open_room("Tea", "open").await,
        ada.open_room("Coffee", "open").await,
    );
    let (mut host, _other_host) = (ada.enter(&room).await, ada.enter(&other_room).await);
    let (invite, other) = (ada.make_guest_link(&room).await, ada.make_guest_link(&other_room).await);
    let _inside = eve.enter(&room).await;
    put_out(&mut host, ModerationAction::Ban, &eve).await;
    eve.come_as_guest(&other, "Not Eve").await.must(200);
    let token = crate::invites::token_of(&invite);
    let refused = eve.post("/api/invites/accept", &[("token", token)]).await;
    refused.must_fail(403, "forbidden");
    eve.find_room(room.id.as_str()).await.must_fail(404, "not_found");
}

async fn somebody_who_is_switched_off_does_not_come_back_as_a_guest_in_the_same_browser(on: On) {
    let app = TestApp::on(on).await;
    let owner = people::host(&app).await;
    let (ada, eve) = (app.person("Ada").await, app.person("Eve").await);
    let room = ada.open_room("Tea", "open").await;
    let _host = ada.enter(&room).await;
    let invite = ada.make_guest_link(&room).await;
    let eve_id = eve.id().await;
    owner.action("switch_off", &eve_id).await.must(200);
    for _ in 0..2 {
        let refused = eve.come_as_guest(&invite, "Not Eve").await.must_fail(403, "forbidden");
        assert_eq!(refused.detail(), DISABLED);
        assert!(refused.set_cookies().is_empty());
        // Signing out keeps the mark of the browser.
        eve.sign_out().await.must(200);
    }
    let guests = "select count(*) from users where email is null";
    assert_eq!(app.ask::<i64>(guests).await, 0);
    // The same link admits other people, and the account that is on again keeps nobody out.
    app.guest(&invite, "Gus").await;
    owner.action("switch_on", &eve_id).await.must(200);
    eve.come_as_guest(&invite, "Not Eve").await.must(200);
}
