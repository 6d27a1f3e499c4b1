//! Accounts: people sign in by code and by link, and manage their devices and e-mail addresses. An owner manages the accounts.

use super::{
    arrival::{arrive, profile_fields, sign_in},
    extract::{id_of, text, token_of},
};
use crate::{
    contract::{browser::Browser, letter, photo, record::Record},
    contract_scene::{Inside, owner_token},
    test_app::TestApp,
};

/// Ada signs up, chooses a photo, and becomes the owner. Returns her browser and the address of the photo.
pub async fn found_the_snug(app: &TestApp, record: &mut Record) -> (Browser, String) {
    let ada = Browser::new(app);
    record.call(&ada, "auth/pending_code", &[]).await;
    record.call(&ada, "theme/choose", &[("theme", "system")]).await;
    // There is no owner yet, so the answer has no host.
    record.call(&ada, "snug_info/find", &[]).await;
    let fields = [("email", "ada@example.org"), ("next", "/people")];
    record.call(&ada, "auth/request_code", &fields).await;
    record.call(&ada, "auth/pending_code", &[]).await;
    let code = letter::code(&app.outbox(), "ada@example.org");
    let fields = [("code", code.as_str()), ("next", "/people")];
    record.call(&ada, "auth/verify_code", &fields).await;
    let photo = photo::data_url();
    let fields = profile_fields("Ada", &photo);
    let user = record.call(&ada, "profile/activate", &fields).await;
    let token = owner_token(app).await;
    record.give_link("Owner link, printed when the server starts", &format!("/owner/{token}"));
    record.call(&ada, "auth/find_owner_link", &[("token", &token)]).await;
    record.call(&ada, "auth/use_owner_link", &[("token", &token)]).await;
    read_own_codes(record, &ada).await;
    (ada, text(&user["picture"]))
}

/// An owner asks for codes. The owner can read the outbox, so these answers have the codes.
async fn read_own_codes(record: &mut Record, ada: &Browser) {
    let fields = [("email", "ada@example.net"), ("next", "/people")];
    record.call(ada, "auth/request_code", &fields).await;
    record.call(ada, "auth/pending_code", &[]).await;
    let new = [("email", "ada.lovelace@example.net")];
    record.call(ada, "auth/request_email_change", &new).await;
    record.call(ada, "auth/email", &[]).await;
}

pub async fn use_devices_and_addresses(app: &TestApp, record: &mut Record) {
    let laptop = sign_in_by_link(app, record).await;
    record.call(&laptop, "auth/refresh", &[]).await;
    let (phone, tablet) = (Browser::new(app), Browser::new(app));
    sign_in(app, record, &phone, "nia@example.org").await;
    sign_in(app, record, &tablet, "nia@example.org").await;
    let devices = record.call(&laptop, "auth/devices", &[]).await;
    let other = devices
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["this_one"] == false);
    let other = id_of(other.expect("another device"));
    record.call(&laptop, "auth/sign_out_device", &[("id", &other)]).await;
    record.call(&laptop, "auth/sign_out_others", &[]).await;
    record.refuse(&tablet, "auth/me", &[], "session_ended").await;
    change_address(app, record, &laptop).await;
    let leaver = Browser::new(app);
    sign_in(app, record, &leaver, "leaver@example.org").await;
    // Send only the required field, so that answers without the optional fields are recorded too.
    record.call(&leaver, "profile/activate", &[("name", "Lea")]).await;
    record.call(&leaver, "auth/me", &[]).await;
    record.call(&leaver, "auth/sign_out", &[]).await;
    delete_account(app, record).await;
}

/// Lou deletes their account. One of their rooms ends, and Ivy inherits the other one.
async fn delete_account(app: &TestApp, record: &mut Record) {
    let (lou, lou_id) = arrive(app, record, "Lou").await;
    let (ivy, _) = arrive(app, record, "Ivy").await;
    let attic = [("topic", "Attic"), ("kind", "open")];
    record.call(&lou, "rooms/open", &attic).await;
    let cellar = [("topic", "Cellar"), ("kind", "open")];
    let cellar = id_of(&record.call(&lou, "rooms/open", &cellar).await);
    let inside = Inside::enter(app, &ivy.cookie_header(), &cellar).await;
    record.call(&lou, "account/preview_deletion", &[]).await;
    let fields = [("user", lou_id.as_str()), ("email", "lou@example.org")];
    record.call(&lou, "account/delete", &fields).await;
    drop(inside);
}

