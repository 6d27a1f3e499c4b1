//! A call survives a restart of the server: 20 people, the real program, SIGTERM and SIGKILL. Everybody comes back by themselves, as
//! the page does, and nobody is signed out. With the sockets of systemd, two people miss at most 2 s.

use crate::{
    ice_client::ToneSource,
    raw_peer::{LOUD, RawPeer},
    real_program::RealProgram,
    room_entry::join,
    test_socket::TestSocket,
    visitor::Visitor,
    voice::{unmute, wait},
};
use futures_util::future::join_all;
use snug::{
    model::{
        room::RoomInfo,
        signal::{SLOTS, ServerSignal},
    },
    ui::reconnect_pauses::{pause_ms, restart_pause_ms},
};
use std::{
    io::{Write as _, stderr},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, time::sleep};

const PEOPLE: usize = 20;
/// How each cycle ends the program, and the time within which everybody must hear somebody again. The time begins with the signal.
const ENDS: [(&str, Duration); 2] = [("TERM", Duration::from_secs(5)), ("KILL", Duration::from_secs(8))];

/// How long people may hear nothing if systemd has the sockets. The time begins with SIGTERM.
const SILENCE_MAX: Duration = Duration::from_secs(2);
/// Fewer connections must wait during a restart than the socket of the test holds, which is 128.
const CONNECT_EVERY: Duration = Duration::from_millis(20);

/// The number of restarts: 4, or the value of `SNUG_SOAK_RESTARTS`.
fn restarts() -> usize {
    let asked = std::env::var("SNUG_SOAK_RESTARTS")
        .ok()
        .and_then(|text| text.parse().ok());
    asked.unwrap_or(4)
}

/// A person in the room, with a page that reconnects by itself.
struct Caller {
    number: usize,
    visitor: Visitor,
    address: SocketAddr,
    room: RoomInfo,
    inside: Option<(TestSocket<ServerSignal>, RawPeer)>,
}

impl Caller {
    /// Joins, talks if this is one of the people who talk, and waits until somebody else is heard.
    async fn come_in(&mut self, mut socket: TestSocket<ServerSignal>) {
        let peer = join(&mut socket).await;
        // Everybody hears at least one of these people, and they hear each other.
        if self.number < SLOTS {
            unmute(&mut socket).await;
            peer.speak(ToneSource::at(LOUD));
        }
        wait(&peer, 1);
        self.inside = Some((socket, peer));
    }

    /// Waits until the connection is lost, then reconnects with the pauses of the page. Returns the caller and the time from
    /// `signalled` until they hear somebody again. `is_announced` is whether the server says that it restarts.
    async fn come_back(mut self, signalled: Instant, is_announced: bool) -> (Self, Duration) {
        let (mut socket, peer) = self.inside.take().expect("in the room");
        socket.recv_forever().await;
        drop(peer);
        let mut attempt = 1;
        let socket = loop {
            // People's pauses differ, as if they were random.
            let chance = (self.number * 997 + attempt as usize * 331) % 1_000;
            let pause_ms = match is_announced {
                true => restart_pause_ms(attempt, chance as u32),
                false => pause_ms(attempt, chance as u32),
            };
            sleep(Duration::from_millis(pause_ms.into())).await;
            match self.open().await {
                Some(socket) => break socket,
                None => attempt += 1,
            }
        };
        self.come_in(socket).await;
        (self, signalled.elapsed())
    }

    /// Opens the room's socket. `None` if the server is not there, or not ready.
    async fn open(&self) -> Option<TestSocket<ServerSignal>> {
        let path = format!("/ws/rooms/{}", self.room.id.as_str());
        let origin = format!("http://localhost:{}", self.address.port());
        let stream = TcpStream::connect(self.address).await.ok()?;
        let opened = TestSocket::open_over(stream, &path, &self.visitor.jar.header(), Some(&origin), &[]).await;
        match opened {
            Ok(socket) => Some(socket),
            Err(refused) => {
                assert!(matches!(refused.status, 0 | 503), "{refused:?}");
                None
            }
        }
    }
}

