//! The owner link: it makes the person who uses it an owner of this Snug, and signs them in.

use crate::{
    database::On,
    owner_link::{USE, claim, claim_with_scripts, command_link, link, me, page, read_outbox, token_of},
    test_app::TestApp,
    visitor::Visitor,
};
use snug::server::housekeeping;

on_both_databases! {
    an_owner_link_works_once,
    a_new_owner_needs_no_address_and_is_no_guest,
    an_owner_link_stays_the_same_until_it_is_used,
    of_two_people_who_press_at_once_only_one_becomes_the_owner,
    a_link_expires_after_a_day_once_there_is_an_owner,
    a_link_that_somebody_left_halfway_makes_no_owner_after_another_one_did,
    with_an_expired_access_token_the_link_makes_no_second_account,
    the_page_of_one_account_makes_no_other_one_an_owner,
    a_signed_in_account_that_uses_the_owner_link_is_the_owner,
}

async fn an_owner_link_works_once(on: On) {
    let mut app = TestApp::on(on).await;
    let link = link(&app).await.expect("a link");
    let (host, eve) = (app.visitor(), app.visitor());
    let page = host.page(&link).await.must(200);
    assert!(page.set_cookies().is_empty() && page.text().contains("Make this Snug yours?"));
    read_outbox(&host).await.must(404);
    let answer = claim(&host, &link).await.must(302);
    assert_eq!(answer.location(), "/activate");
    let cookie = answer.set_cookie("owner");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    for name in ["access", "refresh", "access-expires", "known"] {
        answer.set_cookie(name);
    }
    read_outbox(&host).await.must(200);

    let again = eve.page(&link).await.must(410);
    assert!(again.text().contains("was used before"), "{}", again.text());
    let again = claim_with_scripts(&eve, &link).await.must_fail(404, "not_found");
    assert!(again.set_cookies().is_empty());
    // Until the owner has chosen a name, each start prints a new link. Afterwards, no link is printed, and this one no longer works.
    let other = self::link(&app).await.expect("another link");
    assert_ne!(other, link);
    host.come_in("Host").await;
    assert_eq!(self::link(&app).await, None);
    claim_with_scripts(&eve, &other).await.must_fail(404, "not_found");
    app.restart().await;
    assert_eq!(self::link(&app).await, None);
    read_outbox(&host).await.must(200);
    assert_ne!(
        app.ask::<String>("select browser_hash from owner_links where used_at is not null")
            .await,
        host.jar.get("owner").expect("a cookie")
    );
}

async fn a_new_owner_needs_no_address_and_is_no_guest(on: On) {
    let app = TestApp::on(on).await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let newcomer = me(&host).await;
    assert!(newcomer.owner && !newcomer.activated && !newcomer.person.guest);
    let user = host.come_in("Host").await;
    assert!(user.owner && user.activated && !user.person.guest);
    assert_eq!(user.person.picture, "/faces/Host.svg");
    let owners = "select count(*) from users where email is null and owner_at is not null";
    assert_eq!(app.ask::<i64>(owners).await, 1);

    // What guests may not do.
    let room = host.open_room("Tea", "open").await;
    let _inside = host.enter(&room).await;
    let ada = app.person("Ada").await;
    host.follow(&ada.id().await).await.must(200);
    let people = host.people("host").await;
    let account = people.accounts.first().expect("listed");
    assert!(account.me && account.owner && account.has_no_address(), "{account:?}");
    assert!(page(&host, "/people").await.contains("no e-mail address"));
    let gus = app.guest(&host.make_guest_link(&room).await, "Gus").await;
    assert!(me(&gus).await.person.guest);
    let home = page(&app.visitor(), "/").await;
    assert!(home.contains("Hosted by ") && home.contains(">Host<"), "{home}");
    // Guests can't have the name of the owner.
    let refused = app
        .visitor()
        .come_as_guest(&host.make_guest_link(&room).await, "Host")
        .await;
    refused.must_fail(422, "invalid");
}

async fn an_owner_link_stays_the_same_until_it_is_used(on: On) {
    let mut app = TestApp::on(on).await;
    let first = link(&app).await.expect("a link");
    app.restart().await;
    assert_eq!(link(&app).await.expect("a link"), first);
    let guess = format!("{}x", &first[..first.len() - 1]);
    app.visitor().page(&guess).await.must(410);
    claim_with_scripts(&app.visitor(), &guess)
        .await
        .must_fail(404, "not_found");
    claim(&app.visitor(), &first).await.must(302);
}

