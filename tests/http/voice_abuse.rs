//! Abuse of voice: junk on the UDP port, floods on the socket, and the limits, each with its refusal.

use crate::{
    database::On,
    ice_client::ToneSource,
    junk::{junk, username},
    raw_peer::{LOUD, RawPeer},
    room_entry::{ask_to_join, connect, join},
    test_app::TestApp,
    voice::{missing, speaker, wait},
};
use snug::model::signal::{ClientSignal, Ending, Refusal, ServerSignal};
use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};
use tokio::time::sleep;

const DATAGRAMS: usize = 100_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_junk_datagrams_get_no_answer_and_cost_a_call_less_than_1_percent() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, _, _) = ben.look_in(&room).await;
    let (ears, sdp) = RawPeer::offer();
    let answer = ask_to_join(&mut socket, sdp.clone()).await;
    let username = username(&sdp, &answer);
    connect(&ears, answer);
    let (_host, mouth) = speaker(&ada, &room).await;
    wait(&ears, 25);
    ears.forget_heard();
    let sent_before = mouth.sent();

    let port = app.state.voice.udp_port;
    let answered = tokio::task::spawn_blocking(move || {
        let attacker = UdpSocket::bind("127.0.0.1:0").expect("a port");
        attacker.set_nonblocking(true).expect("a socket");
        let mut answered = 0;
        let mut buffer = [0; 2_048];
        for number in 0..DATAGRAMS {
            let _ = attacker.send_to(&junk(&username, number), ("127.0.0.1", port));
            // The pause limits the flood to about 40,000 datagrams a second. The server's queue can take that, so all of them arrive.
            if number.is_multiple_of(200) {
                std::thread::sleep(Duration::from_millis(5));
            }
            answered += attacker.recv(&mut buffer).unwrap_or(0);
        }
        std::thread::sleep(Duration::from_millis(300));
        while let Ok(length) = attacker.recv(&mut buffer) {
            answered += length;
        }
        answered
    })
    .await
    .expect("the attack");
    assert_eq!(answered, 0, "the attacker received bytes");

    mouth.fall_silent();
    sleep(Duration::from_millis(200)).await;
    let (sent, heard) = (mouth.sent() - sent_before, ears.heard().len() as u64);
    println!(
        "{sent} packets were sent during {DATAGRAMS} datagrams of junk; {heard} of them were heard, and {} sequence numbers are missing",
        missing(&ears)
    );
    assert!(heard * 100 >= sent * 99, "{heard} of {sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_connection_that_shows_more_than_64_streams_ends_within_1_s() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, peer) = ada.plug_in(&room).await;
    let unplugged = |signal| (signal == ServerSignal::Unplugged).then_some(());
    // Each echo shows that the server has authenticated a packet. "Hear yourself" lasts 5 s, which is more than this test needs.
    socket.say(&ClientSignal::HearYourself).await;
    peer.speak(ToneSource::at(LOUD));
    wait(&peer, 10);
    // The microphone began with a stream of its own, so now there are 64. The connection goes on: the voice keeps its last stream.
    peer.forget_heard();
    peer.show_streams(63);
    wait(&peer, 80);
    // The first of these streams is one too many. The others are for the case that a datagram was lost.
    peer.show_streams(10);
    socket.recv_until_within(Duration::from_secs(1), unplugged).await;
    // The person is still inside, and can connect again over the same socket.
    join(&mut socket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_from_a_forged_address_end_no_connection() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (_ears, of_ben) = ben.plug_in(&room).await;
    let (_mouth, _of_ada) = speaker(&ada, &room).await;
    wait(&of_ben, 5);
    let attacker = UdpSocket::bind("127.0.0.1:0").expect("a port");
    for ssrc in 0..200_u32 {
        let packet = [&[0x80, 0x6f, 0, 1, 0, 0, 0, 9][..], &ssrc.to_be_bytes(), &[7; 60]].concat();
        let sent = attacker.send_to(&packet, ("127.0.0.1", app.state.voice.udp_port));
        sent.expect("sent");
    }
    of_ben.forget_heard();
    wait(&of_ben, 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_that_is_too_large_to_forward_ends_no_connection() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (_ears, of_ben) = ben.plug_in(&room).await;
    let (_socket, of_ada) = speaker(&ada, &room).await;
    wait(&of_ben, 5);
    for payload_bytes in [1_300, 1_450, 1_900] {
        of_ada.speak(ToneSource {
            payload_bytes,
            ..ToneSource::at(LOUD)
        });
        sleep(Duration::from_millis(300)).await;
    }
    of_ben.forget_heard();
    of_ada.speak(ToneSource::at(LOUD));
    wait(&of_ben, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_packets_are_dropped_with_a_refusal_and_the_call_goes_on() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (_ears, of_ben) = ben.plug_in(&room).await;
    let (mut socket, of_ada) = speaker(&ada, &room).await;
    of_ada.speak(ToneSource {
        every: Duration::from_millis(2),
        ..ToneSource::at(LOUD)
    });
    let start = Instant::now();
    socket
        .recv_until(|signal| {
            (signal
                == ServerSignal::Refused {
                    why: Refusal::TooMuchSound,
                })
            .then_some(())
        })
        .await;
    of_ben.forget_heard();
    let since = Instant::now();
    sleep(Duration::from_secs(1)).await;
    let heard = of_ben.heard_since(since).len();
    assert!((50..=160).contains(&heard), "{heard} packets in a second, of 500 sent");
    of_ada.speak(ToneSource::at(LOUD));
    sleep(Duration::from_millis(600)).await;
    assert!(
        of_ben.heard_since(Instant::now() - Duration::from_millis(200)).len() >= 5,
        "after {:?}",
        start.elapsed()
    );
    assert!(Refusal::TooMuchSound.sentence().contains("not heard"));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_20_signals_a_second_are_refused_and_a_flood_ends_the_socket() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, ..) = ada.look_in(&room).await;
    for _ in 0..60 {
        socket.say(&ClientSignal::Mute { on: true }).await;
    }
    socket
        .recv_until(|signal| {
            (signal
                == ServerSignal::Refused {
                    why: Refusal::TooManySignals,
                })
            .then_some(())
        })
        .await;
    for _ in 0..400 {
        socket.try_to_say_text("{}").await;
    }
    let last = socket.recv_all().await.pop();
    assert_eq!(last, Some(ServerSignal::Ended { why: Ending::Flooding }));
    ada.enter(&room).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_over_64_kib_ends_the_socket_as_flooding() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, ..) = ada.look_in(&room).await;
    socket.try_to_say_text(&"x".repeat(65 * 1_024)).await;
    let last = socket.recv_all().await.pop();
    assert_eq!(last, Some(ServerSignal::Ended { why: Ending::Flooding }));
    ada.enter(&room).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_room_and_too_many_connections_are_refused_with_their_limits() {
    let app = TestApp::with(On::Sqlite, |config| {
        config.voice.people_per_room = 2;
        config.voice.peers_per_user = 2;
        config.voice.peers_per_address = 3;
    })
    .await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_room("Tea", "open").await;
    let _inside = (ada.enter(&room).await, ada.enter(&room).await);
    let refusal = |why: Refusal| move |signal| (signal == ServerSignal::Refused { why }).then_some(());

    let (mut third, ..) = ada.look_in(&room).await;
    third
        .say(&ClientSignal::Join {
            sdp: RawPeer::offer().1,
        })
        .await;
    third.recv_until(refusal(Refusal::ManyOfYours { most: 2 })).await;

    let host = ben.enter(&room).await;
    let (mut more, ..) = cem.look_in(&room).await;
    more.say(&ClientSignal::Join {
        sdp: RawPeer::offer().1,
    })
    .await;
    more.recv_until(refusal(Refusal::ManyFromAddress { most: 3 })).await;

    drop(third);
    let _second_of_ada_gone = _inside.1.close_page().await;
    more.say(&ClientSignal::Join {
        sdp: RawPeer::offer().1,
    })
    .await;
    more.recv_until(refusal(Refusal::RoomFull { most: 2 })).await;
    host.close_page().await;
    more.say(&ClientSignal::Join {
        sdp: RawPeer::offer().1,
    })
    .await;
    more.recv_until(|signal| matches!(signal, ServerSignal::Joined { .. }).then_some(()))
        .await;
}