/// This many people in one room, who hear each other.
async fn callers(program: &RealProgram, people: usize) -> Vec<Caller> {
    let sign_up = async |number: usize| {
        let visitor = program.visitor();
        visitor.sign_up(&format!("person{number}@example.org")).await;
        visitor.come_in(&format!("Person {number}")).await;
        visitor
    };
    let mut visitors = vec![];
    for number in 0..people {
        visitors.push(sign_up(number).await);
    }
    let room = visitors[0].open_room("Tea", "open").await;
    let entering = visitors.into_iter().enumerate().map(|(number, visitor)| {
        let room = room.clone();
        let address = program.address;
        tokio::spawn(async move {
            let mut caller = Caller {
                number,
                visitor,
                address,
                room,
                inside: None,
            };
            let socket = caller.open().await.expect("admitted");
            caller.come_in(socket).await;
            caller
        })
    });
    join_all(entering)
        .await
        .into_iter()
        .map(|entered| entered.expect("inside"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_20_people_hear_again_within_5_s_of_sigterm_or_8_s_of_sigkill_and_stay_signed_in() {
    // With a fixed port, datagrams of the old connections reach the new program, as they do on a real server.
    let free = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let udp_port = free.local_addr().expect("the port").port().to_string();
    drop(free);
    let settings = [
        ("SNUG_VOICE_UDP_PORT", udp_port.as_str()),
        ("SNUG_VOICE_ADVERTISE", "127.0.0.1"),
    ];
    let mut program = tokio::task::block_in_place(|| RealProgram::start(&settings));
    let mut callers = callers(&program, PEOPLE).await;
    let mut slowest = [Duration::ZERO; ENDS.len()];
    for cycle in 0..restarts() {
        let (signal, limit) = ENDS[cycle % ENDS.len()];
        let signalled = Instant::now();
        let coming = callers
            .into_iter()
            .map(|caller| tokio::spawn(caller.come_back(signalled, signal == "TERM")));
        let coming: Vec<_> = coming.collect();
        tokio::task::block_in_place(|| program.restart_after(signal));
        let (back, times): (Vec<Caller>, Vec<Duration>) = join_all(coming)
            .await
            .into_iter()
            .map(|back| back.expect("they came back"))
            .unzip();
        callers = back;
        let last = times.into_iter().max().expect("the people");
        assert!(
            last <= limit,
            "cycle {cycle}: the last person was back {last:?} after SIG{signal}"
        );
        slowest[cycle % ENDS.len()] = slowest[cycle % ENDS.len()].max(last);
        for caller in &callers {
            caller.visitor.me().await.must(200);
            caller.visitor.refresh().await.must(200);
        }
    }
    // Write to standard error directly, because the test harness captures `println!`.
    let _ = writeln!(
        stderr(),
        "{} restarts with {PEOPLE} people; the last person was back {:?} after SIGTERM and {:?} after SIGKILL",
        restarts(),
        slowest[0],
        slowest[1]
    );
}

/// Connects again and again until `is_over`. Returns how often.
async fn connect_until(is_over: Arc<AtomicBool>, address: SocketAddr) -> usize {
    let mut connected = 0;
    while !is_over.load(Ordering::Relaxed) {
        TcpStream::connect(address).await.expect("nobody refuses");
        connected += 1;
        sleep(CONNECT_EVERY).await;
    }
    connected
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_sockets_of_systemd_a_restart_under_talk_costs_at_most_2_s_of_sound_and_refuses_no_connection() {
    let settings = [("SNUG_VOICE_ADVERTISE", "127.0.0.1")];
    let (mut program, sockets) = tokio::task::block_in_place(|| RealProgram::start_on_sockets(&settings));
    let udp_port = sockets.voice.local_addr().expect("the port").port();
    let place = format!("UDP {udp_port} ");
    assert!(program.said().contains(&place), "{}", program.said());
    let callers = callers(&program, 2).await;

    let is_over = Arc::new(AtomicBool::new(false));
    let connecting = tokio::spawn(connect_until(is_over.clone(), program.address));
    let signalled = Instant::now();
    let coming: Vec<_> = callers
        .into_iter()
        .map(|caller| tokio::spawn(caller.come_back(signalled, true)))
        .collect();
    tokio::task::block_in_place(|| {
        program.ask_to_stop();
        program.start_again_on(&sockets);
    });
    for back in join_all(coming).await {
        let (caller, silence) = back.expect("they came back");
        let _ = writeln!(
            stderr(),
            "restart on the sockets of systemd: person {} heard nothing for {silence:?}",
            caller.number
        );
        assert!(silence <= SILENCE_MAX, "{silence:?}");
    }
    is_over.store(true, Ordering::Relaxed);
    let connected = connecting.await.expect("no connection was refused");
    assert!(connected > 5, "{connected}");
    assert!(program.said().contains(&place), "{}", program.said());
}
