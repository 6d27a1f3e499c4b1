//! Voices over TCP, for people whose network blocks UDP: they hear and are heard, and strangers can't disturb them.

use crate::{
    ice_client::{PeerOptions, ToneSource},
    ice_link::IceLink,
    junk::{binding_request, junk, username},
    raw_peer::{LOUD, RawPeer},
    room_entry::{ask_to_join, connect},
    test_app::TestApp,
    test_socket::TestSocket,
    visitor::Visitor,
    voice::{missing, speaker, unmute, wait},
    voice_moves::restart,
};
use snug::model::{room::RoomInfo, signal::ServerSignal};
use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};
use tokio::{task::block_in_place, time::sleep};

/// The time within which a person can join over TCP, also during a flood.
const JOIN_MAX: Duration = Duration::from_secs(2);
/// The time within which a connection without a first frame is closed: 2 s, and some time for a busy machine.
const CLOSED_WITHIN: Duration = Duration::from_secs(4);

fn tcp_port(app: &TestApp) -> u16 {
    app.state.voice.tcp_port.expect("TCP is on")
}

/// Joins with a peer that has no UDP, and waits until it can carry sound.
async fn plug_in_over_tcp(app: &TestApp, visitor: &Visitor, room: &RoomInfo) -> (TestSocket<ServerSignal>, RawPeer) {
    let (mut socket, ..) = visitor.look_in(room).await;
    let (peer, sdp) = RawPeer::offer_over(IceLink::tcp(tcp_port(app)), PeerOptions::default());
    let answer = ask_to_join(&mut socket, sdp).await;
    assert!(answer.contains(" tcptype passive"), "{answer}");
    connect(&peer, answer);
    (socket, peer)
}

/// A connection of a stranger, with these bytes on it.
fn stranger(port: u16, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("somebody listens");
    // The server may have closed the connection already.
    let _ = stream.write_all(bytes);
    stream
}

fn frame(datagram: &[u8]) -> Vec<u8> {
    [&(datagram.len() as u16).to_be_bytes()[..], datagram].concat()
}

/// Waits until the server closes this connection. Returns how many bytes it has sent before.
fn bytes_until_closed(stream: &mut TcpStream, at_most: Duration) -> usize {
    let (began, mut answered) = (Instant::now(), 0);
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .expect("a timeout");
    loop {
        match stream.read(&mut [0; 2_048]) {
            Ok(0) => return answered,
            Ok(count) => answered += count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return answered,
        }
        assert!(began.elapsed() < at_most, "the connection is still open");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_without_udp_hear_and_are_heard_by_everybody() {
    let app = TestApp::start().await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_room("Tea", "open").await;
    let (_bens, by_tcp) = plug_in_over_tcp(&app, &ben, &room).await;
    let (_cems, by_udp) = cem.plug_in(&room).await;
    let began = Instant::now();
    let (mut adas, mouth) = plug_in_over_tcp(&app, &ada, &room).await;
    assert!(began.elapsed() < JOIN_MAX, "joining took {:?}", began.elapsed());
    unmute(&mut adas).await;
    mouth.speak(ToneSource::at(LOUD));
    wait(&by_tcp, 50);
    wait(&by_udp, 50);
    assert_eq!((missing(&by_tcp), missing(&by_udp)), (0, 0));
    assert!(mouth.heard().is_empty(), "nobody hears themselves");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_over_tcp_goes_over_to_udp_at_an_ice_restart() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut bens, by_tcp) = plug_in_over_tcp(&app, &ben, &room).await;
    unmute(&mut bens).await;
    by_tcp.speak(ToneSource::at(LOUD));
    let (_adas, of_ada) = speaker(&ada, &room).await;
    wait(&of_ada, 10);
    wait(&by_tcp, 10);
    restart(&mut bens, &by_tcp).await;
    of_ada.forget_heard();
    by_tcp.forget_heard();
    // The TCP connection of the peer is closed, so all of this goes over UDP.
    wait(&of_ada, 20);
    wait(&by_tcp, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ends_with_its_peer() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let (socket, peer) = plug_in_over_tcp(&app, &ada, &room).await;
    drop(socket);
    block_in_place(|| peer.wait_until_closed());
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_no_answer_over_tcp_and_their_connections_are_closed() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, ..) = ada.look_in(&room).await;
    let (_peer, sdp) = RawPeer::offer();
    let answer = ask_to_join(&mut socket, sdp.clone()).await;
    // The user name is known, because STUN sends it unencrypted. The integrity is wrong, or missing.
    let username = username(&sdp, &answer);
    let mut firsts: Vec<Vec<u8>> = (0..12).map(|number| frame(&junk(&username, number))).collect();
    firsts.push(frame(&binding_request("nobody:else", 0)));
    firsts.push(b"GET / HTTP/1.1\r\nHost: snug\r\n\r\n".to_vec());
    firsts.push(frame(&[]));
    let port = tcp_port(&app);
    block_in_place(|| {
        for first in firsts {
            let mut stream = stranger(port, &first);
            assert_eq!(bytes_until_closed(&mut stream, Duration::from_secs(1)), 0, "{first:?}");
        }
        // The beginning of a frame, and then nothing.
        for first in [vec![], vec![0], vec![0, 100, 0, 1]] {
            let mut stream = stranger(port, &first);
            assert_eq!(bytes_until_closed(&mut stream, CLOSED_WITHIN), 0, "{first:?}");
        }
        // A connection that ends in the middle of a frame.
        let stream = stranger(port, &[0, 100, 0, 1]);
        stream.shutdown(Shutdown::Both).expect("shut down");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_tcp_connections_keeps_nobody_out_and_disturbs_no_voice() {
    let app = TestApp::start().await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_room("Tea", "open").await;
    let (_bens, ears) = plug_in_over_tcp(&app, &ben, &room).await;
    let (_adas, mouth) = speaker(&ada, &room).await;
    wait(&ears, 25);
    ears.forget_heard();
    let sent_before = mouth.sent();
    let port = tcp_port(&app);
    let flood = tokio::task::spawn_blocking(move || {
        let (began, mut held, mut opened, mut answered) = (Instant::now(), vec![], 0, 0);
        while began.elapsed() < Duration::from_secs(3) {
            // One of two is silent, the other sends junk.
            let bytes = if opened % 2 == 0 {
                vec![]
            } else {
                frame(&junk("abcd:efgh", opened))
            };
            held.push(stranger(port, &bytes));
            opened += 1;
            // Connections that have ended block their ports for a minute, so a faster flood would run out of ports.
            std::thread::sleep(Duration::from_millis(1));
            if held.len() > 200 {
                let mut oldest: TcpStream = held.remove(0);
                oldest.set_nonblocking(true).expect("an option");
                answered += oldest.read(&mut [0; 2_048]).unwrap_or(0);
            }
        }
        (opened, answered)
    });
    sleep(Duration::from_millis(500)).await;
    let began = Instant::now();
    let (_cems, newcomer) = plug_in_over_tcp(&app, &cem, &room).await;
    assert!(began.elapsed() < JOIN_MAX, "joining took {:?}", began.elapsed());
    wait(&newcomer, 5);
    let (opened, answered) = flood.await.expect("the flood");
    mouth.fall_silent();
    sleep(Duration::from_millis(200)).await;
    let (sent, heard) = (mouth.sent() - sent_before, ears.heard().len() as u64);
    println!("{opened} connections; {heard} of {sent} packets were heard");
    assert!(opened >= 500, "{opened} connections are no flood");
    assert_eq!(answered, 0, "the attacker received bytes");
    assert!(sent >= 100 && heard * 100 >= sent * 99, "{heard} of {sent}");
}