async fn sign_in_by_link(app: &TestApp, record: &mut Record) -> Browser {
    let (asked, opened) = (Browser::new(app), Browser::new(app));
    let fields = [("email", "nia@example.org"), ("next", "/settings")];
    record.call(&asked, "auth/request_code", &fields).await;
    let link = letter::link(&app.outbox(), "nia@example.org", &app.origin());
    record.give_link("Link in a sign-in letter", &link);
    let token = token_of(&link);
    record.call(&opened, "auth/find_link", &[("token", &token)]).await;
    let fields = [("token", token.as_str()), ("next", "/settings")];
    record.call(&opened, "auth/verify_link", &fields).await;
    record.call(&opened, "auth/find_link", &[("token", &token)]).await;
    let fields = profile_fields("Nia", "face:tea");
    record.call(&opened, "profile/activate", &fields).await;
    opened
}

async fn change_address(app: &TestApp, record: &mut Record, browser: &Browser) {
    record.call(browser, "auth/email", &[]).await;
    let new = [("email", "nia@example.net")];
    record.call(browser, "auth/request_email_change", &new).await;
    record.call(browser, "auth/email", &[]).await;
    let code = letter::code(&app.outbox(), "nia@example.net");
    record
        .call(browser, "auth/confirm_email_change", &[("code", &code)])
        .await;
    let link = letter::link(&app.outbox(), "nia@example.org", &app.origin());
    record.give_link(
        "Link in the letter to the old address, after a change of address",
        &link,
    );
    let token = token_of(&link);
    record.call(browser, "auth/find_email_undo", &[("token", &token)]).await;
    record
        .call(browser, "auth/undo_email_change", &[("token", &token)])
        .await;
    record.call(browser, "auth/find_email_undo", &[("token", &token)]).await;
}

/// The requests that only an owner may make.
pub async fn run_the_snug(app: &TestApp, record: &mut Record, ada: &Browser) {
    let (max, max_id) = arrive(app, record, "Max").await;
    let room = record
        .call(&max, "rooms/open", &[("topic", "Closing time"), ("kind", "open")])
        .await;
    let inside = Inside::enter(app, &max.cookie_header(), &id_of(&room)).await;
    let fields = [("name", "Ada's Snug"), ("line", "Knitting and tea")];
    record.call(ada, "snug_info/describe", &fields).await;
    record.call(ada, "snug_info/find", &[]).await;
    record.call(ada, "people/list", &[("q", ""), ("page", "1")]).await;
    record.call(ada, "people/list", &[]).await;
    record.call(ada, "people/close_room", &[("room", &id_of(&room))]).await;
    record
        .refuse(ada, "rooms/find", &[("id", &id_of(&room))], "not_found")
        .await;
    drop(inside);
    record.call(ada, "people/make_owner", &[("user", &max_id)]).await;
    let (_, off_id) = arrive(app, record, "Off").await;
    record.call(ada, "people/switch_off", &[("user", &off_id)]).await;
    record.call(ada, "people/switch_on", &[("user", &off_id)]).await;
    record.call(ada, "setup_check/find", &[]).await;
    let to = [("email", "ada@example.org")];
    record.call(ada, "setup_check/send_test_letter", &to).await;
    record.call(ada, "mail/outbox", &[]).await;
    wait_for_report(ada).await;
    record.call(ada, "health/find", &[]).await;
}

/// While the examination of the Snug runs, the answer has no report. The report is then used again for a few seconds.
async fn wait_for_report(owner: &Browser) {
    loop {
        let reply = owner.call("health/find", &[]).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        if !reply.json()["report"].is_null() {
            break;
        }
    }
}
