//! Sends every signal as every role, and compares the outcome with the table "Who may ask what" in `docs/permissions.md`.

use crate::{
    raw_peer::RawPeer, stand_ins::leave_to_stand_in, test_app::TestApp, test_socket::TestSocket, visitor::Visitor,
};
use serde_json::{Value, json};
use snug::model::{
    id::UserId,
    room::RoomInfo,
    signal::{ClientSignal, Refusal, ServerSignal},
    stage::{ModerationAction, StageRequest},
};

/// The text of `docs/permissions.md`, which has the tables for this module and for `endpoints`.
pub fn permissions_page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.md");
    std::fs::read_to_string(path).expect(path)
}

/// The columns of the table: the roles that send the signals.
const ASKING: [&str; 6] = ["watching", "listener", "speaker", "co-host", "host", "stand-in"];

struct StageCast {
    host: Visitor,
    co_host: Visitor,
    speaker: Visitor,
    listener: Visitor,
    outside: Visitor,
    /// Another speaker, muted for everyone by the host.
    held: Visitor,
    other_co_host: Visitor,
    other_listener: Visitor,
    banned: Visitor,
    /// A speaker who hosts while the host is away, in the rooms of the column "stand-in".
    stand_in: Visitor,
}

impl StageCast {
    async fn of(app: &TestApp) -> Self {
        Self {
            host: app.person("Host").await,
            co_host: app.person("Cohost").await,
            speaker: app.person("Speaker").await,
            listener: app.person("Listener").await,
            outside: app.person("Outside").await,
            held: app.person("Held").await,
            other_co_host: app.person("Othercohost").await,
            other_listener: app.person("Otherlistener").await,
            banned: app.person("Banned").await,
            stand_in: app.person("Standin").await,
        }
    }
}

/// The open sockets of a room. If the sockets of the other people were dropped, these people would leave.
struct StageScene {
    asking: TestSocket<ServerSignal>,
    _others: Vec<TestSocket<ServerSignal>>,
}

async fn log_has(socket: &mut TestSocket<ServerSignal>, entries: usize) {
    socket
        .recv_until(|signal| match signal {
            ServerSignal::ModerationPanel { panel } if panel.log.len() == entries => Some(()),
            _ => None,
        })
        .await;
}

async fn moderate(host: &mut TestSocket<ServerSignal>, action: ModerationAction, about: &UserId) {
    let about = about.clone();
    host.say(&ClientSignal::StageRequest(StageRequest::Moderate { about, action }))
        .await;
}

/// Brings `who` to the stage: the host invites them, and they accept.
async fn bring_up(host: &mut TestSocket<ServerSignal>, who: &mut TestSocket<ServerSignal>, id: &UserId) {
    moderate(host, ModerationAction::Invite, id).await;
    let invited = |signal| match signal {
        ServerSignal::Roster { changed, .. } => changed
            .iter()
            .any(|one| one.invited && one.person.id == *id)
            .then_some(()),
        _ => None,
    };
    who.recv_until(invited).await;
    who.say(&ClientSignal::StageRequest(StageRequest::Answer { accept: true }))
        .await;
}

/// Raises a hand, and waits until the room shows it.
async fn raise_hand(who: &mut TestSocket<ServerSignal>) {
    who.say(&ClientSignal::StageRequest(StageRequest::Hand { up: true }))
        .await;
    let is_up = |signal| match signal {
        ServerSignal::Roster { changed, .. } => changed.iter().any(|one| one.hand.is_some()).then_some(()),
        _ => None,
    };
    who.recv_until(is_up).await;
}

/// A room with a stage and somebody in every role, in which `who`, one of [`ASKING`], asks. The first entry of its log is a ban, so
/// `undo` of number 1 lifts that ban. The second entry is a co-host.
async fn scene(app: &TestApp, people: &StageCast, ids: &Ids, who: &str) -> StageScene {
    if who == "stand-in" {
        return stand_in_scene(app, people, ids).await;
    }
    let room: RoomInfo = people.host.open_stage("Tea").await;
    let mut host = people.host.enter(&room).await;
    let banned = people.banned.enter(&room).await;
    moderate(&mut host, ModerationAction::Ban, &ids.banned).await;
    log_has(&mut host, 1).await;
    let co_host = people.co_host.enter(&room).await;
    moderate(&mut host, ModerationAction::MakeCoHost, &ids.co_host).await;
    log_has(&mut host, 2).await;
    let mut other_co_host = people.other_co_host.enter(&room).await;
    moderate(&mut host, ModerationAction::MakeCoHost, &ids.other_co_host).await;
    log_has(&mut host, 3).await;
    raise_hand(&mut other_co_host).await;
    let mut speaker = people.speaker.enter(&room).await;
    bring_up(&mut host, &mut speaker, &ids.speaker).await;
    log_has(&mut host, 4).await;
    let mut held = people.held.enter(&room).await;
    bring_up(&mut host, &mut held, &ids.held).await;
    log_has(&mut host, 5).await;
    moderate(&mut host, ModerationAction::Mute, &ids.held).await;
    log_has(&mut host, 6).await;
    let listener = people.listener.enter(&room).await;
    let mut other_listener = people.other_listener.enter(&room).await;
    raise_hand(&mut other_listener).await;
    let (outside, ..) = people.outside.look_in(&room).await;
    let mut sockets = vec![outside, listener, speaker, co_host, host];
    let at = ASKING.iter().position(|column| *column == who).expect("a column");
    let asking = sockets.remove(at);
    sockets.extend([held, other_co_host, other_listener, banned]);
    StageScene {
        asking,
        _others: sockets,
    }
}

