//! Large bodies: who may send them, how much memory they may take, and how fast they must arrive.

use crate::{database::On, held_body::HeldBody, invites::token_of, photos, test_app::TestApp, visitor::Visitor};
use reqwest::multipart::{Form, Part};
use std::time::{Duration, Instant};

const LENGTH: usize = 12_000_000;
const SCRIPTS: &str = "/api/profile/activate";
const FORM: &str = "/api/profile/activate_form";
const GUEST_SCRIPTS: &str = "/api/invites/come_as_guest";
const GUEST_FORM: &str = "/api/invites/come_as_guest_form";
const BOUNDARY: &str = "multipart/form-data; boundary=x";
const ENCODED: &str = "application/x-www-form-urlencoded";

on_both_databases! {
    a_large_picture_is_read_only_for_a_good_session_or_a_good_link,
    a_link_or_a_session_that_has_ended_lets_no_large_picture_in,
}

/// Begins a request with a large body. The first 64 KiB of the body are sent: `first`, and then bytes of a picture.
async fn begin(app: &TestApp, path: &str, cookies: &str, first: &str) -> HeldBody {
    let content_type = if path.ends_with("_form") { BOUNDARY } else { ENCODED };
    let headers = [
        ("Accept", "application/json"),
        ("Content-Type", content_type),
        ("Cookie", cookies),
    ];
    let mut body = HeldBody::open(app.address, path, Some(LENGTH), &headers).await;
    let mut part = first.as_bytes().to_vec();
    part.resize(64 * 1024, b'x');
    body.send(&part).await;
    body
}

