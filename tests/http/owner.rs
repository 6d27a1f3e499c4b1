//! The owner link, and the outbox that only the owner's browser reads.

use crate::{answer::Answer, database::On, test_app::TestApp, visitor::Visitor};
use snug::server::auth::owner_link;

on_both_databases! {
    an_owner_link_works_once,
    a_later_sign_in_in_the_owners_browser_makes_no_second_owner,
    an_owner_link_stays_the_same_until_it_is_used,
    of_two_people_who_press_at_once_only_one_becomes_the_owner,
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
