//! Addresses with an error or a name in them, as somebody could send to other people: no page shows what they contain.

use crate::{
    answer::Answer,
    database::On,
    form_errors::{OPEN, SENTENCE},
    invites::token_of,
    people,
    test_app::TestApp,
    visitor::Visitor,
};
use base64::{Engine, prelude::BASE64_URL_SAFE};

on_both_databases! {
    no_address_puts_a_sentence_into_an_alert,
    no_address_fills_the_form_for_the_name,
}

/// The query in which Leptos reads an error for the form of `endpoint`.
fn query(endpoint: &str) -> String {
    let error = format!(r#"{{"kind":"invalid","detail":"{SENTENCE}"}}"#);
    format!(
        "__path={}&__err={}",
        endpoint.replace('/', "%2F"),
        BASE64_URL_SAFE.encode(error)
    )
}

/// Opens a page and follows its redirects, as a browser does.
async fn follow(visitor: &Visitor, address: &str) -> Answer {
    let mut page = visitor.page(address).await;
    for _ in 0..4 {
        if !(300..400).contains(&page.status) {
            break;
        }
        let location = page.header("location").expect("an address").to_owned();
        assert!(location.starts_with('/') && !location.starts_with("//"), "{location}");
        page = visitor.page(&location).await;
    }
    page
}

/// Whether the page has the name "Mallory" outside an address. The form of a newcomer contains the address to open afterwards, with
/// its query.
fn shows_mallory(page: &Answer) -> bool {
    page.text().replace("?name=Mallory", "").contains("Mallory")
}

async fn no_address_puts_a_sentence_into_an_alert(on: On) {
    let app = TestApp::on(on).await;
    let host = people::host(&app).await;
    let newcomer = app.newcomer("new@example.org").await;
    let room = host.open_room("Tea", "open").await;
    for (page, endpoint) in [
        ("/sign-in", "/api/auth/request_code"),
        ("/sign-in?again=1", "/api/auth/verify_code"),
        ("/rooms", OPEN),
        (&format!("/rooms/{}", room.id), "/api/invites/make"),
        ("/settings", "/api/auth/request_email_change"),
        ("/settings", "/api/profile/activate"),
        ("/activate", "/api/profile/activate"),
        ("/people", "/api/people/switch_off"),
        ("/", OPEN),
        ("/nowhere", OPEN),
        ("//evil.example", OPEN),
        ("/sign-in?next=%2Frooms%3F__err%3Dx%26__path%3Dy", OPEN),
    ] {
        let (mark, query) = (if page.contains('?') { '&' } else { '?' }, query(endpoint));
        for query in [
            query.clone(),
            query.replace("__err", "%5F_err"),
            query.replace("__", "%5f%5F"),
            format!("__err=x&{query}"),
        ] {
            let address = format!("{page}{mark}{query}");
            for visitor in [&host, &newcomer, &app.visitor()] {
                let first = visitor.page(&address).await.must(303);
                assert!(!first.location().contains("err="), "{address}: {}", first.location());
                let shown = follow(visitor, &address).await;
                assert!(!shown.text().contains("555-0100"), "{address}");
            }
        }
    }
    // After signing in with scripts, the browser goes to `next` by itself, so no such address may become `next`.
    let next = format!("/rooms?{}", query(OPEN));
    let ada = app.visitor();
    ada.request_code_for("ada@example.org", &[("next", &next)])
        .await
        .must(200);
    let code = ada.read_code();
    let fields = [("code", code.as_str()), ("next", &next)];
    let answer = ada.submit("/sign-in", "/api/auth/verify_code", &fields).await.must(302);
    assert_eq!(answer.location(), "/activate");
}

async fn no_address_fills_the_form_for_the_name(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    for visitor in [&ada, &app.newcomer("new@example.org").await] {
        for page in ["/settings?name=Mallory", "/activate?name=Mallory"] {
            assert!(!shows_mallory(&follow(visitor, page).await), "{page}");
        }
    }
    let room = ada.open_room("Tea", "open").await;
    let invite = ada.make_guest_link(&room).await;
    let page = format!("/invite/{}?name=Mallory", token_of(&invite));
    assert!(!shows_mallory(&follow(&app.visitor(), &page).await));
}
