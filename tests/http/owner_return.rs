//! The owner link as the way back for owners who have no e-mail address or can't sign in.

use crate::{
    database::On,
    letters,
    owner_link::{
        USE, claim, claim_with_scripts, command_link, link, me, new_owner, page, read_outbox, return_as, token_of,
    },
    test_app::TestApp,
};

on_both_databases! {
    owners_who_can_not_come_back_do_not_count,
    an_owner_without_an_address_comes_back_by_a_link,
    a_link_signs_in_as_nobody_who_gets_a_code,
    an_owner_who_is_switched_off_gets_nothing_by_another_link,
    an_owner_without_an_address_can_add_one,
}

async fn owners_who_can_not_come_back_do_not_count(on: On) {
    let app = TestApp::with(on, |config| config.sign_up.allow = vec!["@example.org".into()]).await;
    let host = app.person("Host").await;
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    assert_eq!(link(&app).await, None);
    let ways = [
        (
            "update users set disabled_at = 1",
            "update users set disabled_at = null",
        ),
        (
            "update users set email = 'host@elsewhere.org'",
            "update users set email = 'host@example.org'",
        ),
        (
            "update users set email = null, activated_at = null",
            "update users set activated_at = 1",
        ),
    ];
    for (way, back) in ways {
        app.tamper(way).await;
        assert!(link(&app).await.is_some(), "no link after: {way}");
        app.tamper(back).await;
        assert_eq!(link(&app).await, None, "{back}");
    }
    // The last way back has left an owner without an address, for whom the command prints a link.
    assert!(me(&host).await.owner);
}

async fn an_owner_without_an_address_comes_back_by_a_link(on: On) {
    let app = TestApp::on(on).await;
    let (host, phone) = (new_owner(&app, "Ada").await, app.visitor());
    let id = host.id().await;
    host.sign_out().await.must(200);
    let link = command_link(&app).await;
    let shown = page(&phone, &link).await;
    assert!(
        shown.contains("Sign in as Ada") && shown.contains("Make this Snug yours"),
        "{shown}"
    );
    let fields = [("token", token_of(&link)), ("owner", id.as_str())];
    let answer = phone.submit(&link, USE, &fields).await.must(302);
    assert_eq!(answer.location(), "/rooms");
    let back = me(&phone).await;
    assert!(back.person.id == id && back.owner);
    read_outbox(&phone).await.must(200);
    return_as(&host, &link, id.as_str()).await.must_fail(404, "not_found");
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 1);
}

async fn a_link_signs_in_as_nobody_who_gets_a_code(on: On) {
    let app = TestApp::on(on).await;
    let (host, ben) = (app.person("Host").await, app.person("Ben").await);
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let link = command_link(&app).await;
    let (host_id, ben_id) = (host.id().await, ben.id().await);
    let eve = app.visitor();
    for other in [host_id.as_str(), ben_id.as_str(), "nobody-of-that-id", "x"] {
        let refused = return_as(&eve, &link, other).await.must_fail(404, "not_found");
        assert!(refused.set_cookies().is_empty(), "{other}");
    }
    assert_eq!(app.ask::<i64>("select count(*) from sessions").await, 2);
    eve.page(&link).await.must(200);
}

async fn an_owner_who_is_switched_off_gets_nothing_by_another_link(on: On) {
    let app = TestApp::on(on).await;
    let host = app.person("Host").await;
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let id = host.id().await;
    host.sign_out().await.must(200);
    app.tamper("update users set disabled_at = 1").await;
    // Nobody who can come back owns this Snug.
    let link = link(&app).await.expect("a link");
    assert!(!page(&host, &link).await.contains("Sign in as"));
    return_as(&host, &link, id.as_str()).await.must_fail(404, "not_found");
    host.request_code("host@example.org").await.must(200);
    let refused = host.verify_code(&host.read_code()).await.must_fail(403, "forbidden");
    assert!(refused.detail().contains("deactivated"), "{}", refused.detail());
    let other = app.person("Other").await;
    claim_with_scripts(&other, &link).await.must(200);
    assert!(me(&other).await.owner);
    assert_eq!(self::link(&app).await, None);
}

async fn an_owner_without_an_address_can_add_one(on: On) {
    let mut app = TestApp::on(on).await;
    let host = new_owner(&app, "Host").await;
    let id = host.id().await;
    // It does not matter how long ago the owner came.
    app.pass_s(3_600);
    host.refresh().await.must(200);
    let shown: serde_json::Value = host.post("/api/auth/email", &[]).await.must(200).json();
    assert!(
        shown["email"].is_null() && shown["guest"] == false && shown["may_change"] == true,
        "{shown}"
    );
    let settings = page(&host, "/settings").await;
    assert!(
        settings.contains("You have none yet") && !settings.contains("Keep your seat"),
        "{settings}"
    );
    host.post("/api/auth/request_email_change", &[("email", "host@example.org")])
        .await
        .must(200);
    let letter = letters::find_newest(&app.outbox(), "host@example.org").expect("a letter");
    let code = letters::code_in(&letter).expect("a code");
    host.post("/api/auth/confirm_email_change", &[("code", &code)])
        .await
        .must(200);
    let phone = app.newcomer("host@example.org").await;
    let there = me(&phone).await;
    assert!(there.person.id == id && there.owner && there.activated);
    assert_eq!(there.person.picture, "/faces/Host.svg");
    // From now on, the owner gets codes.
    let link = command_link(&app).await;
    assert!(!page(&app.visitor(), &link).await.contains("Sign in as"));
}
