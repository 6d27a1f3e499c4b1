//! Sends every signal as every role, and compares the outcome with the table "Who may ask what" in `docs/permissions.md`.

use crate::{
    database::On,
    raw_peer::RawPeer,
    stage_scene::{ASKING, StageCast, StageIds, StageScene},
    test_app::TestApp,
    test_socket::TestSocket,
};
use serde_json::{Value, json};
use snug::model::{
    id::UserId,
    signal::{ClientSignal, Refusal, ServerSignal},
};

on_both_databases! {
    every_signal_as_every_role_does_what_the_table_says,
    a_signal_sets_nobody_elses_name_role_hand_or_mute,
}

/// The text of `docs/permissions.md`, which has the tables for this module and for `endpoints`.
pub fn permissions_page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.md");
    std::fs::read_to_string(path).expect(path)
}

/// The first cell of each row of the table, and the signal that the row describes.
fn signals(ids: &StageIds) -> Vec<(&'static str, Value)> {
    let action = |action: &str, about: &UserId| json!({"type": "act", "act": action, "about": about});
    let lower_hand = |about: &UserId| json!({"type": "lower_hand", "about": about});
    let sdp = RawPeer::offer().1;
    vec![
        ("`join`", json!({"type": "join", "sdp": sdp})),
        ("`mute` off", json!({"type": "mute", "on": false})),
        ("`mute` on", json!({"type": "mute", "on": true})),
        ("`hear_yourself`", json!({"type": "hear_yourself"})),
        ("`hand` up", json!({"type": "hand", "up": true})),
        ("`hand` down, none is up", json!({"type": "hand", "up": false})),
        ("`answer`, nobody asked", json!({"type": "answer", "accept": true})),
        ("`step_down`", json!({"type": "step_down"})),
        ("`invite` a listener", action("invite", &ids.other_listener)),
        ("`invite` a speaker", action("invite", &ids.held)),
        ("`to_audience` a speaker", action("to_audience", &ids.held)),
        ("`mute` another, for everyone", action("mute", &ids.speaker)),
        ("`let_unmute` a muted speaker", action("let_unmute", &ids.held)),
        ("`lower_hand` of a listener", lower_hand(&ids.other_listener)),
        ("`lower_hand` of a co-host", lower_hand(&ids.other_co_host)),
        ("`lower_hand` of the host", lower_hand(&ids.host)),
        ("`make_co_host` a listener", action("make_co_host", &ids.other_listener)),
        ("`take_co_host` a co-host", action("take_co_host", &ids.other_co_host)),
        ("`hand_over` to a speaker", action("hand_over", &ids.held)),
        ("`remove` a listener", action("remove", &ids.other_listener)),
        ("`ban` a speaker", action("ban", &ids.held)),
        ("`ban` a co-host", action("ban", &ids.other_co_host)),
        ("`remove` the host", action("remove", &ids.host)),
        ("`lift` a ban", json!({"type": "lift", "about": ids.banned})),
        ("`undo` a ban", json!({"type": "undo", "number": 1})),
        ("`undo` a co-host", json!({"type": "undo", "number": 2})),
        ("`mode`", json!({"type": "mode", "mode": "everyone"})),
        ("`hold_new`", json!({"type": "hold_new", "minutes": 5})),
        ("`stand`", json!({"type": "stand", "on": true})),
        ("`end`", json!({"type": "end"})),
        (
            "`watch_facts` of a speaker",
            json!({"type": "watch_facts", "of": ids.held}),
        ),
        ("`watch_facts` of nobody", json!({"type": "watch_facts", "of": null})),
        ("`restart_ice`", json!({"type": "restart_ice", "sdp": sdp})),
        ("`ping`", json!({"type": "ping", "n": 1})),
        ("`leave`", json!({"type": "leave"})),
    ]
}

/// Sends the signal, and returns its outcome in the words of the table. Then sends a second signal, which the server always
/// refuses. When that refusal arrives, the first signal has been handled.
async fn outcome(socket: &mut TestSocket<ServerSignal>, signal: &Value) -> String {
    socket.say(signal).await;
    let after = ClientSignal::Join { sdp: "no offer".into() };
    socket
        .try_to_say_text(&serde_json::to_string(&after).expect("plain data"))
        .await;
    let mut refused = None;
    loop {
        match socket.recv_or_end().await {
            None | Some(ServerSignal::Ended { .. }) => return "done".to_owned(),
            Some(ServerSignal::Refused { why: Refusal::BadOffer }) => break,
            Some(ServerSignal::Refused { why }) => refused = Some(why),
            Some(_) => {}
        }
    }
    match refused {
        None => "done".to_owned(),
        Some(why) => {
            let why = serde_json::to_value(why).expect("plain data");
            format!("`{}`", why["reason"].as_str().expect("a reason"))
        }
    }
}

