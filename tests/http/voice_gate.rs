//! The server forwards only packets of people who may talk, even if other clients go on sending.

use crate::{
    ice_client::ToneSource,
    moderation::moderate,
    people,
    raw_peer::{LOUD, RawPeer},
    test_app::TestApp,
    test_socket::TestSocket,
    visitor::Visitor,
    voice::{speaker, unmute, wait},
};
use snug::model::{
    room::{ParticipantInfo, RoomInfo},
    signal::{ClientSignal, ServerSignal},
    stage::{ModerationAction, Role, StageRequest},
};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The time within which a change of permissions must stop all packets.
const GRACE: Duration = Duration::from_millis(100);
/// The time during which the test counts packets. The client sends 25 packets in this time.
const WATCHED: Duration = Duration::from_millis(500);

type Plugged = (TestSocket<ServerSignal>, RawPeer);

struct VoiceScene {
    app: TestApp,
    room: RoomInfo,
    ada: Visitor,
    socket: TestSocket<ServerSignal>,
    rude: RawPeer,
    ben: TestSocket<ServerSignal>,
    ears: RawPeer,
}

/// Ada speaks and Ben hears her. Ada's client goes on sending even if she is no longer allowed to talk.
async fn scene() -> VoiceScene {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let his = ben.plug_in(&room).await;
    let hers = speaker(&ada, &room).await;
    VoiceScene::begin(app, room, ada, hers, his)
}

impl VoiceScene {
    /// Waits until Ben hears Ada.
    fn begin(app: TestApp, room: RoomInfo, ada: Visitor, hers: Plugged, his: Plugged) -> Self {
        let ((socket, rude), (ben, ears)) = (hers, his);
        wait(&ears, 10);
        Self {
            app,
            room,
            ada,
            socket,
            rude,
            ben,
            ears,
        }
    }

