//! Real connections over loopback: which ones stay, and what goes over them.

use super::*;
use crate::server::voice::tcp_framing::frame;
use mio::{Events, Poll};
use std::{
    io::{Read, Write},
    net::TcpStream as Browser,
};

const CAPS: TcpCaps = TcpCaps {
    per_address: 3,
    in_all: 3,
};

/// Like the driver: a peer accepts the requests that contain "good".
struct Scene {
    poll: Poll,
    sockets: TcpSockets,
    taken: Vec<Vec<u8>>,
}

impl Scene {
    fn new(caps: TcpCaps) -> Self {
        let poll = Poll::new().expect("a poll");
        let free = std::net::TcpListener::bind("0.0.0.0:0").expect("a free port");
        let port = free.local_addr().expect("the port").port();
        drop(free);
        let sockets = TcpSockets::bind(port, false, poll.registry(), caps).expect("the port is free");
        Self {
            poll,
            sockets,
            taken: vec![],
        }
    }

    fn open(&mut self) -> Browser {
        let browser = Browser::connect(("127.0.0.1", self.sockets.port().expect("it listens"))).expect("a connection");
        let before = self.sockets.next_token;
        // A connection that is refused is accepted by the operating system first, so it is closed a moment later.
        self.run(|sockets| sockets.next_token > before || sockets.connections.len() >= CAPS.in_all);
        browser
    }

    /// Runs passes of the driver until `is_done`, at most for a second.
    fn run(&mut self, is_done: impl Fn(&TcpSockets) -> bool) {
        let (began, mut events) = (Instant::now(), Events::with_capacity(16));
        while !is_done(&self.sockets) && began.elapsed() < Duration::from_secs(1) {
            let at_most = Some(Duration::from_millis(5));
            self.poll.poll(&mut events, at_most).expect("events");
            events.iter().for_each(|event| self.sockets.note(event));
            let now = Instant::now();
            self.sockets.accept(now);
            let taken = &mut self.taken;
            self.sockets
                .receive((now, now + Duration::from_secs(1)), |_, datagram| {
                    taken.push(datagram.to_vec());
                    datagram.ends_with(b"good")
                });
        }
    }
}

/// The beginning of a STUN binding request, and a text.
fn request(text: &str) -> Vec<u8> {
    let mut datagram = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    datagram.extend([7; 12]);
    datagram.extend(text.as_bytes());
    datagram
}

/// Sends an answer from the address `from`, which the browser receives.
fn assert_answered(scene: &mut Scene, browser: &mut Browser, from: SocketAddr) {
    scene.sockets.send(&Datagram {
        from,
        to: browser.local_addr().expect("an address"),
        way: Way::Tcp,
        contents: b"an answer".to_vec(),
    });
    let mut received = [0; 11];
    browser.read_exact(&mut received).expect("an answer");
    assert_eq!(received, *b"\0\x09an answer");
}

