//! The socket of the connection check: everybody who is signed in gets a voice connection that sends their own voice back.

use crate::{
    database::On,
    ice_client::{PeerOptions, ToneSource},
    raw_peer::{LOUD, RawPeer},
    room_entry::{ask_to_join, connect},
    test_app::TestApp,
    test_socket::TestSocket,
    visitor::Visitor,
    voice::{missing, wait},
};
use snug::model::signal::{ClientSignal, Ending, Refusal, ServerSignal};

/// Opens the socket. Its first message has the TURN servers; here there are none.
async fn open_check(visitor: &Visitor) -> TestSocket<ServerSignal> {
    let mut socket: TestSocket<ServerSignal> = visitor.open_own_socket("/ws/check").await.expect("admitted");
    assert_eq!(socket.hear().await, ServerSignal::IceServers { ice_servers: vec![] });
    socket
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_gets_its_own_voice_back_and_is_in_no_room() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let mut socket = open_check(&ada).await;
    let (peer, sdp) = RawPeer::offer();
    connect(&peer, ask_to_join(&mut socket, sdp).await);
    peer.speak(ToneSource::at(LOUD));
    wait(&peer, 60);
    assert_eq!(missing(&peer), 0);
    socket.say(&ClientSignal::Ping { n: 7 }).await;
    socket
        .recv_until(|signal| (signal == ServerSignal::Pong { n: 7 }).then_some(()))
        .await;
    // The next way: another connection over the same socket takes the place of the first one.
    let (next, sdp) = RawPeer::offer();
    connect(&next, ask_to_join(&mut socket, sdp).await);
    next.speak(ToneSource::at(LOUD));
    wait(&next, 10);
    // Nothing of a room works here.
    socket.say(&ClientSignal::Mute { on: false }).await;
    socket.say(&ClientSignal::HearYourself).await;
    socket.say(&ClientSignal::Join { sdp: "no offer".into() }).await;
    let refusal = |signal| match signal {
        ServerSignal::Refused { why } => Some(why),
        _ => None,
    };
    assert_eq!(socket.recv_until(refusal).await, Refusal::BadOffer);
}

#[tokio::test(flavor = "multi_thread")]
async fn padding_with_which_a_browser_measures_the_network_is_no_loss() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    for redundancy in [false, true] {
        let mut socket = open_check(&ada).await;
        let (peer, sdp) = RawPeer::offer_with(PeerOptions {
            redundancy,
            ..PeerOptions::default()
        });
        connect(&peer, ask_to_join(&mut socket, sdp).await);
        peer.pad(4);
        peer.speak(ToneSource::at(LOUD));
        for packets in [20, 40, 60] {
            wait(&peer, packets);
            peer.pad(16);
        }
        wait(&peer, 80);
        assert_eq!(missing(&peer), 0, "redundancy: {redundancy}");
        let are_frames = peer.heard().iter().all(|heard| heard.delay.is_some());
        assert!(are_frames, "nothing but sound comes back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_count_towards_the_voice_connections_of_a_person() {
    let app = TestApp::with(On::Sqlite, |config| config.voice.peers_per_user = 1).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let (_inside, _peer) = ada.plug_in(&room).await;
    let mut socket = open_check(&ada).await;
    let (_, sdp) = RawPeer::offer();
    socket.say(&ClientSignal::Join { sdp }).await;
    let refused = socket.hear().await;
    let why = Refusal::ManyOfYours { most: 1 };
    assert_eq!(refused, ServerSignal::Refused { why });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_ends_by_itself_and_with_the_session() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let mut socket = open_check(&ada).await;
    let (peer, sdp) = RawPeer::offer();
    connect(&peer, ask_to_join(&mut socket, sdp).await);
    app.state.voice.advance_for_tests(31_000);
    let ended = socket.recv_all().await;
    assert!(ended.is_empty(), "{ended:?}");

    let mut socket = open_check(&ada).await;
    ada.sign_out().await.must(200);
    let ended = socket.recv_all().await;
    let why = Ending::SignedOut;
    assert!(ended.contains(&ServerSignal::Ended { why }), "{ended:?}");
}
