//! What the server tells about voice connections: about yourself, and to hosts about everybody.

use crate::{
    ice_client::{PeerOptions, ToneSource},
    ice_link::IceLink,
    raw_peer::{LOUD, RawPeer},
    room_entry::{ask_to_join, connect},
    test_app::TestApp,
    test_socket::TestSocket,
    voice::{speaker, wait},
};
use snug::model::{
    id::UserId,
    signal::{ClientSignal, Refusal, ServerSignal},
    voice_facts::{VoiceFacts, VoicePath},
};

async fn watch(socket: &mut TestSocket<ServerSignal>, of: &UserId) {
    socket.say(&ClientSignal::WatchFacts { of: Some(of.clone()) }).await;
}

/// Receives until the facts are as wanted.
async fn facts_are(socket: &mut TestSocket<ServerSignal>, is_wanted: impl Fn(&VoiceFacts) -> bool) -> VoiceFacts {
    let wanted = |signal| match signal {
        ServerSignal::VoiceFacts { facts, .. } => facts.filter(&is_wanted),
        _ => None,
    };
    socket.recv_until(wanted).await
}

async fn is_refused(socket: &mut TestSocket<ServerSignal>) -> Refusal {
    let refusal = |signal| match signal {
        ServerSignal::Refused { why } => Some(why),
        _ => None,
    };
    socket.recv_until(refusal).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_reads_what_arrives_of_somebody_and_no_level_while_they_are_muted() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut host, host_peer) = ada.plug_in(&room).await;
    let (mut bens, mouth) = speaker(&ben, &room).await;
    wait(&host_peer, 20);
    let ben_id = ben.id().await;
    watch(&mut host, &ben_id).await;
    let heard = facts_are(&mut host, |facts| facts.packets_in > 20 && facts.loudest_dbov == LOUD).await;
    assert_eq!(heard.path, Some(VoicePath::Udp));
    assert!(heard.last_in_ms.is_some_and(|ms| ms < 500), "{heard:?}");

    mouth.lose_outward(30);
    facts_are(&mut host, |facts| facts.lost_in >= 5).await;
    mouth.lose_outward(0);

    // Ben's browser could go on sending while he is muted. Only he may read how loud that is.
    bens.say(&ClientSignal::Mute { on: true }).await;
    let muted = facts_are(&mut host, |facts| facts.loudest_dbov.is_none()).await;
    let later = facts_are(&mut host, |facts| facts.packets_in > muted.packets_in).await;
    assert_eq!(later.loudest_dbov, None);
    watch(&mut bens, &ben_id).await;
    facts_are(&mut bens, |facts| facts.loudest_dbov == LOUD).await;

    mouth.fall_silent();
    facts_are(&mut host, |facts| facts.last_in_ms.is_some_and(|ms| ms > 1_500)).await;
    // The listener's side: what went out to her.
    let ada_id = ada.id().await;
    watch(&mut host, &ada_id).await;
    facts_are(&mut host, |facts| facts.packets_out > 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_over_tcp_is_told_apart() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, you, _) = ada.look_in(&room).await;
    let port = app.state.voice.tcp_port.expect("TCP is on");
    let (peer, sdp) = RawPeer::offer_over(IceLink::tcp(port), PeerOptions::default());
    connect(&peer, ask_to_join(&mut socket, sdp).await);
    peer.speak(ToneSource::at(LOUD));
    watch(&mut socket, &you).await;
    facts_are(&mut socket, |facts| facts.path == Some(VoicePath::Tcp)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_may_not_ask_and_the_answers_end_with_the_right_to_ask() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut host, _host_peer) = ada.plug_in(&room).await;
    let (mut watching, ..) = ben.look_in(&room).await;
    let (ada_id, ben_id) = (ada.id().await, ben.id().await);
    watch(&mut watching, &ben_id).await;
    assert_eq!(is_refused(&mut watching).await, Refusal::NotJoined);
    watch(&mut host, &ben_id).await;
    assert_eq!(is_refused(&mut host).await, Refusal::NotPossible);
    let (mut bens, _peer) = ben.plug_in(&room).await;
    watch(&mut bens, &ada_id).await;
    assert_eq!(is_refused(&mut bens).await, Refusal::NotYours);
    watch(&mut bens, &ben_id).await;
    facts_are(&mut bens, |_| true).await;

    watch(&mut host, &ben_id).await;
    facts_are(&mut host, |_| true).await;
    bens.say(&ClientSignal::Leave).await;
    let has_left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(&ben_id).then_some(()),
        _ => None,
    };
    host.recv_until(has_left).await;
    assert!(
        host.is_quiet_for(std::time::Duration::from_millis(1_500)).await,
        "nothing more about Ben"
    );
}
