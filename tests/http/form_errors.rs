//! The errors of forms without scripts: each is shown once, on the page of its form.

use crate::{answer::Answer, database::On, people, test_app::TestApp, visitor::Visitor};
use base64::{Engine, prelude::BASE64_URL_SAFE};

on_both_databases! {
    the_error_of_a_form_is_shown_once_and_only_on_its_page,
    the_errors_of_all_forms_are_shown,
    a_forged_cookie_shows_nothing,
    an_error_waits_60_s_for_its_page,
    the_errors_of_two_tabs_do_not_mix,
    an_error_is_shown_after_the_sign_in_was_refreshed,
    an_error_that_the_sign_in_page_explains_is_not_shown_later,
    a_form_that_succeeds_takes_an_older_error_back,
    a_form_with_scripts_gets_its_error_as_json_and_no_cookie,
}

pub const SENTENCE: &str = "Call 555-0100 and read out your code.";
pub const OPEN: &str = "/api/rooms/open";
const NO_TOPIC: [(&str, &str); 2] = [("topic", ""), ("kind", "open")];
const NO_EMAIL: [(&str, &str); 1] = [("email", "x")];

/// How often the page shows this sentence in an alert.
fn alerts(page: &Answer, sentence: &str) -> usize {
    let page = page.text();
    let alerts = page.split("role=\"alert\"").skip(1);
    alerts
        .filter(|alert| alert.split("</p>").next().is_some_and(|alert| alert.contains(sentence)))
        .count()
}

/// The sentence with which the endpoint refuses these fields.
async fn refusal(visitor: &Visitor, endpoint: &str, fields: &[(&str, &str)]) -> String {
    let answer = visitor.post(endpoint, fields).await;
    assert!(answer.status >= 400, "{endpoint}: {}", answer.text());
    answer.detail()
}

/// The names of the browser's cookies that carry errors.
fn error_cookies(visitor: &Visitor) -> Vec<String> {
    let names = visitor.jar.copy().into_keys();
    names.filter(|name| name.starts_with("form-error-")).collect()
}

async fn the_error_of_a_form_is_shown_once_and_only_on_its_page(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let sentence = refusal(&ada, OPEN, &NO_TOPIC).await;
    let refused = ada.submit("/rooms?q=tea", OPEN, &NO_TOPIC).await.must(302);
    assert_eq!(refused.location(), "/rooms?q=tea");
    let [name] = error_cookies(&ada).try_into().expect("one cookie");
    let flags = refused.set_cookie(&name);
    assert!(
        flags.ends_with("; HttpOnly; SameSite=Strict; Path=/; Max-Age=60"),
        "{flags}"
    );

    let with_cookie = ada.jar.copy();
    for other in ["/rooms", "/rooms?q=te", "/settings", "/sign-in?again=1", "/nowhere"] {
        let page = ada.page(other).await;
        assert_eq!(alerts(&page, &sentence), 0, "{other}");
        assert!(page.set_cookies().is_empty(), "{other}");
    }
    // A file or a program that uses the page's address does not use the error up.
    ada.get("/rooms?q=tea").await.must(200);
    let page = ada.page("/rooms?q=tea").await.must(200);
    assert_eq!(alerts(&page, &sentence), 1, "{}", page.text());
    assert!(page.set_cookie(&name).contains("Max-Age=0"));
    assert_eq!(error_cookies(&ada), Vec::<String>::new());
    assert_eq!(alerts(&ada.page("/rooms?q=tea").await, &sentence), 0);
    // A copy of the cookie works only once, too.
    ada.jar.restore(with_cookie);
    let again = ada.page("/rooms?q=tea").await.must(200);
    assert_eq!(alerts(&again, &sentence), 0);
    assert!(again.set_cookie(&name).contains("Max-Age=0"));
}