    /// Asserts that from 100 ms after this call Ben hears nothing, although Ada's client sends packets.
    async fn nothing_is_forwarded(&self) {
        let acknowledged = Instant::now();
        let sent = self.rude.sent();
        sleep(GRACE + WATCHED).await;
        assert!(self.rude.sent() >= sent + 20, "the client did not go on sending");
        let heard = self.ears.heard_since(acknowledged + GRACE).len();
        assert_eq!(heard, 0, "packets were forwarded");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_a_mute_was_acknowledged() {
    let mut scene = scene().await;
    scene.socket.say(&ClientSignal::Mute { on: true }).await;
    scene
        .socket
        .recv_until(|signal| match signal {
            ServerSignal::Roster { changed, .. } if changed.iter().any(|one| one.muted) => Some(()),
            _ => None,
        })
        .await;
    scene.nothing_is_forwarded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_sign_out() {
    let scene = scene().await;
    scene.ada.sign_out().await.must(200);
    scene.nothing_is_forwarded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_an_account_was_switched_off() {
    let scene = scene().await;
    let host = people::host(&scene.app).await;
    host.action("switch_off", &scene.ada.id().await).await.must(200);
    scene.nothing_is_forwarded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_a_room_was_closed() {
    let scene = scene().await;
    let host = people::host(&scene.app).await;
    let room = [("room", scene.room.id.as_str())];
    host.post("/api/people/close_room", &room).await.must(200);
    scene.nothing_is_forwarded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_a_guests_link_was_revoked() {
    let app = TestApp::start().await;
    let ben = app.person("Ben").await;
    let room = ben.open_room("Tea", "open").await;
    let his = ben.plug_in(&room).await;
    let invite = ben.make_guest_link(&room).await;
    let ada = app.guest(&invite, "Ada").await;
    let hers = speaker(&ada, &room).await;
    let scene = VoiceScene::begin(app, room, ada, hers, his);
    let fields = [("id", invite.id.as_str()), ("guests", "true")];
    ben.post("/api/invites/revoke", &fields).await.must(200);
    scene.nothing_is_forwarded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_leaving() {
    let mut scene = scene().await;
    scene.socket.say(&ClientSignal::Leave).await;
    let start = Instant::now();
    while scene
        .ada
        .find_room(scene.room.id.as_str())
        .await
        .must(200)
        .text()
        .contains("\"name\":\"Ada\",\"picture\":\"/faces/Ada.svg\",\"role\"")
    {
        assert!(start.elapsed() < Duration::from_secs(2));
    }
    scene.nothing_is_forwarded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_from_somebody_who_joined_and_never_unmuted() {
    let scene = scene().await;
    scene.rude.fall_silent();
    sleep(GRACE).await;
    scene.ears.forget_heard();
    let cem = scene.app.person("Cem").await;
    let (_socket, muted) = cem.plug_in(&scene.room).await;
    muted.speak(ToneSource::at(LOUD));
    sleep(WATCHED).await;
    assert!(muted.sent() >= 20 && scene.ears.heard().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_are_not_activated_or_only_look_in_get_no_voice_connection() {
    let scene = scene().await;
    let newcomer = scene.app.newcomer("new@example.org").await;
    assert_eq!(
        newcomer
            .try_to_enter(scene.room.id.as_str())
            .await
            .err()
            .expect("refused")
            .status,
        403
    );
    let (mut socket, ..) = scene.app.person("Cem").await.look_in(&scene.room).await;
    socket.say(&ClientSignal::Mute { on: false }).await;
    let refused = socket.hear().await;
    assert!(matches!(refused, ServerSignal::Refused { .. }), "{refused:?}");
}

/// Ben hosts a stage on which Ada talks. Her client goes on sending even if she is no longer allowed to talk.
async fn staged() -> VoiceScene {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ben.open_stage("Tea").await;
    let mut his = ben.plug_in(&room).await;
    let (mut socket, rude) = ada.plug_in(&room).await;
    moderate(&mut his.0, ModerationAction::Invite, &ada.id().await).await;
    socket.recv_until(|signal| message(&signal, |one| one.invited)).await;
    socket
        .say(&ClientSignal::StageRequest(StageRequest::Answer { accept: true }))
        .await;
    socket
        .recv_until(|signal| message(&signal, |one| one.role == Role::Speaker))
        .await;
    unmute(&mut socket).await;
    rude.speak(ToneSource::at(LOUD));
    VoiceScene::begin(app, room, ada, (socket, rude), his)
}

fn message(signal: &ServerSignal, holds: impl Fn(&ParticipantInfo) -> bool) -> Option<()> {
    match signal {
        ServerSignal::Roster { changed, .. } => changed.iter().any(holds).then_some(()),
        _ => None,
    }
}

impl VoiceScene {
    /// Lets Ben moderate Ada, and waits for the signal that acknowledges the action.
    async fn about_ada(&mut self, deed: ModerationAction, acknowledged: impl Fn(&ServerSignal) -> Option<()>) {
        let ada = self.ada.id().await;
        moderate(&mut self.ben, deed, &ada).await;
        self.ben.recv_until(|signal| acknowledged(&signal)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_a_move_to_the_audience() {
    let mut scene = staged().await;
    let listens = |signal: &ServerSignal| message(signal, |one| one.role == Role::Listener);
    scene.about_ada(ModerationAction::ToAudience, listens).await;
    scene.nothing_is_forwarded().await;
    // As a listener, Ada can't unmute herself, so still nothing is forwarded.
    scene.socket.say(&ClientSignal::Mute { on: false }).await;
    scene.nothing_is_forwarded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_a_mute_by_a_host() {
    let mut scene = staged().await;
    let held = |signal: &ServerSignal| message(signal, |one| one.mic_lock.is_some());
    scene.about_ada(ModerationAction::Mute, held).await;
    scene.nothing_is_forwarded().await;
    scene.socket.say(&ClientSignal::Mute { on: false }).await;
    scene.nothing_is_forwarded().await;
}

fn has_left(signal: &ServerSignal) -> Option<()> {
    match signal {
        ServerSignal::Roster { left, .. } => (!left.is_empty()).then_some(()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_a_removal() {
    let mut scene = staged().await;
    scene.about_ada(ModerationAction::Remove, has_left).await;
    scene.nothing_is_forwarded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_a_ban() {
    let mut scene = staged().await;
    scene.about_ada(ModerationAction::Ban, has_left).await;
    scene.nothing_is_forwarded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_100_ms_after_a_sign_out_was_signalled() {
    let mut scene = staged().await;
    scene.ada.sign_out().await.must(200);
    scene.ben.recv_until(|signal| has_left(&signal)).await;
    scene.nothing_is_forwarded().await;
}