fn field(name: &str, value: &str) -> String {
    format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

fn photo_begins() -> String {
    "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"me.png\"\r\n\r\n".to_owned()
}

async fn assert_read_on(mut body: HeldBody, why: &str) {
    let answer = body.answer_within(Duration::from_millis(500)).await;
    assert_eq!(answer, None, "{why}");
}

async fn refused(mut body: HeldBody, status: &str) {
    let began = Instant::now();
    let answer = body.answer().await;
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains("\"detail\":\""), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

async fn a_large_picture_is_read_only_for_a_good_session_or_a_good_link(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let _socket = ada.enter(&room).await;
    let (guests, others) = (ada.make_guest_link(&room).await, ada.make_invite(&room).await);
    let (token, cookies) = (token_of(&guests), ada.jar.header());
    let encoded = |token: &str| format!("token={token}&name=Gus&picture=");
    let multipart = |token: &str| field("token", token) + &photo_begins();

    refused(begin(&app, SCRIPTS, "", "name=Ada&picture=").await, "401").await;
    refused(begin(&app, FORM, "", &photo_begins()).await, "401").await;
    refused(begin(&app, FORM, "access=x; refresh=y", &photo_begins()).await, "401").await;
    for (token, status) in [("", "404"), ("abc.def", "404"), (token_of(&others), "403")] {
        refused(begin(&app, GUEST_SCRIPTS, "", &encoded(token)).await, status).await;
        refused(begin(&app, GUEST_FORM, "", &multipart(token)).await, status).await;
    }
    // A token after the picture comes too late.
    let late = format!("name=Gus&picture={}&token={token}", "x".repeat(20_000));
    refused(begin(&app, GUEST_SCRIPTS, "", &late).await, "404").await;
    let late = photo_begins() + &"x".repeat(20_000) + "\r\n" + &field("token", token);
    refused(begin(&app, GUEST_FORM, "", &late).await, "404").await;

    let why = "Ada's session is good";
    assert_read_on(begin(&app, SCRIPTS, &cookies, "name=Ada&picture=").await, why).await;
    assert_read_on(begin(&app, FORM, &cookies, &photo_begins()).await, why).await;
    let why = "the link is good";
    assert_read_on(begin(&app, GUEST_SCRIPTS, "", &encoded(token)).await, why).await;
    assert_read_on(begin(&app, GUEST_FORM, "", &multipart(token)).await, why).await;
}

async fn a_link_or_a_session_that_has_ended_lets_no_large_picture_in(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let _socket = ada.enter(&room).await;
    let link = ada.make_guest_link(&room).await;
    ada.post("/api/invites/revoke", &[("id", link.id.as_str())])
        .await
        .must(200);
    let first = format!("token={}&name=Gus&picture=", token_of(&link));
    refused(begin(&app, GUEST_SCRIPTS, "", &first).await, "403").await;
    let cookies = ada.jar.header();
    ada.sign_out().await.must(200);
    refused(begin(&app, SCRIPTS, &cookies, "name=Ada&picture=").await, "401").await;
}

#[tokio::test]
async fn an_expired_access_token_is_refreshed_after_a_large_form_has_arrived() {
    let mut app = TestApp::start().await;
    let ada = app.person("Ada").await;
    app.pass_s(700);
    let photo = photos::padded(photos::photo(64, 48, image::ImageFormat::Jpeg), 300_000);
    // A script gets a 401 at once, and refreshes the session itself.
    let old = begin(&app, SCRIPTS, &ada.jar.header(), "name=Ada&picture=").await;
    refused(old, "401").await;
    let answer = submit(&ada, "Ada L.", photo).await.must(303);
    assert_eq!(answer.location(), "/settings?saved=1");
    answer.set_cookie("access");
    ada.me().await.must(200);
}

/// Submits the form of the settings as a browser without scripts does.
async fn submit(visitor: &Visitor, name: &str, photo: Vec<u8>) -> crate::answer::Answer {
    let form = Form::new().text("picture", "keep").text("next", "/settings?saved=1");
    let form = form.part("photo", Part::bytes(photo).file_name("me.jpg"));
    let request = visitor.raw_post(FORM).header("accept", "text/html");
    visitor
        .send(request.multipart(form.text("name", name.to_owned())))
        .await
}

#[tokio::test]
async fn a_fifth_large_body_of_one_address_is_refused_with_503_even_without_limits() {
    let app = TestApp::start().await;
    assert!(
        !app.state.config.limits.enforced,
        "this test is about a server with `limits.enforced = false`"
    );
    let ada = app.person("Ada").await;
    let mut held = hold_two(&app, &app.person("Ben").await).await;
    held.extend(hold_two(&app, &app.person("Cem").await).await);
    let photo = large_photo();
    let began = Instant::now();
    let answer = ada.activate("Ada", &photo).await.must_fail(503, "unavailable");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert!(
        answer.detail().contains("Many pictures are arriving"),
        "{}",
        answer.detail()
    );
    // Without scripts, the page of the form shows the sentence of the error and keeps the name that was typed.
    let back = submit(&ada, "Countess", vec![0xff; 300_000]).await.must(303).location();
    assert!(back.starts_with("/settings?"), "{back}");
    let page = ada.page(&back).await.must(200).text();
    assert!(
        page.contains("Many pictures are arriving") && page.contains("value=\"Countess\""),
        "{page}"
    );
    drop(held);
    ada.activate("Ada", &photo).await.must(200);
}

/// Begins two requests with large bodies of this person, which the server waits for.
async fn hold_two(app: &TestApp, person: &Visitor) -> Vec<HeldBody> {
    let cookies = person.jar.header();
    let headers = [("Accept", "application/json"), ("Cookie", cookies.as_str())];
    let mut held = vec![];
    for _ in 0..2 {
        let mut body = HeldBody::open(app.address, SCRIPTS, Some(1_000_000), &headers).await;
        body.send(&[b'x'; 100_000]).await;
        held.push(body);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    held
}

/// A photo whose request is a large body.
fn large_photo() -> String {
    let photo = photos::padded(photos::photo(64, 48, image::ImageFormat::Jpeg), 300_000);
    photos::data_url("jpeg", &photo)
}

#[tokio::test]
async fn a_third_large_body_of_one_person_is_refused_with_503_and_other_people_are_not() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let held = hold_two(&app, &ada).await;
    ada.activate("Ada", &large_photo()).await.must_fail(503, "unavailable");
    ben.activate("Ben", &large_photo()).await.must(200);
    drop(held);
    ada.activate("Ada", &large_photo()).await.must(200);
}

#[tokio::test]
async fn a_large_body_that_stops_is_answered_with_408_and_the_reason() {
    let short = Duration::from_millis(200);
    let app = TestApp::with(On::Sqlite, |config| config.times.body_grace = short).await;
    let ada = app.person("Ada").await;
    let mut body = begin(&app, SCRIPTS, &ada.jar.header(), "name=Ada&picture=").await;
    let answer = body.answer().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("took too long to arrive"), "{answer}");
    assert_eq!(snug::server::config::TimeLimits::default().body_grace.as_secs(), 10);
}

#[tokio::test]
async fn an_endpoint_whose_path_only_begins_like_a_picture_endpoint_takes_64_kib() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for path in ["/api/profile/activate_forms", "/api/profile/activate/x"] {
        refused(begin(&app, path, &ada.jar.header(), "").await, "413").await;
    }
}

