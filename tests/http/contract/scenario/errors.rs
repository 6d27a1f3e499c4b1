//! Causes every kind of error that a server without a fault can answer.

use super::arrival::{arrive, sign_in};
use crate::{
    contract::{browser::Browser, record::Record},
    database::On,
    test_app::TestApp,
};

pub async fn refuse_everything(app: &TestApp, record: &mut Record, ada: &Browser, ada_id: &str, invite: &str) {
    let (stranger, newcomer) = (Browser::new(app), Browser::new(app));
    record.refuse(&stranger, "auth/me", &[], "signed_out").await;
    sign_in(app, record, &newcomer, "newcomer@example.org").await;
    record.refuse(&newcomer, "rooms/list", &[], "not_activated").await;
    let (other, _) = arrive(app, record, "Oda").await;
    record
        .refuse(&other, "people/switch_off", &[("user", ada_id)], "forbidden")
        .await;
    record
        .refuse(ada, "rooms/find", &[("id", "no-room-of-this-id")], "not_found")
        .await;
    record
        .refuse(&other, "rooms/open", &[("topic", ""), ("kind", "open")], "invalid")
        .await;
    take_the_name_of_the_host(record, &stranger, invite).await;
    come_in_twice(record, &other, invite).await;
    send_bad_pictures(record, &other).await;
    act_for_somebody_else(record, &other, ada_id).await;
    ask_too_often(record).await;
}

/// A guest can't have the name of the host, and is told two others.
async fn take_the_name_of_the_host(record: &mut Record, stranger: &Browser, invite: &str) {
    let fields = [("token", invite), ("name", "ada")];
    record
        .refuse(stranger, "invites/come_as_guest", &fields, "invalid")
        .await;
}

/// People who are signed in cannot come in as guests.
async fn come_in_twice(record: &mut Record, browser: &Browser, invite: &str) {
    let fields = [("token", invite), ("name", "Oda")];
    record
        .refuse(browser, "invites/come_as_guest", &fields, "conflict")
        .await;
}

async fn send_bad_pictures(record: &mut Record, browser: &Browser) {
    let fields = [("name", "Oda"), ("picture", "data:image/png;base64,aGVsbG8=")];
    record.refuse(browser, "profile/activate", &fields, "unsupported").await;
    let large = "x".repeat(16 * 1024 * 1024);
    let fields = [("name", "Oda"), ("picture", large.as_str())];
    record.refuse(browser, "profile/activate", &fields, "too_large").await;
}

async fn act_for_somebody_else(record: &mut Record, browser: &Browser, user: &str) {
    let request = browser.request("POST", "/api/auth/me").header("snug-for-user", user);
    let reply = browser.send(request.header("accept", "application/json")).await;
    record.note_refusal(&reply, "somebody_else");
}

async fn ask_too_often(record: &mut Record) {
    let app = limited_app().await;
    let browser = Browser::new(&app);
    let fields = [("email", "ada@example.org")];
    record.call(&browser, "auth/request_code", &fields).await;
    record.refuse(&browser, "auth/request_code", &fields, "too_many").await;
}

/// A Snug with the default limits.
async fn limited_app() -> TestApp {
    TestApp::with(On::Sqlite, |config| config.limits.enforced = true).await
}
