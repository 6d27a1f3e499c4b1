//! Voices over TCP on the port of the site, for networks that let nothing else through: the first byte of a connection tells them from
//! TLS.

use crate::{
    ice_client::{PeerOptions, ToneSource},
    ice_link::IceLink,
    junk::junk,
    raw_peer::{LOUD, RawPeer},
    room_entry::{ask_to_join, connect},
    test_app::TestApp,
    test_certificate::TestCertificate,
    test_socket::TestSocket,
    tls_client::{self, TlsBrowser, exchange, exchange_in_the_clear},
    voice::{missing, unmute, wait},
};
use snug::model::{room::RoomInfo, signal::ServerSignal};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const WAIT_MAX: Duration = Duration::from_secs(5);

/// Opens the socket of a room over TLS.
async fn look_in(browser: &TlsBrowser<'_>, origin: &str, room: &RoomInfo) -> TestSocket<ServerSignal> {
    let stream = Box::new(browser.connect().await);
    let path = format!("/ws/rooms/{}", room.id);
    let opened = TestSocket::open_on(stream, &browser.host(), &path, &browser.cookies(), Some(origin), &[]).await;
    let mut socket = opened.expect("admitted");
    let welcome = |signal| matches!(signal, ServerSignal::Welcome { .. }).then_some(());
    socket.recv_until(welcome).await;
    socket
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_have_only_the_port_of_the_site_hear_and_are_heard() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |_| {}).await;
    let (mut ada, mut ben) = (TlsBrowser::new(&app, &certificate), TlsBrowser::new(&app, &certificate));
    ada.come_in("Ada").await;
    ben.come_in("Ben").await;
    let room = ada.post("/api/rooms/open", "topic=Tea&kind=open").await;
    let room: RoomInfo = serde_json::from_str(&room).expect("a room");
    let origin = app.origin();
    let (mut adas, mut bens) = (look_in(&ada, &origin, &room).await, look_in(&ben, &origin, &room).await);
    let port = app.address.port();
    let (mouth, sdp) = RawPeer::offer_over(IceLink::tcp(port), PeerOptions::default());
    let answer = ask_to_join(&mut adas, sdp).await;
    assert!(answer.contains(&format!(" {port} typ host")), "{answer}");
    connect(&mouth, answer);
    let (ears, sdp) = RawPeer::offer();
    connect(&ears, ask_to_join(&mut bens, sdp).await);
    unmute(&mut adas).await;
    mouth.speak(ToneSource::at(LOUD));
    wait(&ears, 50);
    assert_eq!(missing(&ears), 0);
    // Pages come over the same port meanwhile.
    let words = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let stream = tls_client::connect(app.address, &certificate, &["http/1.1"])
        .await
        .expect("TLS");
    assert!(exchange(stream, words).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn strangers_get_no_answer_and_plain_http_is_redirected() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |_| {}).await;
    let frame = |datagram: &[u8]| [&(datagram.len() as u16).to_be_bytes()[..], datagram].concat();
    for first in [
        frame(&junk("abcd:efgh", 1)),
        frame(b"hello"),
        vec![0, 100],
        vec![0x80, 1],
        b"\x06".to_vec(),
    ] {
        let mut stream = TcpStream::connect(app.address).await.expect("connected");
        stream.write_all(&first).await.expect("sent");
        let mut answer = vec![];
        let end = timeout(WAIT_MAX, stream.read_to_end(&mut answer)).await;
        assert!(end.is_ok() && answer.is_empty(), "{first:?}: {answer:?}");
    }
    let words = "GET /rooms HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = exchange_in_the_clear(app.address, words).await;
    assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
    assert!(
        answer.contains(&format!("location: {}/rooms\r\n", app.origin())),
        "{answer}"
    );
}
