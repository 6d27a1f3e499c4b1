//! The owner link: who uses it becomes the owner of this Snug.

use crate::{
    answer::Answer,
    database::{On, start_program},
    test_app::TestApp,
    visitor::Visitor,
};
use snug::{model::user::User, server::auth::owner_link};

on_both_databases! {
    an_owner_link_works_once,
    a_later_sign_in_in_the_owners_browser_makes_no_second_owner,
    an_owner_link_stays_the_same_until_it_is_used,
    of_two_people_who_press_at_once_only_one_becomes_the_owner,
    a_guest_does_not_become_the_owner_and_the_link_still_works,
    owners_who_can_not_sign_in_do_not_count,
    the_command_makes_a_link_that_works_although_there_is_an_owner,
    a_claim_that_nobody_completed_ends_when_another_link_makes_an_owner,
    an_owner_who_is_switched_off_gets_nothing_by_another_link,
    the_program_prints_a_new_owner_link_beside_the_running_server,
    the_account_that_signs_in_after_the_owner_link_is_the_owner,
    a_signed_in_account_that_uses_the_owner_link_is_the_owner,
}

/// The path of the owner link that the program prints when it starts.
pub async fn link(app: &TestApp) -> Option<String> {
    let link = owner_link::link(&app.state).await.expect("asked")?;
    Some(link.strip_prefix(&app.origin()).expect("a link to here").to_owned())
}

/// Presses the button on the page of an owner link, without scripts.
pub async fn claim(visitor: &Visitor, link: &str) -> Answer {
    let token = token_of(link);
    visitor
        .submit(link, "/api/auth/use_owner_link", &[("token", token)])
        .await
}

/// Presses the button with scripts, which get a status and no redirect.
async fn post(visitor: &Visitor, link: &str) -> Answer {
    visitor
        .post("/api/auth/use_owner_link", &[("token", token_of(link))])
        .await
}

fn token_of(link: &str) -> &str {
    link.rsplit('/').next().expect("a token")
}

pub async fn read_outbox(visitor: &Visitor) -> Answer {
    visitor.post("/api/mail/outbox", &[]).await
}

async fn an_owner_link_works_once(on: On) {
    let mut app = TestApp::on(on).await;
    let link = link(&app).await.expect("a link");
    let (host, eve) = (app.visitor(), app.visitor());
    let page = host.page(&link).await.must(200);
    assert!(page.set_cookies().is_empty() && page.text().contains("Make this Snug yours?"));
    read_outbox(&host).await.must(404);
    let answer = claim(&host, &link).await.must(302);
    assert!(answer.location().starts_with("/sign-in"));
    let cookie = answer.set_cookie("owner");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    read_outbox(&host).await.must(200);

    let again = eve.page(&link).await.must(410);
    assert!(again.text().contains("was used before"), "{}", again.text());
    let again = post(&eve, &link).await.must_fail(404, "not_found");
    assert!(again.set_cookies().is_empty());
    // While nobody owns this Snug, each start prints a new link. After the owner has signed in, no link is printed.
    assert_ne!(self::link(&app).await.expect("another link"), link);
    host.sign_up("host@example.org").await;
    assert_eq!(self::link(&app).await, None);
    app.restart().await;
    assert_eq!(self::link(&app).await, None);
    read_outbox(&host).await.must(200);
    assert_ne!(
        app.ask::<String>("select browser_hash from owner_links where used_at is not null")
            .await,
        host.jar.get("owner").expect("a cookie")
    );
}

async fn a_later_sign_in_in_the_owners_browser_makes_no_second_owner(on: On) {
    let app = TestApp::on(on).await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    host.sign_up("host@example.org").await;
    host.post("/api/auth/sign_out", &[]).await.must(200);
    host.sign_up("guest@example.org").await;
    let owners = app
        .ask::<String>("select email from users where owner_at is not null")
        .await;
    assert_eq!(owners, "host@example.org");
}

async fn an_owner_link_stays_the_same_until_it_is_used(on: On) {
    let mut app = TestApp::on(on).await;
    let first = link(&app).await.expect("a link");
    app.restart().await;
    assert_eq!(link(&app).await.expect("a link"), first);
    let guess = format!("{}x", &first[..first.len() - 1]);
    app.visitor().page(&guess).await.must(410);
    post(&app.visitor(), &guess).await.must_fail(404, "not_found");
    claim(&app.visitor(), &first).await.must(302);
}

async fn of_two_people_who_press_at_once_only_one_becomes_the_owner(on: On) {
    let app = TestApp::on(on).await;
    let link = link(&app).await.expect("a link");
    let (one, other) = (app.visitor(), app.visitor());
    let (first, second) = tokio::join!(post(&one, &link), post(&other, &link));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
}

async fn a_guest_does_not_become_the_owner_and_the_link_still_works(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let _socket = ada.enter(&room).await;
    let gus = app.guest(&ada.make_guest_link(&room).await, "Gus").await;
    let link = link(&app).await.expect("a link");
    let refused = post(&gus, &link).await.must_fail(403, "forbidden");
    assert!(refused.detail().contains("e-mail address"), "{}", refused.detail());
    assert!(refused.set_cookies().is_empty());
    let owners = "select count(*) from users where owner_at is not null";
    assert_eq!(app.ask::<i64>(owners).await, 0);
    assert_eq!(self::link(&app).await.as_ref(), Some(&link), "the link was not used up");
    // If a browser used the link before its user came in as a guest, nobody becomes an owner either: that needs a sign-in.
    let kay = app.visitor();
    post(&kay, &link).await.must(200);
    kay.come_as_guest(&ada.make_guest_link(&room).await, "Kay")
        .await
        .must(200);
    assert_eq!(app.ask::<i64>(owners).await, 0);
    ada.post("/api/auth/sign_out", &[]).await.must(200);
    let link = self::link(&app).await.expect("another link");
    post(&ada, &link).await.must(200);
    ada.sign_up("ada@example.org").await;
    assert_eq!(
        app.ask::<String>("select name from users where owner_at is not null")
            .await,
        "Ada"
    );
}