/// Whether the server has closed this connection.
fn is_closed(browser: &mut Browser) -> bool {
    let at_most = Some(Duration::from_secs(1));
    browser.set_read_timeout(at_most).expect("a timeout");
    match browser.read(&mut [0]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn a_connection_with_a_verified_request_carries_datagrams_both_ways() {
    let mut scene = Scene::new(CAPS);
    let mut browser = scene.open();
    browser.write_all(&frame(&request("good"))).expect("written");
    browser.write_all(&frame(b"\x80 a voice")).expect("written");
    scene.run(|sockets| !sockets.proven.is_empty());
    let seen = scene.taken.len();
    scene.run(|_| seen > 1);
    assert_eq!(scene.taken, [request("good"), b"\x80 a voice".to_vec()]);
    let port = scene.sockets.port().expect("it listens");
    assert_answered(&mut scene, &mut browser, ([127, 0, 0, 1], port).into());
    scene.sockets.next_expiry = Instant::now();
    scene.sockets.close_expired(Instant::now(), |_| true);
    assert_eq!(scene.sockets.connections.len(), 1, "its peer uses it");
    scene.sockets.next_expiry = Instant::now();
    scene.sockets.close_expired(Instant::now(), |_| false);
    assert!(is_closed(&mut browser), "its peer has ended");
    assert!(scene.sockets.proven.is_empty() && scene.sockets.connections.is_empty());
}

#[test]
fn a_connection_that_begins_with_anything_else_is_closed_without_an_answer() {
    for first in [
        request("bad"),
        b"\x16\xfe\xfd a ClientHello, good".to_vec(),
        b"\x80 a voice, good".to_vec(),
        vec![],
    ] {
        let mut scene = Scene::new(CAPS);
        let mut browser = scene.open();
        browser.write_all(&frame(&first)).expect("written");
        scene.run(|sockets| sockets.connections.is_empty());
        assert!(is_closed(&mut browser), "{first:?}");
    }
    let mut scene = Scene::new(CAPS);
    let mut browser = scene.open();
    browser.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("written");
    scene.run(|sockets| sockets.connections.is_empty());
    assert!(is_closed(&mut browser), "18,245 bytes are announced");
}

#[test]
fn a_first_frame_that_comes_too_slowly_ends_the_connection_although_bytes_arrive() {
    let mut scene = Scene::new(CAPS);
    let mut browser = scene.open();
    let began = Instant::now();
    browser.write_all(&[0, 30, 0]).expect("written");
    scene.run(|sockets| sockets.connections.values().any(|one| one.is_queued));
    let mut at = |later: Duration| {
        scene.sockets.next_expiry = began;
        scene.sockets.close_expired(began + later, |_| true);
        scene.sockets.connections.len()
    };
    assert_eq!(at(FIRST_FRAME_WITHIN - Duration::from_secs(1)), 1);
    assert_eq!(at(FIRST_FRAME_WITHIN + Duration::from_secs(1)), 0);
    assert!(is_closed(&mut browser));
}

#[test]
fn an_idle_connection_is_closed() {
    let mut scene = Scene::new(CAPS);
    let mut browser = scene.open();
    browser.write_all(&frame(&request("good"))).expect("written");
    scene.run(|sockets| !sockets.proven.is_empty());
    scene.sockets.next_expiry = Instant::now();
    scene.sockets.close_expired(Instant::now() + IDLE_MAX, |_| true);
    assert!(is_closed(&mut browser));
}

#[test]
fn an_address_has_a_limit() {
    let mut scene = Scene::new(CAPS);
    let mut browsers: Vec<Browser> = (0..CAPS.per_address).map(|_| scene.open()).collect();
    let mut one_more = scene.open();
    scene.run(|_| false);
    assert!(is_closed(&mut one_more));
    assert_eq!(scene.sockets.connections.len(), CAPS.per_address);
    // When one ends, there is room again.
    drop(browsers.pop());
    scene.run(|sockets| sockets.connections.len() < CAPS.per_address);
    scene.open();
    assert_eq!(scene.sockets.connections.len(), CAPS.per_address);
}

#[test]
fn if_the_port_is_full_the_oldest_connection_without_a_verified_request_makes_room() {
    let mut scene = Scene::new(TcpCaps {
        per_address: 9,
        in_all: 3,
    });
    let mut first = scene.open();
    first.write_all(&frame(&request("good"))).expect("written");
    scene.run(|sockets| !sockets.proven.is_empty());
    let (mut second, _third) = (scene.open(), scene.open());
    let _fourth = scene.open();
    scene.run(|_| false);
    assert!(is_closed(&mut second), "it was the oldest without a request");
    assert_eq!((scene.sockets.connections.len(), scene.sockets.proven.len()), (3, 1));
}

#[test]
fn a_frame_that_webrtc_does_not_send_ends_a_connection_with_a_verified_request() {
    for junk in [vec![], b"GET / HTTP/1.1".to_vec(), vec![255; 40]] {
        let mut scene = Scene::new(CAPS);
        let mut browser = scene.open();
        browser.write_all(&frame(&request("good"))).expect("written");
        browser.write_all(&frame(b"\x80 a voice")).expect("written");
        scene.run(|sockets| !sockets.proven.is_empty());
        browser.write_all(&frame(&junk)).expect("written");
        scene.run(|sockets| sockets.connections.is_empty());
        assert!(is_closed(&mut browser), "{junk:?}");
    }
}

#[test]
fn a_connection_that_was_accepted_elsewhere_carries_datagrams_too() {
    let mut scene = Scene::new(CAPS);
    scene.sockets = TcpSockets::without_listeners(scene.poll.registry(), CAPS).expect("a handle");
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = elsewhere.local_addr().expect("the port");
    let mut browser = Browser::connect(address).expect("a connection");
    browser.write_all(&frame(&request("good"))).expect("written");
    let (stream, _) = elsewhere.accept().expect("accepted");
    scene.sockets.adopt(stream, Instant::now());
    scene.run(|sockets| !sockets.proven.is_empty());
    assert_eq!(scene.taken, [request("good")]);
    assert_answered(&mut scene, &mut browser, address);
}