async fn of_two_people_who_press_at_once_only_one_becomes_the_owner(on: On) {
    let app = TestApp::on(on).await;
    let link = link(&app).await.expect("a link");
    let (one, other) = (app.visitor(), app.visitor());
    let (first, second) = tokio::join!(claim_with_scripts(&one, &link), claim_with_scripts(&other, &link));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 1);
}

async fn a_link_expires_after_a_day_once_there_is_an_owner(on: On) {
    let mut app = TestApp::on(on).await;
    let first = link(&app).await.expect("a link");
    app.pass_s(2 * 86_400);
    let host = app.visitor();
    host.page(&first).await.must(200);
    claim(&host, &first).await.must(302);
    host.come_in("Host").await;
    // The command goes by the clock of the machine, which is two days behind this server.
    let old = command_link(&app).await;
    app.visitor().page(&old).await.must(410);
    let refused = claim_with_scripts(&app.visitor(), &old)
        .await
        .must_fail(404, "not_found");
    assert!(refused.detail().contains("has expired"), "{}", refused.detail());
}

async fn a_link_that_somebody_left_halfway_makes_no_owner_after_another_one_did(on: On) {
    let app = TestApp::on(on).await;
    let (early, host) = (app.visitor(), app.person("Host").await);
    claim(&early, &link(&app).await.expect("a link")).await.must(302);
    read_outbox(&early).await.must(200);
    claim(&host, &link(&app).await.expect("another link")).await.must(302);
    early.me().await.must_fail(401, "session_ended");
    early.activate("Early", "").await.must(401);
    read_outbox(&early).await.must(404);
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 1);
    assert_eq!(
        app.ask::<i64>("select count(*) from owner_links where used_at is null")
            .await,
        0
    );
}

async fn with_an_expired_access_token_the_link_makes_no_second_account(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let link = link(&app).await.expect("a link");
    app.pass_s(700);
    claim_with_scripts(&ada, &link).await.must_fail(401, "signed_out");
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 1);
    ada.refresh().await.must(200);
    claim_with_scripts(&ada, &link).await.must(200);
    assert!(me(&ada).await.owner);
}

async fn the_page_of_one_account_makes_no_other_one_an_owner(on: On) {
    let app = TestApp::on(on).await;
    let (browser, eve) = (app.visitor(), app.person("Eve").await);
    let link = link(&app).await.expect("a link");
    let press = async |who: &Visitor, me: &str| who.post(USE, &[("token", token_of(&link)), ("me", me)]).await;
    let shown = page(&browser, &link).await;
    assert!(shown.contains("name=\"me\" value=\"nobody\""), "{shown}");
    // Somebody signs in with the browser before the button is pressed.
    browser.sign_up("ada@example.org").await;
    browser.activate("Ada", "").await.must(200);
    press(&browser, "nobody").await.must_fail(409, "somebody_else");
    let (ada_id, eve_id) = (browser.id().await, eve.id().await);
    press(&browser, eve_id.as_str()).await.must_fail(409, "somebody_else");
    assert!(!me(&browser).await.owner && !me(&eve).await.owner);
    let shown = page(&browser, &link).await;
    assert!(
        shown.contains(&format!("name=\"me\" value=\"{}\"", ada_id.as_str())),
        "{shown}"
    );
    browser.sign_out().await.must(200);
    press(&browser, ada_id.as_str()).await.must_fail(409, "somebody_else");
    press(&eve, eve_id.as_str()).await.must(200);
    assert!(me(&eve).await.owner);
}

#[tokio::test]
async fn the_owner_link_of_somebody_who_never_chose_a_name_leaves_no_account() {
    let mut app = TestApp::start().await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    housekeeping::tidy(&app.state).await;
    host.me().await.must(200);
    host.sign_out().await.must(200);
    app.pass_s(31 * 86_400);
    housekeeping::tidy(&app.state).await;
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 0);
}

async fn a_signed_in_account_that_uses_the_owner_link_is_the_owner(on: On) {
    let app = TestApp::on(on).await;
    let host = app.person("Host").await;
    assert_eq!(
        claim(&host, &link(&app).await.expect("a link"))
            .await
            .must(302)
            .location(),
        "/rooms"
    );
    assert_eq!(
        app.ask::<String>("select name from users where owner_at is not null")
            .await,
        "Host"
    );
    // The account is the owner, so the owner can use any device.
    let phone = app.newcomer("host@example.org").await;
    read_outbox(&phone).await.must(200);
}