/// The cells of the row of docs/permissions.md whose first cell is `first`, without that cell.
fn row(table: &str, first: &str) -> Vec<String> {
    let socket = table.lines().find(|socket| socket.starts_with(&format!("| {first} |")));
    let socket = socket.unwrap_or_else(|| panic!("docs/permissions.md has no row {first}"));
    socket
        .trim_matches('|')
        .split('|')
        .skip(1)
        .map(|cell| cell.trim().to_owned())
        .collect()
}

async fn every_signal_as_every_role_does_what_the_table_says(on: On) {
    let app = TestApp::with(on, |config| {
        config.voice.peers_per_user = 1_000;
        config.voice.peers_per_address = 10_000;
    })
    .await;
    let people = StageCast::of(&app).await;
    let ids = people.ids().await;
    let table = permissions_page();
    assert_eq!(row(&table, "signal"), ASKING, "the columns");
    let signals = signals(&ids);
    let mut wrong = vec![];
    for (at, who) in ASKING.into_iter().enumerate() {
        let mut unchanged: Option<StageScene> = None;
        for (name, signal) in &signals {
            let mut scene = match unchanged.take() {
                Some(scene) => scene,
                None => StageScene::open(&app, &people, &ids, who).await,
            };
            let came = outcome(&mut scene.asking, signal).await;
            let wanted = row(&table, name);
            if wanted.get(at) != Some(&came) {
                wrong.push(format!(
                    "{name} by {who}: the outcome is {came}, but the table says {:?}",
                    wanted.get(at)
                ));
            }
            // A refused signal changes nothing, so the next signal is sent in the same room. Opening a room with everybody in it takes
            // most of the time of this test.
            if came != "done" {
                scene.ask_from_new_page(&people, who).await;
                unchanged = Some(scene);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sends invalid signals: with fields that name somebody else, with unknown acts, and with numbers out of range.
async fn a_signal_sets_nobody_elses_name_role_hand_or_mute(on: On) {
    let app = TestApp::on(on).await;
    let (ada, eve) = (app.person("Ada").await, app.person("Eve").await);
    let room = ada.open_stage("Tea").await;
    let _host = ada.enter(&room).await;
    let (mut rude, you, _) = eve.enter_and_look(&room).await;
    let ada_id = ada.id().await;
    let attempts = [
        json!({"type": "hand", "up": true, "user": ada_id, "by": ada_id, "person": {"id": ada_id}}),
        json!({"type": "answer", "accept": true, "role": "host"}),
        json!({"type": "act", "act": "make_co_host", "about": you}),
        json!({"type": "act", "act": "hand_over", "about": you, "by": ada_id}),
        json!({"type": "act", "act": "let_unmute", "about": you}),
        json!({"type": "act", "act": "crown", "about": you}),
        json!({"type": "role", "participant": you, "role": "host"}),
        json!({"type": "undo", "number": -1}),
        json!({"type": "hold_new", "minutes": 4_294_967_296u64}),
        json!({"type": "welcome", "you": ada_id}),
    ];
    for attempt in attempts {
        // Wait for the outcome of each attempt, because the server limits how many signals it takes at once.
        outcome(&mut rude, &attempt).await;
        rude = eve.enter(&room).await;
    }
    assert_eq!(
        outcome(&mut rude, &json!({"type": "mode", "mode": "everyone"})).await,
        "`not_yours`"
    );
    let page: snug::model::room::RoomPage = ada.find_room(room.id.as_str()).await.must(200).json();
    let seen: Vec<Value> = page
        .roster
        .iter()
        .map(|one| serde_json::to_value(one).expect("plain data"))
        .collect();
    let facts = |one: &Value| {
        (
            one["name"].clone(),
            one["role"].clone(),
            one["hand"].clone(),
            one["muted"].clone(),
        )
    };
    assert_eq!(facts(&seen[0]), (json!("Ada"), json!("host"), Value::Null, json!(true)));
    assert_eq!(
        facts(&seen[1]),
        (json!("Eve"), json!("listener"), json!(1), json!(true))
    );
}
