//! Accounts that an owner deactivates: they lose access at once and can't sign in. When they are reactivated, nothing
//! is missing.

use crate::{
    answer::Answer,
    database::On,
    letters,
    people::host,
    test_app::TestApp,
    visitor::Visitor,
    voice::{speaker, wait},
};
use snug::model::{
    id::UserId,
    signal::{Ending, ServerSignal},
};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The time within which a switched-off account must lose everything.
pub const LIMIT: Duration = Duration::from_secs(1);

on_both_databases! {
    a_switched_off_account_can_not_sign_in_until_it_is_on_again,
    old_cookies_of_a_switched_off_account_do_not_work,
    nobody_can_switch_themselves_off,
    a_first_owner_who_is_switched_off_can_not_read_the_outbox,
    undoing_a_change_of_address_does_not_sign_in_a_switched_off_account,
}

/// Ada, and the owner who can switch her off.
pub async fn ada_and_host(app: &TestApp) -> (Visitor, UserId, Visitor) {
    let ada = app.person("Ada").await;
    let id = ada.id().await;
    (ada, id, host(app).await)
}

fn must_say_so(answer: Answer) {
    let message = answer.must_fail(403, "forbidden");
    assert_eq!(
        message.detail(),
        "This account is deactivated. Ask the person who runs this Snug."
    );
    assert!(message.set_cookies().is_empty());
}

async fn verify_link(visitor: &Visitor, app: &TestApp, letter: &str) -> Answer {
    let link = letters::sign_in_link(letter, &app.origin()).expect("a link");
    let (_, token) = link.split_once("token=").expect("a token");
    let token = token.split('&').next().expect("a token");
    visitor.post("/api/auth/verify_link", &[("token", token)]).await
}

async fn a_switched_off_account_can_not_sign_in_until_it_is_on_again(on: On) {
    let app = TestApp::on(on).await;
    let (ada, id, host) = ada_and_host(&app).await;
    host.action("switch_off", &id).await.must(200);
    let phone = app.visitor();
    // A code can be asked for as usual. Only after the right code does the answer say that the account is off.
    phone.request_code("ada@example.org").await.must(200);
    phone.verify_code(&phone.wrong_code()).await.must_fail(422, "invalid");
    let code = phone.read_code();
    must_say_so(phone.verify_code(&code).await);
    must_say_so(verify_link(&app.visitor(), &app, &phone.read_letter()).await);
    let form = phone
        .submit("/sign-in", "/api/auth/verify_code", &[("code", &code)])
        .await;
    let page = phone.page(&form.must(302).location()).await.must(200);
    assert!(page.text().contains("This account is deactivated."));
    phone.me().await.must_fail(401, "signed_out");
    let sessions =
        "select count(*) from sessions join users on users.id = user_id where name = 'Ada' and revoked_at is null";
    assert_eq!(app.ask::<i64>(sessions).await, 0);
    assert!(host.people("ada").await.accounts[0].switched_off);

    host.action("switch_on", &id).await.must(200);
    host.action("switch_on", &id).await.must(200);
    ada.me().await.must_fail(401, "session_ended");
    phone.verify_code(&code).await.must(200);
    assert_eq!(phone.id().await, id);
    phone.list_rooms().await.must(200);
    assert!(!host.people("ada").await.accounts[0].switched_off);
}

async fn old_cookies_of_a_switched_off_account_do_not_work(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, id, host) = ada_and_host(&app).await;
    let room = host.open_room("Tea", "open").await;
    let _socket = host.enter(&room).await;
    let old = ada.jar.copy();
    app.pass_s(20);
    ada.refresh().await.must(200);
    let newest = ada.jar.copy();
    host.action("switch_off", &id).await.must(200);
    for _ in 0..2 {
        for cookies in [newest.clone(), old.clone()] {
            ada.jar.restore(cookies);
            ada.me().await.must_fail(401, "session_ended");
            ada.list_rooms().await.must_fail(401, "session_ended");
            ada.activate("Eve", "").await.must_fail(401, "session_ended");
            let request = [("email", "eve@example.org")];
            let change = ada.post("/api/auth/request_email_change", &request).await;
            change.must_fail(401, "session_ended");
            ada.refresh().await.must_fail(401, "session_ended");
            for path in ["/rooms", "/settings", &format!("/rooms/{}", room.id)] {
                let page = ada.page(path).await.must(303);
                assert!(
                    page.location().starts_with("/sign-in") && page.set_cookies().is_empty(),
                    "{path}"
                );
            }
            assert_eq!(ada.watch_rooms().await.err().expect("refused").status, 401);
            assert_eq!(
                ada.try_to_enter(room.id.as_str()).await.err().expect("refused").status,
                401
            );
        }
        // After a restart, the server reads from the database that the account is off.
        app.restart().await;
    }
    assert_eq!(app.ask::<i64>("select count(*) from users where name = 'Ada'").await, 1);
    // Even with a valid session, a switched-off account is signed out at every endpoint.
    app.tamper("update sessions set revoked_at = null").await;
    app.restart().await;
    ada.jar.restore(newest);
    app.pass_s(20);
    ada.refresh().await.must(200);
    ada.list_rooms().await.must_fail(401, "signed_out");
    ada.activate("Eve", "").await.must_fail(401, "signed_out");
    assert_eq!(app.ask::<i64>("select count(*) from users where name = 'Eve'").await, 0);
}

