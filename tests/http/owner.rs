//! The owner link, and the outbox that only the owner's browser reads.

use crate::{answer::Answer, database::On, real_program::RealProgram, test_app::TestApp, visitor::Visitor};
use snug::{
    model::user::User,
    server::{
        auth::owner_link,
        config::{MailBackend, SmtpUrl},
    },
};

on_both_databases! {
    an_owner_link_works_once,
    a_later_sign_in_in_the_owners_browser_makes_no_second_owner,
    an_owner_link_stays_the_same_until_it_is_used,
    of_two_people_who_press_at_once_only_one_becomes_the_owner,
    a_guest_does_not_become_the_owner_and_the_link_still_works,
    owners_who_can_not_sign_in_do_not_count,
    the_command_makes_a_link_that_works_although_there_is_an_owner,
    a_claim_that_nobody_completed_ends_when_another_link_makes_an_owner,
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

async fn read_outbox(visitor: &Visitor) -> Answer {
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

#[tokio::test]
async fn the_program_prints_a_new_owner_link_beside_the_running_server() {
    let program = RealProgram::start(&[]);
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

#[tokio::test]
async fn the_account_that_signs_in_after_the_owner_link_is_the_owner() {
    let app = TestApp::start().await;
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

#[tokio::test]
async fn a_signed_in_account_that_uses_the_owner_link_is_the_owner() {
    let app = TestApp::start().await;
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

#[tokio::test]
async fn the_outbox_is_404_for_everyone_else_whatever_the_host_header_says() {
    let app = TestApp::start().await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let (stranger, guest) = (app.visitor(), app.person("Guest").await);
    let forger = app.visitor();
    forger.jar.set("owner", "guess");
    let own_host = app.origin().replace("http://", "");
    for visitor in [&stranger, &guest, &forger] {
        for claimed in ["localhost", "127.0.0.1", own_host.as_str(), "localhost:3000"] {
            let endpoint = visitor
                .raw_post("/api/mail/outbox")
                .header("accept", "application/json")
                .header("host", claimed);
            visitor
                .send(endpoint.header("x-forwarded-for", "127.0.0.1").form(&[("", "")]))
                .await
                .must_fail(404, "not_found");
            let page = visitor
                .raw_get("/outbox")
                .header("accept", "text/html")
                .header("host", claimed);
            let page = visitor.send(page).await.must(404);
            assert!(!page.text().contains("guest@example.org"));
        }
    }
}

#[tokio::test]
async fn the_owners_browser_reads_the_letters_newest_first() {
    let app = TestApp::start().await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let (ada, ben) = (app.visitor(), app.visitor());
    ada.request_code("ada@example.org").await.must(200);
    ben.request_code("ben@example.org").await.must(200);
    let letters: serde_json::Value = read_outbox(&host).await.must(200).json();
    assert_eq!(
        (&letters[0]["to"], &letters[1]["to"]),
        (&"ben@example.org".into(), &"ada@example.org".into())
    );
    assert!(letters[0]["text"].as_str().expect("text").contains(&ben.read_code()));
    assert!(letters[0]["subject"].as_str().expect("text").contains(&ben.read_code()));
}

/// What the code page gets from the server.
async fn pending_code(visitor: &Visitor) -> serde_json::Value {
    visitor.post("/api/auth/pending_code", &[]).await.must(200).json()
}

#[tokio::test]
async fn the_owners_browser_reads_its_own_code_on_the_code_page() {
    let app = TestApp::start().await;
    let (host, ada) = (app.visitor(), app.visitor());
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    host.request_code("host@example.org").await.must(200);
    let code = host.read_code();
    // A newer letter to the same address belongs to another browser.
    ada.request_code("host@example.org").await.must(200);
    ada.request_code("ada@example.org").await.must(200);
    assert_eq!(pending_code(&host).await["code"], code);
    let page = host.page("/sign-in").await.must(200).text();
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert!(page.contains("Your code is") && page.contains(&spaced), "{page}");
    host.verify_code(&code).await.must(200);
    assert_eq!(pending_code(&host).await, serde_json::Value::Null);
}

#[tokio::test]
async fn an_owner_who_is_signed_in_reads_their_codes_in_any_browser() {
    let app = TestApp::start().await;
    let host = app.person("Host").await;
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let email: String = app.ask("select email from users where owner_at is not null").await;
    let phone = app.newcomer(&email).await;
    phone.request_code("elsewhere@example.org").await.must(200);
    assert_eq!(pending_code(&phone).await["code"], phone.read_code());
    phone
        .post("/api/auth/request_email_change", &[("email", "new@example.org")])
        .await
        .must(200);
    let letter = crate::letters::find_newest(&app.outbox(), "new@example.org").expect("a letter");
    let address: serde_json::Value = phone.post("/api/auth/email", &[]).await.must(200).json();
    assert_eq!(
        address["pending"]["code"],
        crate::letters::code_in(&letter).expect("a code")
    );
    // Signed out, this browser is like any other. The browser that used the link still reads its codes.
    phone.sign_out().await.must(200);
    phone.request_code("third@example.org").await.must(200);
    assert!(pending_code(&phone).await.get("code").is_none());
    host.sign_out().await.must(200);
    host.request_code("fourth@example.org").await.must(200);
    assert_eq!(pending_code(&host).await["code"], host.read_code());
}

#[tokio::test]
async fn nobody_else_reads_a_code_on_the_code_page() {
    let app = TestApp::start().await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let (stranger, member, forger) = (app.visitor(), app.person("Member").await, app.visitor());
    forger.jar.set("owner", "guess");
    for (visitor, email) in [
        (&stranger, "one@example.org"),
        (&member, "two@example.org"),
        (&forger, "three@example.org"),
    ] {
        visitor.request_code(email).await.must(200);
        let pending = pending_code(visitor).await;
        assert!(
            pending["stays_here"] == true && pending.get("code").is_none(),
            "{pending}"
        );
        let code = visitor.read_code();
        let page = visitor.page("/sign-in").await.text();
        assert!(!page.contains(&code) && !page.contains("Your code is"), "{page}");
    }
    let page = stranger.page("/sign-in").await.must(200).text();
    assert!(
        page.contains("Find your code in the terminal, or in the outbox."),
        "{page}"
    );
}

#[tokio::test]
async fn a_code_that_was_mailed_is_not_on_the_code_page() {
    let mail_server = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = mail_server.local_addr().expect("an address");
    let url = SmtpUrl::parse(&format!("smtp://{address}")).expect("an address");
    let app = TestApp::with(On::Sqlite, |config| config.mail.backend = MailBackend::Smtp { url }).await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    host.request_code("host@example.org").await.must(200);
    let pending = pending_code(&host).await;
    assert!(
        pending["stays_here"] == false && pending.get("code").is_none(),
        "{pending}"
    );
}

#[tokio::test]
async fn the_page_outbox_shows_the_letters_to_the_owners_browser() {
    let app = TestApp::start().await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let page = host.page("/outbox").await.must(200);
    assert!(page.text().contains("ada@example.org") && page.text().contains(&ada.read_code()));
}