async fn the_errors_of_all_forms_are_shown(on: On) {
    let app = TestApp::on(on).await;
    let host = people::host(&app).await;
    let (stranger, id) = (app.visitor(), host.id().await);
    let waiting = app.visitor();
    waiting.request_code("ben@example.org").await.must(200);
    let wrong = waiting.wrong_code();
    for (visitor, page, endpoint, fields) in [
        (&stranger, "/sign-in", "/api/auth/request_code", &NO_EMAIL[..]),
        (
            &stranger,
            "/sign-in?next=%2Fsettings",
            "/api/auth/request_code",
            &NO_EMAIL,
        ),
        (
            &waiting,
            "/sign-in",
            "/api/auth/verify_code",
            &[("code", wrong.as_str())],
        ),
        // This browser did not ask for a code, so the page asks for the address again, and says why.
        (&stranger, "/sign-in", "/api/auth/verify_code", &[("code", "123456")]),
        (&host, "/rooms", OPEN, &NO_TOPIC),
        (&host, "/settings", "/api/auth/request_email_change", &NO_EMAIL),
        (&host, "/people", "/api/people/switch_off", &[("user", id.as_str())]),
        (
            &host,
            "/people?q=Host&page=1",
            "/api/people/switch_off",
            &[("user", id.as_str())],
        ),
    ] {
        let sentence = refusal(visitor, endpoint, fields).await;
        let refused = visitor.submit(page, endpoint, fields).await.must(302);
        assert_eq!(refused.location(), page, "{endpoint}");
        let shown = visitor.page(page).await.must(200);
        // The end of the sentence about a wrong code says how many tries are left, so it differs.
        let sentence = &sentence[..sentence.find(';').unwrap_or(sentence.len())];
        assert!(alerts(&shown, sentence) >= 1, "{page} {endpoint}: {sentence}");
    }
    // The tests of activation, guests and large bodies do the same for the forms with files.
}

