//! Rooms of every kind with people in every role, links and guests, and the people that Ada follows.

use super::{
    arrival::{arrive, profile_fields},
    extract::{id_of, text, token_of},
};
use crate::{
    contract::{browser::Browser, record::Record},
    contract_scene::Inside,
    test_app::TestApp,
};
use serde_json::Value;
use std::time::{Duration, Instant};

const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Opens and fills the rooms. Returns the id of a stage room, and the token of a link that admits guests into that room.
pub async fn fill_rooms(app: &TestApp, record: &mut Record, ada: &Browser) -> (String, String) {
    let room = open(record, ada, "Clinic", "open", "stage").await;
    let everyone = open(record, ada, "Tea", "social", "everyone").await;
    let private = open(record, ada, "Whispers", "private", "").await;
    let mut host = Inside::enter(app, &ada.cookie_header(), &room).await;
    let (ben, ben_id) = arrive(app, record, "Ben").await;
    let (cyd, cyd_id) = arrive(app, record, "Cyd").await;
    let (dan, dan_id) = arrive(app, record, "Dan").await;
    let (eve, eve_id) = arrive(app, record, "Eve").await;
    follow_people(record, ada, [&ben_id, &cyd_id, &eve_id]).await;
    let invite = use_links(app, record, ada, &ben, &room).await;
    let guest = come_as_guest(app, record, &invite).await;
    look_after_links(record, ada, &ben, &private).await;

    let mut listener = Inside::enter(app, &ben.cookie_header(), &room).await;
    let mut speaker = Inside::enter(app, &cyd.cookie_header(), &room).await;
    let _co_host = Inside::enter(app, &dan.cookie_header(), &room).await;
    let _invited = Inside::enter(app, &eve.cookie_header(), &room).await;
    let _guest = Inside::enter(app, &guest.cookie_header(), &room).await;
    listener.raise_hand().await;
    host.make_co_host(&dan_id).await;
    host.invite(&cyd_id).await;
    speaker.accept_invitation().await;
    until(ada, "rooms/find", &[("id", &room)], |page| {
        role(page, &cyd_id) == "speaker"
    })
    .await;
    host.mute(&cyd_id).await;
    host.invite(&eve_id).await;

    let mut other_host = Inside::enter(app, &ada.cookie_header(), &everyone).await;
    other_host.hold_new_accounts().await;
    other_host.talk().await;
    let _new_account = Inside::enter(app, &eve.cookie_header(), &everyone).await;
    until(ada, "rooms/find", &[("id", &room)], is_complete).await;
    until(ada, "rooms/find", &[("id", &everyone)], |page| {
        page.to_string().contains("\"hold\":\"new\"")
    })
    .await;
    until(ada, "rooms/list", &[], |list| list.to_string().contains("\"speaking\"")).await;
    for id in [&room, &everyone, &private] {
        record.call(ada, "rooms/find", &[("id", id)]).await;
        record.call(ada, "rooms/find_return", &[("id", id)]).await;
    }
    open_idle_room(app, record, ada).await;
    record.call(ada, "rooms/list", &[]).await;
    record.call(ada, "rooms/search", &[]).await;
    record.call(ada, "rooms/count", &[]).await;
    record.call(ada, "rooms/list_open", &[]).await;
    record.call(ada, "people/list", &[]).await;
    (room, invite)
}

/// A permanent room in which nobody is, so that its card has no time since when somebody has been inside.
async fn open_idle_room(app: &TestApp, record: &mut Record, ada: &Browser) {
    let room = open(record, ada, "Garden", "open", "").await;
    let mut host = Inside::enter(app, &ada.cookie_header(), &room).await;
    host.make_permanent_and_leave().await;
    until(ada, "rooms/list", &[], |list| {
        let mut cards = list.as_array().into_iter().flatten();
        cards.any(|card| card["id"] == room.as_str() && card["since"].is_null())
    })
    .await;
}

async fn open(record: &mut Record, host: &Browser, topic: &str, kind: &str, mode: &str) -> String {
    let fields = [("topic", topic), ("kind", kind), ("mode", mode)];
    id_of(&record.call(host, "rooms/open", &fields).await)
}

async fn follow_people(record: &mut Record, ada: &Browser, users: [&String; 3]) {
    for user in users {
        record.call(ada, "circle/follow", &[("user", user)]).await;
    }
    record.call(ada, "circle/list", &[]).await;
    record.call(ada, "circle/unfollow", &[("user", users[0])]).await;
}

/// The host makes a link that admits guests. A stranger opens the link, and the person with the browser `accepts` comes in by
/// it. Returns the token of the link.
async fn use_links(app: &TestApp, record: &mut Record, host: &Browser, accepts: &Browser, room: &str) -> String {
    let terms = [("room", room), ("days", "7"), ("most_uses", "10"), ("guests", "true")];
    let invite = record.call(host, "invites/make", &terms).await;
    let link = text(&invite["link"]);
    record.give_link("Link into a room", &link);
    let token = token_of(&link);
    record
        .call(&Browser::new(app), "invites/find", &[("token", &token)])
        .await;
    record.call(accepts, "invites/accept", &[("token", &token)]).await;
    token
}

async fn come_as_guest(app: &TestApp, record: &mut Record, token: &str) -> Browser {
    let guest = Browser::new(app);
    let mut fields = profile_fields("Gus", "face:gus");
    fields.push(("token", token));
    record.call(&guest, "invites/come_as_guest", &fields).await;
    record.call(&guest, "auth/me", &[]).await;
    // A guest has no address, so this answer has none.
    record.call(&guest, "account/preview_deletion", &[]).await;
    record.call(&guest, "auth/email", &[]).await;
    guest
}

/// Makes another link into a room, uses it, lists the links, and revokes the new one.
async fn look_after_links(record: &mut Record, host: &Browser, accepts: &Browser, room: &str) {
    let terms = [("room", room), ("days", "1"), ("most_uses", "50")];
    let invite = record.call(host, "invites/make", &terms).await;
    let token = token_of(&text(&invite["link"]));
    record.call(accepts, "invites/accept", &[("token", &token)]).await;
    record.call(host, "invites/list", &[("room", room)]).await;
    let fields = [("id", id_of(&invite)), ("guests", "true".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    record.call(host, "invites/revoke", &fields).await;
}

fn role(page: &Value, user: &str) -> String {
    let roster = page["roster"].as_array().cloned().unwrap_or_default();
    let one = roster.into_iter().find(|one| one["id"] == user);
    one.and_then(|one| one["role"].as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Whether the room has every role, a raised hand, an invitation and somebody muted.
fn is_complete(page: &Value) -> bool {
    let text = page.to_string();
    let words = [
        "\"co_host\"",
        "\"speaker\"",
        "\"listener\"",
        "\"host\"",
        "\"by_host\"",
        "\"invited\":true",
        "\"hand\":1",
    ];
    words.iter().all(|word| text.contains(word))
}

/// Repeats a call until `wanted` is true for the answer. These answers are not recorded.
#[track_caller]
fn until<'a>(
    browser: &'a Browser,
    endpoint: &'a str,
    fields: &'a [(&'a str, &'a str)],
    wanted: impl Fn(&Value) -> bool + 'a,
) -> impl Future<Output = ()> + 'a {
    let caller = std::panic::Location::caller();
    async move {
        let deadline = Instant::now() + LONGEST_WAIT;
        loop {
            let value = browser.call(endpoint, fields).await.must(200).json();
            if wanted(&value) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "not as wanted in time at {caller}: {value:#}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
