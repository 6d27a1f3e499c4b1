//! "Keep your seat": a guest adds an address and becomes an ordinary user.

use crate::{
    answer::Answer,
    database::On,
    guests::{me, topics},
    letters,
    test_app::TestApp,
    visitor::Visitor,
};
use snug::{model::user::User, server::config::SignUpMode};

on_both_databases! {
    a_guest_who_adds_an_address_becomes_an_ordinary_user,
    a_guest_can_only_add_an_address_that_is_allowed_and_free,
}

async fn request(guest: &Visitor, email: &str) -> Answer {
    guest.post("/api/auth/request_email_change", &[("email", email)]).await
}

async fn confirm(app: &TestApp, guest: &Visitor, email: &str) -> Answer {
    let letter = letters::find_newest(&app.outbox(), email).expect("a letter");
    let code = letters::code_in(&letter).expect("a code");
    guest.post("/api/auth/confirm_email_change", &[("code", &code)]).await
}

/// Adds the address to the guest's account.
pub async fn add(app: &TestApp, guest: &Visitor, email: &str) {
    request(guest, email).await.must(200);
    confirm(app, guest, email).await.must(200);
}

async fn a_guest_who_adds_an_address_becomes_an_ordinary_user(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let (tea, other) = (ada.open_room("Tea", "open").await, ada.open_room("Other", "open").await);
    let _sockets = (ada.enter(&tea).await, ada.enter(&other).await);
    let guest = app.guest(&ada.make_guest_link(&tea).await, "Gus").await;
    let before = me(&guest).await;
    // A guest who came long ago needs no fresh sign-in, because without an address they can't sign in again.
    app.pass_s(3_600);
    guest.refresh().await.must(200);
    let mut watched = guest.watch_rooms().await.expect("admitted");
    assert_eq!(watched.hear().await.rooms.len(), 1);
    request(&guest, "gus@example.org").await.must(200);
    assert!(
        me(&guest).await.person.guest,
        "the guest stays a guest until the code is entered"
    );
    confirm(&app, &guest, "gus@example.org").await.must(200);
    let now = me(&guest).await;
    assert_eq!(
        (now.person.guest, &now.person.id, now.person.name.as_str()),
        (false, &before.person.id, "Gus")
    );
    watched.recv_until(|list| (list.rooms.len() == 2).then_some(())).await;
    assert_eq!(topics(&guest).await.len(), 2);
    guest.open_room("Mine", "open").await;
    ada.refresh().await.must(200);
    guest.follow(&ada.id().await).await.must(200);
}

async fn a_guest_can_only_add_an_address_that_is_allowed_and_free(on: On) {
    let mut app = TestApp::with(on, |config| config.sign_up.allow = vec!["@example.org".into()]).await;
    let (ada, _ben) = (app.person("Ada").await, app.person("Ben").await);
    let tea = ada.open_room("Tea", "open").await;
    let _socket = ada.enter(&tea).await;
    let guest = app.guest(&ada.make_guest_link(&tea).await, "Gus").await;
    let refused = request(&guest, "gus@example.net").await.must_fail(403, "forbidden");
    assert!(refused.detail().contains("@example.org"), "{}", refused.detail());
    // Only after the right code does the guest learn that somebody else has the address.
    request(&guest, "ben@example.org").await.must(200);
    confirm(&app, &guest, "ben@example.org")
        .await
        .must_fail(409, "conflict");
    assert!(me(&guest).await.person.guest);
    request(&guest, "gus@example.org").await.must(200);
    confirm(&app, &guest, "gus@example.org").await.must(200);
    let letters = letters::list(&app.outbox()).len();

    // Now the rules of ordinary users apply: they can sign in elsewhere, and another change needs a fresh sign-in.
    let phone = app.visitor();
    assert_eq!(
        phone.sign_up("gus@example.org").await.person.id,
        me(&guest).await.person.id
    );
    assert_eq!(
        letters::list(&app.outbox()).len(),
        letters + 1,
        "no letter about the change was sent to anybody else"
    );
    app.pass_s(3_600);
    guest.refresh().await.must(200);
    request(&guest, "gustav@example.org").await.must_fail(403, "forbidden");
}

#[tokio::test]
async fn with_sign_up_by_invitation_a_guest_can_still_add_an_address() {
    let app = TestApp::with(On::Sqlite, |config| config.sign_up.mode = SignUpMode::Invited).await;
    app.tamper(
        "insert into users (id, email, name, picture, created_at) values ('known-user', 'ada@example.org', '', '', 0)",
    )
    .await;
    let ada = app.person("Ada").await;
    let tea = ada.open_room("Tea", "open").await;
    let guest = app.guest(&ada.make_guest_link(&tea).await, "Gus").await;
    request(&guest, "gus@example.org").await.must(200);
    confirm(&app, &guest, "gus@example.org").await.must(200);
    let elsewhere: User = app.visitor().sign_up("gus@example.org").await;
    assert_eq!(elsewhere.person.id, me(&guest).await.person.id);
}