async fn a_forged_cookie_shows_nothing(on: On) {
    let (app, elsewhere) = (TestApp::on(on).await, TestApp::start().await);
    let (ada, eve) = (app.person("Ada").await, elsewhere.person("Eve").await);
    let sentence = refusal(&ada, OPEN, &NO_TOPIC).await;
    let seal = async |visitor: &Visitor, page: &str| {
        visitor.submit(page, OPEN, &NO_TOPIC).await.must(302);
        let [name] = error_cookies(visitor).try_into().expect("one cookie");
        let value = visitor.jar.get(&name).expect("a value");
        visitor.jar.remove(&name);
        (name, value)
    };
    let (name, value) = seal(&ada, "/rooms").await;
    let (_, of_settings) = seal(&ada, "/settings").await;
    let (_, of_another_snug) = seal(&eve, "/rooms").await;
    let (text, tag) = value.split_once('.').expect("two parts");
    let contents = BASE64_URL_SAFE.encode(format!(r#"{{"error":{{"kind":"invalid","detail":"{SENTENCE}"}}}}"#));
    for forged in [
        of_settings,
        of_another_snug,
        format!("{}.{tag}", contents.trim_end_matches('=')),
        format!("{text}."),
        text.to_owned(),
        format!("{text}.{tag}{tag}"),
        format!("x{value}"),
        "x".repeat(12_000),
        format!("{value}{}", "x".repeat(12_000)),
        String::new(),
    ] {
        ada.jar.set(&name, &forged);
        let page = ada.page("/rooms").await.must(200);
        assert!(!page.text().contains("role=\"alert\""), "{forged:.60}");
        assert_eq!(error_cookies(&ada), Vec::<String>::new(), "{forged:.60}");
    }
    ada.jar.set(&name, &value);
    assert_eq!(
        alerts(&ada.page("/rooms").await, &sentence),
        1,
        "the true one is still good"
    );
}

async fn an_error_waits_60_s_for_its_page(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let sentence = refusal(&ada, OPEN, &NO_TOPIC).await;
    for (waits_s, shown) in [(59, 1), (60, 0)] {
        ada.submit("/rooms", OPEN, &NO_TOPIC).await.must(302);
        app.pass_s(waits_s);
        assert_eq!(alerts(&ada.page("/rooms").await, &sentence), shown, "after {waits_s} s");
    }
}

async fn the_errors_of_two_tabs_do_not_mix(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let no_topic = refusal(&ada, OPEN, &NO_TOPIC).await;
    let no_email = refusal(&ada, "/api/auth/request_email_change", &NO_EMAIL).await;
    for settings_first in [true, false] {
        ada.submit("/rooms", OPEN, &NO_TOPIC).await.must(302);
        ada.submit("/settings", "/api/auth/request_email_change", &NO_EMAIL)
            .await
            .must(302);
        let mut tabs = [("/rooms", &no_topic, &no_email), ("/settings", &no_email, &no_topic)];
        if settings_first {
            tabs.reverse();
        }
        for (page, own, other) in tabs {
            let shown = ada.page(page).await.must(200);
            assert_eq!((alerts(&shown, own), alerts(&shown, other)), (1, 0), "{page}");
        }
    }
    // The same page twice, with different queries.
    for query in ["q=a", "q=b"] {
        ada.submit(&format!("/rooms?{query}"), OPEN, &NO_TOPIC).await.must(302);
    }
    for query in ["q=b", "q=a"] {
        let shown = ada.page(&format!("/rooms?{query}")).await;
        assert_eq!(alerts(&shown, &no_topic), 1, "{query}");
    }
}

async fn an_error_is_shown_after_the_sign_in_was_refreshed(on: On) {
    let mut app = TestApp::with(on, |config| {
        config.auth.access_ttl = std::time::Duration::from_secs(20);
        config.auth.confirm_after = std::time::Duration::from_secs(1);
    })
    .await;
    let ada = app.person("Ada").await;
    let sentence = refusal(&ada, OPEN, &NO_TOPIC).await;
    // The access token expires before the form is sent, and again before the page is opened.
    app.pass_s(30);
    let refused = ada.submit("/rooms", OPEN, &NO_TOPIC).await.must(302);
    refused.set_cookie("access");
    app.pass_s(30);
    let page = ada.page("/rooms").await.must(200);
    page.set_cookie("access");
    assert_eq!(alerts(&page, &sentence), 1, "{}", page.text());
    assert_eq!(error_cookies(&ada), Vec::<String>::new());
}

async fn an_error_that_the_sign_in_page_explains_is_not_shown_later(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let device = ada.jar.copy();
    ada.sign_out().await.must(200);
    ada.jar.restore(device);
    let refused = ada.submit("/rooms", OPEN, &NO_TOPIC).await.must(302);
    assert_eq!(refused.location(), "/rooms");
    assert_eq!(error_cookies(&ada), Vec::<String>::new());
    assert!(ada.page("/rooms").await.must(303).location().starts_with("/sign-in"));
    ada.sign_up("ada@example.org").await;
    assert!(!ada.page("/rooms").await.must(200).text().contains("role=\"alert\""));
}

async fn a_form_that_succeeds_takes_an_older_error_back(on: On) {
    let app = TestApp::on(on).await;
    let (host, ada) = (people::host(&app).await, app.person("Ada").await);
    let (own, other) = (host.id().await, ada.id().await);
    let switch_off = async |id: &str| {
        let answer = host.submit("/people", "/api/people/switch_off", &[("user", id)]).await;
        answer.must(302)
    };
    switch_off(own.as_str()).await;
    assert_eq!(error_cookies(&host).len(), 1);
    switch_off(other.as_str()).await;
    assert_eq!(error_cookies(&host).len(), 0);
    assert!(!host.page("/people").await.must(200).text().contains("role=\"alert\""));
}

async fn a_form_with_scripts_gets_its_error_as_json_and_no_cookie(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let answer = ada.post(OPEN, &NO_TOPIC).await.must_fail(422, "invalid");
    assert_eq!(answer.header("location"), None);
    assert!(answer.set_cookies().is_empty(), "{:?}", answer.set_cookies());
}