async fn owners_who_can_not_sign_in_do_not_count(on: On) {
    let app = TestApp::with(on, |config| config.sign_up.allow = vec!["@example.org".into()]).await;
    let host = app.person("Host").await;
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    assert_eq!(link(&app).await, None);
    let ways = [
        (
            "update users set email = null",
            "update users set email = 'host@example.org'",
        ),
        (
            "update users set disabled_at = 1",
            "update users set disabled_at = null",
        ),
        (
            "update users set email = 'host@elsewhere.org'",
            "update users set email = 'host@example.org'",
        ),
    ];
    for (way, back) in ways {
        app.tamper(way).await;
        assert!(link(&app).await.is_some(), "no link after: {way}");
        app.tamper(back).await;
        assert_eq!(link(&app).await, None, "{back}");
    }
    // An older version could make a guest an owner. Such a guest has no rights of an owner until they add an address.
    app.tamper("update users set email = null").await;
    assert!(!host.me().await.must(200).json::<User>().owner);
    host.post("/api/people/list", &[]).await.must_fail(404, "not_found");
}

async fn the_command_makes_a_link_that_works_although_there_is_an_owner(on: On) {
    let app = TestApp::on(on).await;
    let host = app.person("Host").await;
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let make = async || {
        let link = owner_link::command::make_link(&app.state.config).await.expect("a link");
        link.strip_prefix(&app.origin()).expect("a link to here").to_owned()
    };
    let (first, second) = (make().await, make().await);
    assert_eq!(
        link(&app).await,
        None,
        "a start prints no link, because there is an owner"
    );
    post(&app.visitor(), &first).await.must_fail(404, "not_found");
    // The owner has lost the mailbox, and signs up with another address.
    let again = app.visitor();
    again.page(&second).await.must(200);
    post(&again, &second).await.must(200);
    again.sign_up("host@example.net").await;
    again.come_in("Host again").await;
    assert!(again.me().await.must(200).json::<User>().owner);
    post(&app.visitor(), &second).await.must_fail(404, "not_found");
    again.post("/api/auth/sign_out", &[]).await.must(200);
    assert!(
        !again.sign_up("eve@example.org").await.owner,
        "the link makes one owner"
    );
}

async fn a_claim_that_nobody_completed_ends_when_another_link_makes_an_owner(on: On) {
    let app = TestApp::on(on).await;
    let (early, host) = (app.visitor(), app.person("Host").await);
    claim(&early, &link(&app).await.expect("a link")).await.must(302);
    read_outbox(&early).await.must(200);
    claim(&host, &link(&app).await.expect("another link")).await.must(302);
    assert!(!early.sign_up("early@example.org").await.owner);
    read_outbox(&early).await.must(404);
    assert_eq!(
        app.ask::<i64>("select count(*) from owner_links where used_at is null")
            .await,
        0
    );
}

async fn an_owner_who_is_switched_off_gets_nothing_by_another_link(on: On) {
    let app = TestApp::on(on).await;
    let host = app.person("Host").await;
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    host.sign_out().await.must(200);
    app.tamper("update users set disabled_at = 1").await;
    // Nobody who can sign in owns this Snug.
    post(&host, &link(&app).await.expect("a link")).await.must(200);
    host.request_code("host@example.org").await.must(200);
    let refused = host.verify_code(&host.read_code()).await.must_fail(403, "forbidden");
    assert!(refused.detail().contains("deactivated"), "{}", refused.detail());
    let other = app.person("Other").await;
    post(&other, &link(&app).await.expect("another link")).await.must(200);
    assert!(other.me().await.must(200).json::<User>().owner);
    assert_eq!(link(&app).await, None);
}

async fn the_program_prints_a_new_owner_link_beside_the_running_server(on: On) {
    let program = start_program(on, &[]).await;
    let output = program.run(&["owner-link"]);
    let (said, log) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{log}");
    let path = said.trim().split_once("/owner/").expect("a link").1;
    let host = program.visitor();
    post(&host, path).await.must(200);
    assert!(host.sign_up("host@example.org").await.owner);
    // The link that the server printed at its start no longer works.
    let printed = program.said();
    let (_, printed) = printed.split_once("/owner/").expect("a link");
    let printed = printed.split_whitespace().next().expect("a token");
    post(&program.visitor(), printed).await.must_fail(404, "not_found");
}

#[test]
fn the_command_fails_with_a_hint_if_snug_has_never_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new(crate::real_program::built());
    let output = command
        .arg("owner-link")
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.contains("start Snug once"), "{log}");
    assert!(!folder.path().join("data").exists(), "it creates nothing");
}

async fn the_account_that_signs_in_after_the_owner_link_is_the_owner(on: On) {
    let app = TestApp::on(on).await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    host.sign_up("host@example.org").await;
    app.newcomer("guest@example.org").await;
    assert_eq!(
        app.ask::<String>("select email from users where owner_at is not null")
            .await,
        "host@example.org"
    );
    // The account is the owner, so the owner can use any device.
    let phone = app.newcomer("host@example.org").await;
    read_outbox(&phone).await.must(200);
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
}
