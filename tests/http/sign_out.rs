//! Signing out: it revokes the session, clears the cookies, and takes effect at once. People who could not sign in again are asked first.

use crate::{
    database::On,
    owner_link::{new_owner, page},
    test_app::TestApp,
    visitor::Visitor,
};

on_both_databases! {
    signing_out_clears_the_cookies_and_revokes_the_session,
    a_copied_access_token_is_refused_at_once_and_after_a_restart,
    with_an_expired_access_token_the_refresh_token_signs_out,
    people_who_can_not_sign_in_again_are_asked_first,
    the_next_page_says_how_to_come_back,
}

async fn signing_out_clears_the_cookies_and_revokes_the_session(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let before = ada.jar.copy();
    let answer = ada.sign_out().await.must(200);
    for name in ["access", "refresh", "access-expires"] {
        let cookie = answer.set_cookie(name);
        assert!(
            cookie.starts_with(&format!("{name}=;")) && cookie.contains("Max-Age=0"),
            "{cookie}"
        );
        assert_eq!(ada.jar.get(name), None);
    }
    ada.me().await.must_fail(401, "signed_out");
    assert_eq!(
        app.ask::<String>("select revoke_reason from sessions").await,
        "signed out"
    );
    ada.jar.restore(before);
    ada.refresh().await.must_fail(401, "session_ended");
}

async fn a_copied_access_token_is_refused_at_once_and_after_a_restart(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let copy = ada.jar.copy();
    ada.sign_out().await.must(200);
    ada.jar.restore(copy.clone());
    ada.me().await.must_fail(401, "session_ended");
    ada.list_rooms().await.must_fail(401, "session_ended");
    app.pass_s(300);
    app.restart().await;
    ada.me().await.must_fail(401, "session_ended");
}

async fn with_an_expired_access_token_the_refresh_token_signs_out(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    app.pass_s(601);
    ada.sign_out().await.must(200);
    assert_eq!(
        app.ask::<i64>("select count(*) from sessions where revoked_at is not null")
            .await,
        1
    );
}

/// An owner and a guest without an address, and a member.
struct DifferentPeople {
    host: Visitor,
    gus: Visitor,
    ada: Visitor,
}

async fn different_people(app: &TestApp) -> DifferentPeople {
    let host = new_owner(app, "Host").await;
    let room = host.open_room("Tea", "open").await;
    let _inside = host.enter(&room).await;
    let gus = app.guest(&host.make_guest_link(&room).await, "Gus").await;
    let ada = app.person("Ada").await;
    DifferentPeople { host, gus, ada }
}

async fn people_who_can_not_sign_in_again_are_asked_first(on: On) {
    let app = TestApp::on(on).await;
    let DifferentPeople { host, gus, ada } = different_people(&app).await;
    for (who, asks) in [(&host, true), (&gus, true), (&ada, false)] {
        let settings = page(who, "/settings").await;
        assert_eq!(settings.contains("action=\"/settings/sign-out\""), asks, "{settings}");
        assert_eq!(settings.contains("Sign out anyway"), asks, "{settings}");
    }
    for (who, asked, offered) in [
        (&gus, "your seat are lost", "Keep your seat"),
        (&host, "the command snug owner-link", "Add an e-mail address"),
        (&ada, "You can sign in again with a code.", "Sign out"),
    ] {
        let shown = page(who, "/settings/sign-out").await;
        assert!(shown.contains(asked) && shown.contains(offered), "{shown}");
        who.me().await.must(200);
    }
    let stranger = app.visitor().page("/settings/sign-out").await.must(303);
    assert!(stranger.location().starts_with("/sign-in?next="), "{stranger:?}");
}

async fn the_next_page_says_how_to_come_back(on: On) {
    let mut app = TestApp::on(on).await;
    let DifferentPeople { host, gus, ada } = different_people(&app).await;
    // The words do not depend on a fresh access token.
    app.pass_s(601);
    for (who, word, said) in [
        (&gus, "link", "open a link into a room again"),
        (&host, "owner-link", "run the command snug owner-link"),
        (&ada, "code", "You are signed out."),
    ] {
        let next = who.submit("/settings/sign-out", "/api/auth/sign_out", &[]).await;
        let next = next.must(302).location();
        assert_eq!(next, format!("/sign-in?out={word}"));
        let shown = page(who, &next).await;
        assert!(shown.contains(said), "{shown}");
        who.me().await.must(401);
    }
    assert!(!page(&ada, "/sign-in?out=no-such-way").await.contains("signed out"));
}

#[tokio::test]
async fn another_device_stays_signed_in() {
    let app = TestApp::start().await;
    let (laptop, phone) = (app.person("Ada").await, app.newcomer("ada@example.org").await);
    laptop.sign_out().await.must(200);
    phone.me().await.must(200);
    phone.refresh().await.must(200);
}

#[tokio::test]
async fn signing_out_twice_or_without_a_session_succeeds() {
    let app = TestApp::start().await;
    app.visitor().sign_out().await.must(200);
    let ada = app.person("Ada").await;
    ada.sign_out().await.must(200);
    ada.sign_out().await.must(200);
}

#[tokio::test]
async fn a_form_without_scripts_redirects_to_the_sign_in_page() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    assert_eq!(
        ada.submit("/settings", "/api/auth/sign_out", &[])
            .await
            .must(302)
            .location(),
        "/sign-in?out=code"
    );
    assert_eq!(ada.jar.get("access"), None);
}