async fn nobody_can_switch_themselves_off(on: On) {
    let app = TestApp::on(on).await;
    let (ada, id, host) = ada_and_host(&app).await;
    let own = host.id().await;
    host.action("switch_off", &own).await.must_fail(422, "invalid");
    ada.action("switch_off", &own).await.must_fail(403, "forbidden");
    host.action("make_owner", &id).await.must(200);
    host.action("switch_off", &own).await.must_fail(422, "invalid");
    ada.action("switch_off", &own).await.must(200);
    host.me().await.must_fail(401, "session_ended");
    ada.action("switch_off", &id).await.must_fail(422, "invalid");
    assert!(
        ada.people("host").await.accounts[0].owner,
        "a switched-off owner stays an owner, for when they are switched on again"
    );
}

async fn a_first_owner_who_is_switched_off_can_not_read_the_outbox(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, id, host) = ada_and_host(&app).await;
    // Ada becomes an owner 60 s after the host did, so the host is the first owner.
    app.pass_s(60);
    host.action("make_owner", &id).await.must(200);
    let read = async |visitor: &Visitor| visitor.post("/api/mail/outbox", &[]).await.status;
    assert_eq!((read(&host).await, read(&ada).await), (200, 200));
    ada.action("switch_off", &host_id(&ada).await).await.must(200);
    assert_eq!((read(&host).await, read(&ada).await), (404, 200));
    ada.action("switch_on", &host_id(&ada).await).await.must(200);
    assert_eq!(read(&host).await, 200);
}

async fn host_id(owner: &Visitor) -> UserId {
    owner.people("host").await.accounts.remove(0).person.id
}

async fn undoing_a_change_of_address_does_not_sign_in_a_switched_off_account(on: On) {
    let app = TestApp::on(on).await;
    let (ada, id, host) = ada_and_host(&app).await;
    let change = [("email", "countess@example.org")];
    ada.post("/api/auth/request_email_change", &change).await.must(200);
    let letter = letters::find_newest(&app.outbox(), "countess@example.org").expect("a letter");
    let code = letters::code_in(&letter).expect("a code");
    let confirm = [("code", code.as_str())];
    ada.post("/api/auth/confirm_email_change", &confirm).await.must(200);
    host.action("switch_off", &id).await.must(200);
    let letter = letters::find_newest(&app.outbox(), "ada@example.org").expect("a letter");
    let link = letters::sign_in_link(&letter, &app.origin()).expect("a link");
    let (_, token) = link.split_once("token=").expect("a token");
    let undo = app
        .visitor()
        .post("/api/auth/undo_email_change", &[("token", token)])
        .await;
    assert!(undo.must(200).set_cookies().is_empty());
    let phone = app.visitor();
    phone.request_code("ada@example.org").await.must(200);
    must_say_so(phone.verify_code(&phone.read_code()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switched_off_account_loses_everything_within_1_s() {
    let app = TestApp::start().await;
    let (laptop, id, host) = ada_and_host(&app).await;
    let (phone, tablet) = (
        app.newcomer("ada@example.org").await,
        app.newcomer("ada@example.org").await,
    );
    let room = host.open_room("Tea", "open").await;
    let (mut host_socket, ears) = host.plug_in(&room).await;
    let (mut socket, mouth) = speaker(&phone, &room).await;
    let (mut looking_in, ..) = tablet.look_in(&room).await;
    let list = tablet.watch_rooms().await.expect("admitted");
    wait(&ears, 10);

    let asked = Instant::now();
    host.action("switch_off", &id).await.must(200);
    for socket in [&mut socket, &mut looking_in] {
        let last = socket.recv_all().await.pop();
        assert_eq!(last, Some(ServerSignal::Ended { why: Ending::Disabled }));
    }
    list.recv_all().await;
    for device in [&laptop, &phone, &tablet] {
        device.me().await.must_fail(401, "session_ended");
    }
    let left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(&id).then_some(()),
        _ => None,
    };
    host_socket.recv_until(left).await;
    assert!(asked.elapsed() < LIMIT, "{:?}", asked.elapsed());
    let sent = mouth.sent();
    sleep(LIMIT + Duration::from_millis(300)).await;
    assert!(mouth.sent() > sent, "the client did not go on sending");
    assert_eq!(ears.heard_since(asked + LIMIT).len(), 0, "packets were forwarded");
    host.me().await.must(200);
}
