//! Forms without scripts that are sent after the access token has expired. Every endpoint that needs to know who is signed in
//! refreshes the token first.

use crate::{answer::Answer, database::On, owner_link, test_app::TestApp, visitor::Visitor};
use reqwest::multipart::Form;
use snug::model::{device::Device, user::User};

on_both_databases! {
    forms_of_the_settings_refresh_an_expired_access_token_first,
    signing_this_device_out_with_an_expired_access_token_leaves_no_cookie,
    the_owner_link_makes_an_owner_of_a_person_whose_access_token_has_expired,
    signing_in_and_out_do_not_refresh_first,
}

/// Longer than an access token lives.
const EXPIRED_S: i64 = 700;

fn assert_done(answer: &Answer, page: &str) {
    assert_eq!(answer.status, 302, "{}", answer.text());
    assert_eq!(answer.location(), page);
    for cookie in ["access", "refresh", "access-expires"] {
        answer.set_cookie(cookie);
    }
}

async fn list_devices(visitor: &Visitor) -> Vec<Device> {
    visitor.post("/api/auth/devices", &[]).await.must(200).json()
}

async fn forms_of_the_settings_refresh_an_expired_access_token_first(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, phone) = (app.person("Ada").await, app.newcomer("ada@example.org").await);
    let other = list_devices(&ada).await.into_iter().find(|device| !device.this_one);
    let other = other.expect("the phone").id;
    app.pass_s(EXPIRED_S);
    let answer = ada
        .submit("/settings", "/api/auth/sign_out_device", &[("id", other.as_str())])
        .await;
    assert_done(&answer, "/settings");
    phone.refresh().await.must_fail(401, "session_ended");

    app.pass_s(EXPIRED_S);
    assert_done(
        &ada.submit("/settings", "/api/auth/sign_out_others", &[]).await,
        "/settings",
    );
    app.pass_s(EXPIRED_S);
    // After the refresh the endpoint knows who asks. It refuses only because Ada signed in too long ago.
    let fields = [("email", "countess@example.net")];
    let answer = ada.submit("/settings", "/api/auth/request_email_change", &fields).await;
    let page = ada.page(&answer.location()).await.must(200).text();
    assert!(!page.contains("You are signed out"), "{page}");
    answer.set_cookie("access");
    ada.me().await.must(200);
}

async fn signing_this_device_out_with_an_expired_access_token_leaves_no_cookie(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let here = list_devices(&ada).await.remove(0).id;
    app.pass_s(EXPIRED_S);
    ada.submit("/settings", "/api/auth/sign_out_device", &[("id", here.as_str())])
        .await
        .must(302);
    for cookie in ["access", "refresh", "access-expires"] {
        assert_eq!(ada.jar.get(cookie), None, "{cookie}");
    }
    assert_eq!(
        app.ask::<i64>("select count(*) from sessions where revoked_at is null")
            .await,
        0
    );
}

async fn the_owner_link_makes_an_owner_of_a_person_whose_access_token_has_expired(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let link = owner_link::link(&app).await.expect("a link");
    app.pass_s(EXPIRED_S);
    let answer = owner_link::claim(&ada, &link).await;
    assert_done(&answer, "/rooms");
    answer.set_cookie("owner");
    assert!(ada.me().await.must(200).json::<User>().owner);
}

async fn signing_in_and_out_do_not_refresh_first(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    app.pass_s(EXPIRED_S);
    let before = ada.jar.get("refresh");
    let answer = ada
        .submit("/sign-in", "/api/auth/verify_code", &[("code", "000000")])
        .await;
    assert!(
        answer
            .set_cookies()
            .iter()
            .all(|cookie| !cookie.starts_with("refresh="))
    );
    assert_eq!(ada.jar.get("refresh"), before);
    ada.submit("/settings", "/api/auth/sign_out", &[]).await.must(302);
    assert_eq!(ada.jar.get("refresh"), None);
    assert_eq!(app.ask::<i64>("select gen from sessions").await, 1);
}

#[tokio::test]
async fn while_the_database_is_busy_a_form_says_so_and_keeps_what_was_typed() {
    let mut app = TestApp::start().await;
    let ada = app.person("Ada").await;
    app.pass_s(EXPIRED_S);
    // SQLite now refuses each write, so the sign-in can't be renewed.
    app.tamper("pragma query_only = on").await;
    let form = Form::new().text("picture", "keep").text("next", "/settings?saved=1");
    let request = ada.raw_post("/api/profile/activate_form").header("accept", "text/html");
    let answer = ada
        .send(request.multipart(form.text("name", "Countess")))
        .await
        .must(303);
    let devices = ada.submit("/settings", "/api/auth/sign_out_others", &[]).await;
    app.tamper("pragma query_only = off").await;

    let page = ada.page(&answer.location()).await.must(200).text();
    assert!(
        page.contains("Nothing is lost; try again in a moment.") && page.contains("value=\"Countess\""),
        "{page}"
    );
    // If Ada looked signed out, the sign-in page would say so, and there would be no error for the settings.
    assert_eq!(devices.location(), "/settings");
    let cookies = devices.set_cookies();
    assert!(
        cookies.iter().any(|cookie| cookie.starts_with("form-error-")),
        "{cookies:?}"
    );
}