#[tokio::test]
async fn a_picture_in_chunks_is_read_for_its_sender_up_to_the_limit() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let cookies = ada.jar.header();
    for (cookies, chunks, status) in [("", 1, "401"), (cookies.as_str(), 194, "413")] {
        let headers = [
            ("Accept", "application/json"),
            ("Cookie", cookies),
            ("Content-Type", ENCODED),
        ];
        let mut body = HeldBody::open(app.address, SCRIPTS, None, &headers).await;
        for _ in 0..chunks {
            body.send_chunk(&[b'x'; 64 * 1024]).await;
        }
        refused(body, status).await;
    }
}

#[tokio::test]
async fn no_redirect_is_longer_than_2_000_characters() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let longest = |answer: crate::answer::Answer| {
        let location = answer.header("location").expect("a redirect").to_owned();
        assert!(location.len() <= 2_000, "{} characters", location.len());
        location
    };
    let field = "x".repeat(30_000);
    for (from, path, fields) in [
        (
            "/rooms",
            "/api/rooms/open",
            [("topic", field.as_str()), ("kind", "open")],
        ),
        (
            "/sign-in",
            "/api/auth/request_code",
            [("email", &field), ("next", &field)],
        ),
        (
            "/sign-in",
            "/api/auth/verify_code",
            [("code", &field), ("next", &field)],
        ),
        (
            "/activate",
            "/api/profile/activate",
            [("name", &field), ("next", &field)],
        ),
        (
            "/settings",
            "/api/auth/request_email_change",
            [("email", &field), ("x", "")],
        ),
    ] {
        let answer = ada.submit(from, path, &fields).await;
        let cookies = answer.set_cookies();
        assert!(
            cookies.iter().any(|cookie| cookie.starts_with("form-error-")),
            "{path}: {cookies:?}"
        );
        assert!(
            cookies.iter().all(|cookie| cookie.len() <= 4_096),
            "{path}: {cookies:?}"
        );
        longest(answer);
    }
    for megabytes in [1, 4] {
        let name = "ß".repeat(megabytes * 512 * 1024);
        let answer = submit(&ada, &name, vec![0xff; 100_000]).await.must(303);
        let location = longest(answer);
        assert!(!location.contains("name="), "{location}");
        assert!(location.contains("next=%2Fsettings%3Fsaved%3D1"), "{location}");
    }
    // The server reads from `Referer` which page the form was on. A client can send a `Referer` of any length.
    let from = format!("/rooms?x={}&y=1", "x".repeat(5_000));
    let location = longest(
        ada.submit(&from, "/api/rooms/open", &[("topic", ""), ("kind", "open")])
            .await,
    );
    assert_eq!(location, "/rooms?y=1");
}
