//! Junk does not disturb a call: floods, empty datagrams, replayed packets, and a ClientHello that comes before the caller's.

use crate::{
    ice_client::ToneSource,
    junk::{Flood, Flooded, binding_request, junk, username},
    raw_peer::{LOUD, RawPeer},
    room_entry::{ask_to_join, connect, join},
    test_app::TestApp,
    test_socket::TestSocket,
    udp_relay::{UdpRelay, is_dtls, is_srtp},
    visitor::Visitor,
    voice::{missing, speaker, unmute, unmute_as, wait},
};
use snug::model::{id::UserId, room::RoomInfo, signal::ServerSignal};
use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How many datagrams a second the attacker tries to send. Attacker, server and callers share this machine, so the attacker sends fewer.
const JUNK_PER_S: usize = 120_000;
/// The rate that the promise names, and the lowest at which the test means anything.
const JUNK_PER_S_MIN: usize = 100_000;
/// The time within which a person can join during a flood.
const JOIN_MAX: Duration = Duration::from_secs(2);
const JOINS: usize = 10;

/// Ada talks and Ben hears her.
struct JunkScene {
    app: TestApp,
    room: RoomInfo,
    mouth: RawPeer,
    _adas: TestSocket<ServerSignal>,
    ears: RawPeer,
    ben: UserId,
    bens: TestSocket<ServerSignal>,
    /// The user name in Ben's STUN requests.
    bens_username: String,
}

async fn scene() -> JunkScene {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut bens, ben, _) = ben.look_in(&room).await;
    let (ears, sdp) = RawPeer::offer();
    let answer = ask_to_join(&mut bens, sdp.clone()).await;
    let bens_username = username(&sdp, &answer);
    connect(&ears, answer);
    let (adas, mouth) = speaker(&ada, &room).await;
    wait(&ears, 25);
    JunkScene {
        app,
        room,
        mouth,
        _adas: adas,
        ears,
        ben,
        bens,
        bens_username,
    }
}

impl JunkScene {
    fn port(&self) -> u16 {
        self.app.state.voice.udp_port
    }

