//! The link in a sign-in letter: it works in any browser, once, and only when the button on its page is pressed.

use crate::{answer::Answer, database::On, letters, test_app::TestApp, visitor::Visitor};

on_both_databases! {
    a_link_works_in_another_browser_and_uses_up_the_code,
    opening_a_link_any_number_of_times_changes_nothing,
    a_link_ends_after_ten_minutes,
}

/// The link in the newest letter to this visitor, without the origin.
fn sign_in_link(app: &TestApp, visitor: &Visitor) -> String {
    letters::sign_in_link(&visitor.read_letter(), &app.origin()).expect("a link in the letter")
}

fn token_of(link: &str) -> String {
    let (_, rest) = link.split_once("token=").expect("a token");
    rest.split('&').next().unwrap_or(rest).to_owned()
}

async fn press(visitor: &Visitor, link: &str) -> Answer {
    visitor
        .post("/api/auth/verify_link", &[("token", &token_of(link))])
        .await
}

async fn a_link_works_in_another_browser_and_uses_up_the_code(on: On) {
    let app = TestApp::on(on).await;
    let (laptop, phone) = (app.visitor(), app.visitor());
    laptop.request_code("ada@example.org").await.must(200);
    let (link, code) = (sign_in_link(&app, &laptop), laptop.read_code());
    press(&phone, &link).await.must(200);
    phone.me().await.must(200);
    press(&phone, &link).await.must_fail(403, "forbidden");
    laptop.verify_code(&code).await.must_fail(403, "forbidden");
    laptop.me().await.must_fail(401, "signed_out");
}

async fn opening_a_link_any_number_of_times_changes_nothing(on: On) {
    let app = TestApp::on(on).await;
    let (ada, scanner) = (app.visitor(), app.visitor());
    ada.request_code("ada@example.org").await.must(200);
    let link = sign_in_link(&app, &ada);
    for _ in 0..3 {
        let page = scanner.page(&link).await.must(200);
        assert!(page.text().contains("a…@e….org?"), "{}", page.text());
        assert!(
            !page.text().contains("ada@example.org"),
            "only the owner may see the whole address"
        );
        assert!(page.set_cookies().is_empty());
    }
    assert_eq!(app.ask::<i64>("select count(*) from sessions").await, 0);
    ada.verify_code(&ada.read_code()).await.must(200);
    let page = scanner.page(&link).await.must(410);
    assert!(page.text().contains("This link no longer works."), "{}", page.text());
}

async fn a_link_ends_after_ten_minutes(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let link = sign_in_link(&app, &ada);
    app.pass_s(599);
    ada.page(&link).await.must(200);
    app.pass_s(2);
    ada.page(&link).await.must(410);
    press(&ada, &link).await.must_fail(403, "forbidden");
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 0);
}

#[tokio::test]
async fn wrong_codes_do_not_use_up_the_link() {
    let app = TestApp::start().await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    for _ in 0..6 {
        ada.verify_code(&ada.wrong_code()).await;
    }
    press(&ada, &sign_in_link(&app, &ada)).await.must(200);
}

#[tokio::test]
async fn an_invalid_link_is_refused() {
    let app = TestApp::start().await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let link = sign_in_link(&app, &ada);
    for made_up in [
        "/sign-in/link".to_owned(),
        "/sign-in/link?token=x".to_owned(),
        link[..link.len() - 1].to_owned(),
    ] {
        ada.page(&made_up).await.must(410);
    }
    ada.post("/api/auth/verify_link", &[("token", "x.y")])
        .await
        .must_fail(403, "forbidden");
}

#[tokio::test]
async fn without_scripts_a_link_redirects_to_its_next_page() {
    let app = TestApp::start().await;
    let room = app.person("Ben").await.open_room("Tea", "open").await;
    let (ada, to_room) = (app.person("Ada").await, format!("/rooms/{}", room.id));
    let (laptop, phone) = (app.visitor(), app.visitor());
    laptop
        .request_code_for("ada@example.org", &[("next", &to_room)])
        .await
        .must(200);
    let link = sign_in_link(&app, &laptop);
    assert!(link.ends_with(&format!("&next=%2Frooms%2F{}", room.id)), "{link}");
    let fields = [("token", token_of(&link)), ("next", to_room.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = phone.submit(&link, "/api/auth/verify_link", &fields).await.must(302);
    assert_eq!(answer.location(), to_room);
    phone.page(&to_room).await.must(200);
    ada.me().await.must(200);
}

#[tokio::test]
async fn a_letter_names_the_browser_and_the_time_and_warns_against_passing_it_on() {
    let app = TestApp::start().await;
    let ada = app.visitor();
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let request = ada
        .raw_post("/api/auth/request_code")
        .header("accept", "application/json")
        .header("user-agent", firefox)
        .form(&[("email", "ada@example.org")]);
    ada.send(request).await.must(200);
    let letter = letters::find_newest(&app.outbox(), "ada@example.org").expect("a letter");
    let code = letters::code_in(&letter).expect("a code");
    assert!(letter.contains(&format!("Subject: {code} ")), "{letter}");
    assert!(
        letter.contains("The code was requested in Firefox on Linux, on "),
        "{letter}"
    );
    assert!(
        letter.contains(" UTC.") && letter.contains("Never pass this letter on"),
        "{letter}"
    );
}
