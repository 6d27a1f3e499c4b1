//! Devices: people see a list of their devices, and sign them out one by one or all at once.

use crate::{
    database::On,
    test_app::TestApp,
    visitor::Visitor,
    voice::{speaker, wait},
};
use serde_json::Value;
use snug::model::device::Device;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The time within which a signed-out device must lose its pages, sockets and media.
const LIMIT: Duration = Duration::from_secs(1);

on_both_databases! {
    devices_are_listed_with_their_network_and_when_they_were_seen,
    one_device_is_signed_out_and_the_others_stay,
    all_other_devices_are_signed_out_and_this_one_stays,
    nobody_can_sign_out_the_device_of_somebody_else,
}

async fn devices(visitor: &Visitor) -> Vec<Device> {
    visitor.post("/api/auth/devices", &[]).await.must(200).json()
}

async fn sign_out(visitor: &Visitor, device: &Device) -> crate::answer::Answer {
    visitor
        .post("/api/auth/sign_out_device", &[("id", device.id.as_str())])
        .await
}

async fn devices_are_listed_with_their_network_and_when_they_were_seen(on: On) {
    let mut app = TestApp::on(on).await;
    let laptop = app.person("Ada").await;
    app.pass_s(7_200);
    let phone = app.newcomer("ada@example.org").await;
    app.person("Ben").await;
    let listed = devices(&phone).await;
    assert_eq!(listed.len(), 2);
    assert!(
        listed[0].this_one && !listed[1].this_one,
        "the device that was seen last comes first"
    );
    assert!(
        listed[0].seen_ago_s < 10 && (7_200..7_210).contains(&listed[1].seen_ago_s),
        "{listed:?}"
    );
    assert_eq!(listed[1].network, "127.0.0.0/24");
    assert!(listed.iter().all(|device| device.same_network));
    app.pass_s(20);
    laptop.refresh().await.must(200);
    let again = devices(&laptop).await;
    assert!(again[0].this_one && again[0].seen_ago_s < 10, "{again:?}");
    laptop.sign_out().await.must(200);
    assert_eq!(devices(&phone).await.len(), 1);
    let abroad = app.visitor_in(9);
    abroad.sign_up("ada@example.org").await;
    let from_there: Vec<bool> = devices(&abroad)
        .await
        .iter()
        .map(|device| device.same_network)
        .collect();
    assert_eq!(from_there, [true, false]);
}

async fn one_device_is_signed_out_and_the_others_stay(on: On) {
    let app = TestApp::on(on).await;
    let (laptop, phone, tablet) = (
        app.person("Ada").await,
        app.newcomer("ada@example.org").await,
        app.newcomer("ada@example.org").await,
    );
    let theirs = devices(&phone)
        .await
        .into_iter()
        .find(|one| one.this_one)
        .expect("the phone");
    sign_out(&laptop, &theirs).await.must(200);
    phone.me().await.must_fail(401, "session_ended");
    phone.refresh().await.must_fail(401, "session_ended");
    tablet.me().await.must(200);
    laptop.me().await.must(200);
    sign_out(&laptop, &theirs).await.must_fail(404, "not_found");
}

async fn all_other_devices_are_signed_out_and_this_one_stays(on: On) {
    let app = TestApp::on(on).await;
    let (laptop, phone, tablet) = (
        app.person("Ada").await,
        app.newcomer("ada@example.org").await,
        app.newcomer("ada@example.org").await,
    );
    let ben = app.person("Ben").await;
    laptop.post("/api/auth/sign_out_others", &[]).await.must(200);
    for other in [&phone, &tablet] {
        other.me().await.must_fail(401, "session_ended");
    }
    laptop.me().await.must(200);
    ben.me().await.must(200);
    assert_eq!(devices(&laptop).await.len(), 1);
}

async fn nobody_can_sign_out_the_device_of_somebody_else(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let of_ada = devices(&ada).await.remove(0);
    sign_out(&ben, &of_ada).await.must_fail(404, "not_found");
    ada.me().await.must(200);
    ben.post("/api/auth/sign_out_device", &[("id", "x")])
        .await
        .must_fail(404, "not_found");
    app.visitor()
        .post("/api/auth/devices", &[])
        .await
        .must_fail(401, "signed_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_other_devices_lose_pages_sockets_and_media_within_1_s() {
    let app = TestApp::start().await;
    let (laptop, phone, tablet, ben) = (
        app.person("Ada").await,
        app.newcomer("ada@example.org").await,
        app.newcomer("ada@example.org").await,
        app.person("Ben").await,
    );
    let room = ben.open_room("Tea", "open").await;
    let (_ears_socket, ears) = ben.plug_in(&room).await;
    let (mut socket, mouth) = speaker(&phone, &room).await;
    let list = tablet.watch_rooms().await.expect("admitted");
    wait(&ears, 10);

    let asked = Instant::now();
    laptop.post("/api/auth/sign_out_others", &[]).await.must(200);
    socket.recv_all().await;
    list.recv_all().await;
    for other in [&phone, &tablet] {
        other.me().await.must_fail(401, "session_ended");
    }
    assert!(asked.elapsed() < LIMIT, "{:?}", asked.elapsed());
    let sent = mouth.sent();
    sleep(LIMIT.saturating_sub(asked.elapsed())).await;
    let heard = ears.heard();
    sleep(Duration::from_millis(300)).await;
    assert!(mouth.sent() > sent, "the client goes on sending");
    assert_eq!(ears.heard(), heard, "a signed-out device was heard");
    laptop.me().await.must(200);
}

#[tokio::test]
async fn signing_out_this_device_from_the_list_removes_its_cookies() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let mine = devices(&ada).await.remove(0);
    sign_out(&ada, &mine).await.must(200);
    assert_eq!(ada.jar.get("refresh"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_signed_out_from_another_loses_socket_and_media_within_1_s() {
    let app = TestApp::start().await;
    let (laptop, phone, ben) = (
        app.person("Ada").await,
        app.newcomer("ada@example.org").await,
        app.person("Ben").await,
    );
    let room = ben.open_room("Tea", "open").await;
    let (_ears_socket, ears) = ben.plug_in(&room).await;
    let (mut socket, mouth) = speaker(&phone, &room).await;
    wait(&ears, 10);

    let theirs = devices(&phone).await.into_iter().find(|one| one.this_one);
    let asked = Instant::now();
    sign_out(&laptop, &theirs.expect("the phone")).await.must(200);
    socket.recv_all().await;
    phone.me().await.must_fail(401, "session_ended");
    assert!(asked.elapsed() < LIMIT, "{:?}", asked.elapsed());
    let sent = mouth.sent();
    sleep(LIMIT + Duration::from_millis(300)).await;
    assert!(mouth.sent() > sent, "the client did not go on sending");
    assert_eq!(ears.heard_since(asked + LIMIT).len(), 0, "packets were forwarded");
}

#[tokio::test]
async fn the_list_contains_no_token() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let listed: Value = ada.post("/api/auth/devices", &[]).await.must(200).json();
    let fields: Vec<&String> = listed[0].as_object().expect("an object").keys().collect();
    assert_eq!(
        fields,
        ["id", "name", "network", "same_network", "seen_ago_s", "this_one"]
    );
}