    /// Ben counts what he hears while somebody floods the port, and other people join one after the other.
    async fn assert_that_a_flood_harms_nobody(&mut self, per_s: usize, datagrams: Vec<Vec<u8>>) -> Flooded {
        let newcomers = [self.app.person("Cem").await, self.app.person("Dee").await];
        self.ears.forget_heard();
        let sent_before = self.mouth.sent();
        let flood = Flood::start(self.port(), per_s, datagrams);
        let began = Instant::now();
        for newcomer in &newcomers {
            let start = Instant::now();
            let (_socket, peer) = newcomer.plug_in(&self.room).await;
            wait(&peer, 5);
            assert!(start.elapsed() < JOIN_MAX, "joining took {:?}", start.elapsed());
        }
        // A person who unmutes gets the answer through the same thread that reads the datagrams.
        let start = Instant::now();
        unmute_as(&self.ben, &mut self.bens).await;
        assert!(start.elapsed() < JOIN_MAX, "unmuting took {:?}", start.elapsed());
        sleep(Duration::from_secs(3).saturating_sub(began.elapsed())).await;
        let flooded = tokio::task::block_in_place(|| flood.stop());
        self.mouth.fall_silent();
        sleep(Duration::from_millis(200)).await;
        let (sent, heard) = (self.mouth.sent() - sent_before, self.ears.heard().len() as u64);
        println!(
            "{flooded:?}; {heard} of {sent} packets were heard, {} are missing",
            missing(&self.ears)
        );
        assert!(sent >= 100 && heard * 100 >= sent * 99, "{heard} of {sent}");
        assert_eq!(flooded.answered_bytes, 0, "the attacker received bytes");
        flooded
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn during_100_000_or_more_junk_datagrams_a_second_less_than_1_percent_is_lost_and_people_join_within_2_s() {
    let mut scene = scene().await;
    let datagrams = (0..6_000).map(|number| junk(&scene.bens_username, number)).collect();
    let flooded = scene.assert_that_a_flood_harms_nobody(JUNK_PER_S, datagrams).await;
    assert!(flooded.sent_per_s >= JUNK_PER_S_MIN, "{flooded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn during_100_000_or_more_empty_datagrams_a_second_less_than_1_percent_is_lost_and_people_join_within_2_s() {
    let mut scene = scene().await;
    let flooded = scene.assert_that_a_flood_harms_nobody(JUNK_PER_S, vec![vec![]]).await;
    assert!(flooded.sent_per_s >= JUNK_PER_S_MIN, "{flooded:?}");
}

/// Joins over the relay, and waits until the voice connection can carry sound.
async fn join_over(relay: &UdpRelay, socket: &mut TestSocket<ServerSignal>) -> RawPeer {
    let (peer, sdp) = RawPeer::offer();
    connect(&peer, relay.redirect(&ask_to_join(socket, sdp).await));
    peer
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_packets_of_a_voice_are_not_forwarded_again_and_the_voice_goes_on() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let port = app.state.voice.udp_port;
    let (before_ada, before_ben) = (UdpRelay::start(port, None), UdpRelay::start(port, None));
    let (mut bens, ..) = ben.look_in(&room).await;
    let ears = join_over(&before_ben, &mut bens).await;
    let (mut adas, ..) = ada.look_in(&room).await;
    let mouth = join_over(&before_ada, &mut adas).await;
    unmute(&mut adas).await;
    mouth.speak(ToneSource::at(LOUD));
    wait(&ears, 50);

    let recorded = before_ada.sent_by_peer(is_srtp);
    assert!(recorded.len() >= 50, "{} packets were recorded", recorded.len());
    let stranger = UdpSocket::bind("127.0.0.1:0").expect("a port");
    for packet in recorded.iter().chain(recorded.iter().rev()) {
        before_ada.inject(packet);
        stranger.send_to(packet, ("127.0.0.1", port)).expect("sent");
    }
    let heard = ears.heard().len();
    wait(&ears, heard + 25);
    mouth.fall_silent();
    sleep(Duration::from_millis(200)).await;
    // Count on the wire, because Ben's own SRTP would drop a packet that the server sends twice.
    let (sent, forwarded) = (mouth.sent() as usize, before_ben.count_from_server(is_srtp));
    println!(
        "{} packets were replayed 4 times; {forwarded} of {sent} were forwarded",
        recorded.len()
    );
    assert!(forwarded <= sent, "{forwarded} packets were forwarded, of {sent}");
    assert_eq!(missing(&ears), 0);
}

/// A real ClientHello, recorded from a peer that joins.
async fn record_client_hello(port: u16, visitor: &Visitor, room: &RoomInfo) -> Vec<u8> {
    let relay = UdpRelay::start(port, None);
    let (mut socket, ..) = visitor.look_in(room).await;
    let _peer = join_over(&relay, &mut socket).await;
    let hello = relay.sent_by_peer(is_dtls).swap_remove(0);
    // Content type 22 is a handshake, and handshake type 1 is a ClientHello (RFC 6347 sections 4.1 and 4.2.2).
    assert_eq!((hello[0], hello[13]), (22, 1), "a peer begins with its ClientHello");
    hello
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_client_hello_before_the_callers_own_fails_none_of_10_joins() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let cem = app.person("Cem").await;
    let room = ada.open_room("Tea", "open").await;
    let port = app.state.voice.udp_port;
    let hello = record_client_hello(port, &ben, &room).await;
    let _ada = speaker(&ada, &room).await;
    // Two people take turns, because one person may make only 8 offers at once.
    let mut sockets = [ben.look_in(&room).await.0, cem.look_in(&room).await.0];
    for turn in 0..JOINS {
        let (peer, sdp) = RawPeer::offer();
        let answer = ask_to_join(&mut sockets[turn % 2], sdp.clone()).await;
        // The stranger knows even the user name before the caller uses it. The server has the first of these datagrams in its queue
        // before the caller sends anything.
        let username = username(&sdp, &answer);
        let attack = [
            binding_request(&username, 0),
            binding_request(&username, 1),
            hello.clone(),
        ];
        let stranger = UdpSocket::bind("127.0.0.1:0").expect("a port");
        for datagram in attack.iter().cycle().take(30) {
            stranger.send_to(datagram, ("127.0.0.1", port)).expect("sent");
        }
        let flood = Flood::start(port, 3_000, attack.to_vec());
        connect(&peer, answer);
        wait(&peer, 5);
        let flooded = tokio::task::block_in_place(|| flood.stop());
        assert_eq!(flooded.answered_bytes, 0, "the attacker received bytes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_client_hello_forged_from_the_callers_own_address_the_next_try_connects() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let port = app.state.voice.udp_port;
    let hello = record_client_hello(port, &ben, &room).await;
    let _ada = speaker(&ada, &room).await;
    let (mut socket, ..) = ben.look_in(&room).await;
    let relay = UdpRelay::start(port, Some(hello));
    let (peer, sdp) = RawPeer::offer();
    peer.accept(relay.redirect(&ask_to_join(&mut socket, sdp).await));
    // The forged ClientHello may end this try, as it does in every WebRTC stack without cookies (RFC 6347 section 4.2.1).
    while relay.sent_by_peer(is_dtls).is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    let next = join(&mut socket).await;
    wait(&next, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn junk_forged_from_a_callers_own_address_does_not_end_their_call() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let port = app.state.voice.udp_port;
    let relay = UdpRelay::start(port, None);
    let (mut socket, ..) = ben.look_in(&room).await;
    let (ears, sdp) = RawPeer::offer();
    let answer = ask_to_join(&mut socket, sdp.clone()).await;
    let username = username(&sdp, &answer);
    connect(&ears, relay.redirect(&answer));
    let hello = relay.sent_by_peer(is_dtls).swap_remove(0);
    let (_socket, mouth) = speaker(&ada, &room).await;
    wait(&ears, 25);
    let sent_before = mouth.sent();
    ears.forget_heard();
    // A close_notify without encryption ends no connection whose handshake is over (RFC 6347 section 4.1: epoch 0 is old).
    let close_notify = b"\x15\xfe\xfd\0\0\0\0\0\0\0\x63\0\x02\x01\0".to_vec();
    for number in 0..3_000 {
        relay.inject(&junk(&username, number));
        if number.is_multiple_of(100) {
            relay.inject(&[]);
            relay.inject(&hello);
            relay.inject(&close_notify);
            sleep(Duration::from_millis(50)).await;
        }
    }
    mouth.fall_silent();
    sleep(Duration::from_millis(200)).await;
    let (sent, heard) = (mouth.sent() - sent_before, ears.heard().len() as u64);
    assert!(sent >= 50 && heard * 100 >= sent * 99, "{heard} of {sent}");
}
