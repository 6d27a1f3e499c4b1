//! Guests who open an owner link. They can't become owners before they add an address or sign out.

use crate::{
    database::On,
    owner_link::{USE, claim, claim_with_scripts, command_link, link, me, new_owner, page, read_outbox, return_as},
    test_app::TestApp,
    visitor::Visitor,
};

on_both_databases! {
    a_guest_is_refused_and_the_link_keeps_working,
    a_guest_who_adds_an_address_or_signs_out_can_use_the_link,
    a_guest_who_presses_can_come_back_as_an_owner_who_gets_no_codes,
}

/// A guest of a room of Ada, who is no owner.
async fn guest_of_ada(app: &TestApp, name: &str) -> Visitor {
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let _socket = ada.enter(&room).await;
    app.guest(&ada.make_guest_link(&room).await, name).await
}

async fn a_guest_is_refused_and_the_link_keeps_working(on: On) {
    let app = TestApp::on(on).await;
    let gus = guest_of_ada(&app, "Gus").await;
    let before = me(&gus).await;
    assert!(before.person.guest && !before.owner);
    let link = link(&app).await.expect("a link");
    let shown = page(&gus, &link).await;
    assert!(
        shown.contains("You are here as a guest") && !shown.contains("Make this Snug yours?"),
        "{shown}"
    );
    assert!(!shown.contains("(guest)"), "it says twice that Gus is a guest: {shown}");
    assert!(!shown.contains(USE), "there is a form");
    let refused = claim_with_scripts(&gus, &link).await.must_fail(403, "forbidden");
    assert!(refused.set_cookies().is_empty());
    assert_eq!(me(&gus).await, before);
    read_outbox(&gus).await.must(404);
    assert_eq!(self::link(&app).await.expect("a link"), link);
    claim(&app.visitor(), &link).await.must(302);
}

async fn a_guest_who_adds_an_address_or_signs_out_can_use_the_link(on: On) {
    let app = TestApp::on(on).await;
    let gus = guest_of_ada(&app, "Gus").await;
    app.tamper("update users set email = 'gus@example.org' where name = 'Gus'")
        .await;
    claim(&gus, &link(&app).await.expect("a link")).await.must(302);
    assert!(me(&gus).await.owner);

    let zoe = guest_of_ada(&app, "Zoe").await;
    let link = command_link(&app).await;
    claim_with_scripts(&zoe, &link).await.must_fail(403, "forbidden");
    zoe.sign_out().await.must(200);
    assert_eq!(claim(&zoe, &link).await.must(302).location(), "/activate");
    let user = me(&zoe).await;
    assert!(user.owner && !user.activated && !user.person.guest);
}

async fn a_guest_who_presses_can_come_back_as_an_owner_who_gets_no_codes(on: On) {
    let app = TestApp::on(on).await;
    let host = new_owner(&app, "Host").await;
    let host_id = host.id().await;
    let gus = guest_of_ada(&app, "Gus").await;
    let link = command_link(&app).await;
    let shown = page(&gus, &link).await;
    let (guest, owner) = (shown.find("You are here as a guest, Gus."), shown.find("Sign in as"));
    assert!(guest.is_some() && guest < owner, "the guest reads that first: {shown}");
    return_as(&gus, &link, host_id.as_str()).await.must(200);
    assert_eq!(gus.id().await, host_id);
}