/// The same room after its owner has left, when no co-host was inside. A speaker hosts it now, and a co-host has come back.
async fn stand_in_scene(app: &TestApp, people: &StageCast, ids: &Ids) -> StageScene {
    let room: RoomInfo = people.host.open_stage("Tea").await;
    let mut host = people.host.enter(&room).await;
    let banned = people.banned.enter(&room).await;
    moderate(&mut host, ModerationAction::Ban, &ids.banned).await;
    log_has(&mut host, 1).await;
    let mut co_host = people.other_co_host.enter(&room).await;
    moderate(&mut host, ModerationAction::MakeCoHost, &ids.other_co_host).await;
    log_has(&mut host, 2).await;
    co_host.say(&ClientSignal::Leave).await;
    let has_left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(&ids.other_co_host).then_some(()),
        _ => None,
    };
    host.recv_until(has_left).await;
    // The speaker who has been inside longest takes over.
    let mut stand_in = people.stand_in.enter(&room).await;
    bring_up(&mut host, &mut stand_in, &ids.stand_in).await;
    log_has(&mut host, 3).await;
    let mut speaker = people.speaker.enter(&room).await;
    bring_up(&mut host, &mut speaker, &ids.speaker).await;
    log_has(&mut host, 4).await;
    let mut held = people.held.enter(&room).await;
    bring_up(&mut host, &mut held, &ids.held).await;
    log_has(&mut host, 5).await;
    moderate(&mut host, ModerationAction::Mute, &ids.held).await;
    log_has(&mut host, 6).await;
    let mut listener = people.other_listener.enter(&room).await;
    raise_hand(&mut listener).await;
    let info = leave_to_stand_in(app, (&mut host, &ids.host), &mut stand_in).await;
    assert_eq!(info.host.id, ids.stand_in);
    let mut co_host = people.other_co_host.enter(&room).await;
    raise_hand(&mut co_host).await;
    StageScene {
        asking: stand_in,
        _others: vec![speaker, held, co_host, listener, banned],
    }
}

struct Ids {
    co_host: UserId,
    speaker: UserId,
    held: UserId,
    other_co_host: UserId,
    other_listener: UserId,
    host: UserId,
    banned: UserId,
    stand_in: UserId,
}

/// The first cell of each row of the table, and the signal that the row describes.
fn signals(ids: &Ids) -> Vec<(&'static str, Value)> {
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

#[tokio::test]
async fn every_signal_as_every_role_does_what_the_table_says() {
    let app = TestApp::with(crate::database::On::Sqlite, |config| {
        config.voice.peers_per_user = 1_000;
        config.voice.peers_per_address = 10_000;
    })
    .await;
    let people = StageCast::of(&app).await;
    let ids = Ids {
        host: people.host.id().await,
        co_host: people.co_host.id().await,
        speaker: people.speaker.id().await,
        held: people.held.id().await,
        other_co_host: people.other_co_host.id().await,
        other_listener: people.other_listener.id().await,
        banned: people.banned.id().await,
        stand_in: people.stand_in.id().await,
    };
    let table = permissions_page();
    let header = row(&table, "signal");
    assert_eq!(header, ASKING, "the columns");
    let mut wrong = vec![];
    for (name, signal) in signals(&ids) {
        let message = row(&table, name);
        for (at, who) in ASKING.iter().enumerate() {
            let mut scene = scene(&app, &people, &ids, who).await;
            let came = outcome(&mut scene.asking, &signal).await;
            if message.get(at) != Some(&came) {
                wrong.push(format!(
                    "{name} by {who}: the outcome is {came}, but the table says {:?}",
                    message.get(at)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sends invalid signals: with fields that name somebody else, with unknown acts, and with numbers out of range.
#[tokio::test]
async fn a_signal_sets_nobody_elses_name_role_hand_or_mute() {
    let app = TestApp::start().await;
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
