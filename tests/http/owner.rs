//! The owner link: who uses it is an owner of this Snug, and signed in.

use crate::{
    answer::Answer,
    database::{On, start_program},
    letters,
    test_app::TestApp,
    visitor::Visitor,
};
use snug::{
    model::user::User,
    server::{auth::owner_link, housekeeping},
};

on_both_databases! {
    an_owner_link_works_once,
    a_new_owner_needs_no_address_and_is_no_guest,
    an_owner_link_stays_the_same_until_it_is_used,
    of_two_people_who_press_at_once_only_one_becomes_the_owner,
    a_guest_is_refused_and_the_link_keeps_working,
    a_guest_who_adds_an_address_or_signs_out_can_use_the_link,
    a_guest_who_presses_can_come_back_as_an_owner_who_gets_no_codes,
    owners_who_can_not_come_back_do_not_count,
    the_command_makes_a_link_that_works_although_there_is_an_owner,
    an_owner_without_an_address_comes_back_by_a_link,
    a_link_signs_in_as_nobody_who_gets_a_code,
    a_link_expires_after_a_day_once_there_is_an_owner,
    a_link_that_somebody_left_halfway_makes_no_owner_after_another_one_did,
    an_owner_who_is_switched_off_gets_nothing_by_another_link,
    with_an_expired_access_token_the_link_makes_no_second_account,
    the_page_of_one_account_makes_no_other_one_an_owner,
    an_owner_without_an_address_can_add_one,
    the_program_prints_a_new_owner_link_beside_the_running_server,
    a_signed_in_account_that_uses_the_owner_link_is_the_owner,
}

const USE: &str = "/api/auth/use_owner_link";

/// The path of the owner link that the program prints when it starts.
pub async fn link(app: &TestApp) -> Option<String> {
    let link = owner_link::link(&app.state).await.expect("asked")?;
    Some(link.strip_prefix(&app.origin()).expect("a link to here").to_owned())
}

/// The path of a link that the command `snug owner-link` prints.
pub async fn command_link(app: &TestApp) -> String {
    let link = owner_link::command::make_link(&app.state.config).await.expect("a link");
    link.strip_prefix(&app.origin()).expect("a link to here").to_owned()
}

/// Presses the button on the page of an owner link, without scripts.
pub async fn claim(visitor: &Visitor, link: &str) -> Answer {
    let token = token_of(link);
    visitor.submit(link, USE, &[("token", token)]).await
}

/// Presses the button that signs in as the owner with this id.
pub async fn return_as(visitor: &Visitor, link: &str, owner: &str) -> Answer {
    let fields = [("token", token_of(link)), ("owner", owner)];
    visitor.post(USE, &fields).await
}

/// Presses the button with scripts, which get a status and no redirect.
async fn post(visitor: &Visitor, link: &str) -> Answer {
    visitor.post(USE, &[("token", token_of(link))]).await
}

fn token_of(link: &str) -> &str {
    link.rsplit('/').next().expect("a token")
}

pub async fn read_outbox(visitor: &Visitor) -> Answer {
    visitor.post("/api/mail/outbox", &[]).await
}

/// An owner who came by the owner link and has no e-mail address.
pub async fn new_owner(app: &TestApp, name: &str) -> Visitor {
    let owner = app.visitor();
    claim(&owner, &link(app).await.expect("a link")).await.must(302);
    owner.come_in(name).await;
    owner
}

async fn me(visitor: &Visitor) -> User {
    visitor.me().await.must(200).json()
}

async fn page(visitor: &Visitor, link: &str) -> String {
    visitor.page(link).await.must(200).text().replace("<!>", "")
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
    let again = post(&eve, &link).await.must_fail(404, "not_found");
    assert!(again.set_cookies().is_empty());
    // Until the owner has chosen a name, each start prints a new link. Afterwards, no link is printed, and this one no longer works.
    let other = self::link(&app).await.expect("another link");
    assert_ne!(other, link);
    host.come_in("Host").await;
    assert_eq!(self::link(&app).await, None);
    post(&eve, &other).await.must_fail(404, "not_found");
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
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 1);
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
    let refused = post(&gus, &link).await.must_fail(403, "forbidden");
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
    post(&zoe, &link).await.must_fail(403, "forbidden");
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

async fn the_command_makes_a_link_that_works_although_there_is_an_owner(on: On) {
    let app = TestApp::on(on).await;
    let host = app.person("Host").await;
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let (first, second) = (command_link(&app).await, command_link(&app).await);
    assert_eq!(
        link(&app).await,
        None,
        "a start prints no link, because there is an owner"
    );
    post(&app.visitor(), &first).await.must_fail(404, "not_found");
    // Somebody else becomes an owner too.
    let again = app.visitor();
    let shown = page(&again, &second).await;
    assert!(!shown.contains("Sign in as"), "the host gets codes: {shown}");
    post(&again, &second).await.must(200);
    again.come_in("Host again").await;
    assert!(me(&again).await.owner && me(&host).await.owner);
    post(&app.visitor(), &second).await.must_fail(404, "not_found");
    again.sign_out().await.must(200);
    assert!(
        !again.sign_up("eve@example.org").await.owner,
        "the link makes one owner"
    );
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
    let refused = post(&app.visitor(), &old).await.must_fail(404, "not_found");
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
    post(&other, &link).await.must(200);
    assert!(me(&other).await.owner);
    assert_eq!(self::link(&app).await, None);
}

async fn with_an_expired_access_token_the_link_makes_no_second_account(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let link = link(&app).await.expect("a link");
    app.pass_s(700);
    post(&ada, &link).await.must_fail(401, "signed_out");
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 1);
    ada.refresh().await.must(200);
    post(&ada, &link).await.must(200);
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
    assert!(host.come_in("Host").await.owner);
    // The link that the server printed at its start no longer works.
    let printed = program.said();
    let (_, printed) = printed.split_once("/owner/").expect("a link");
    let printed = printed.split_whitespace().next().expect("a token");
    post(&program.visitor(), printed).await.must_fail(404, "not_found");
}

#[tokio::test]
async fn the_link_leads_to_the_domain_that_the_command_line_names() {
    let program = start_program(On::Sqlite, &[]).await;
    let mut command = program.command(&["owner-link", "--domain", "talk.example.org"]);
    let output = command
        .env_remove("SNUG_PUBLIC_URL")
        .env_remove("SNUG_LIMITS_ENFORCED")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.starts_with("https://talk.example.org/owner/"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
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
