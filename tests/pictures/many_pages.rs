//! Measures whether the server frees the memory of a page or a socket afterwards.

use super::{ALONE, memory::Memory, real_program::RealProgram, visitor::Visitor};
use serde_json::Value;
use snug::model::invite::Invite;
use std::{
    io::{Write, stderr},
    time::Duration,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const ROUNDS: usize = 500;
/// A page takes 16 to 20 kB while it is rendered. A server that kept this memory would grow by at least 8 MB in 500 rounds.
const MEMORY_MAX: u64 = 4 * 1024 * 1024;
/// Before the measurement, the server gets as many requests as it needs to fill its caches.
const ROUNDS_BEFORE: usize = 60;

/// Opens a page and closes the connection after the first bytes of the answer.
async fn hang_up(visitor: &Visitor, path: &str, cookies: &str) {
    let mut stream = visitor.connect().await;
    let port = stream.peer_addr().expect("connected").port();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut first = [0; 16];
    let _ = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut first)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_times_the_same_page_or_socket_takes_at_most_4_mb() {
    let _alone = ALONE.lock().await;
    let program = RealProgram::start(&[("SNUG_LIMITS_ENFORCED", "false")]);
    let (ada, stranger) = (program.visitor(), program.visitor());
    ada.sign_up("ada@example.org").await;
    ada.come_in("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let fields = [
        ("room", room.id.as_str()),
        ("days", "7"),
        ("most_uses", "10"),
        ("guests", "true"),
    ];
    let invite: Invite = ada.post("/api/invites/make", &fields).await.must(200).json();
    let token = invite.link.rsplit('/').next().expect("a token");
    let (room, invitation) = (format!("/rooms/{}", room.id), format!("/invite/{token}"));
    let pages = [
        (&stranger, "/"),
        (&stranger, "/sign-in"),
        (&stranger, "/nowhere"),
        (&stranger, invitation.as_str()),
        (&stranger, "/invite/no-such-link"),
        (&ada, "/rooms"),
        (&ada, "/rooms?q=tea"),
        (&ada, room.as_str()),
        (&ada, "/settings"),
        (&ada, "/people"),
    ];
    let mut faults = vec![];
    let memory = Memory::of(program.child.id());
    for (visitor, path) in pages {
        let visit = async || drop(visitor.page(path).await);
        faults.extend(measure(&memory, path, visit).await);
    }
    let cookies = ada.jar.header();
    faults.extend(measure(&memory, "hung up", async || hang_up(&ada, &room, &cookies).await).await);
    faults.extend(measure(&memory, "who am I", async || drop(ada.me().await)).await);
    let refused = async || {
        let answer = stranger
            .submit("/sign-in", "/api/auth/request_code", &[("email", "nobody")])
            .await;
        stranger.page(&answer.location()).await;
    };
    faults.extend(measure(&memory, "refused form", refused).await);
    for path in ["/ws/rooms".to_owned(), format!("/ws{room}")] {
        let listen = async || {
            drop(ada.open_own_socket::<Value>(&path).await);
            // The server needs a quarter of a second to end a socket. So this many sockets are open at the same time as before the
            // measurement.
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        faults.extend(measure(&memory, &path, listen).await);
    }
    assert_eq!(faults, Vec::<String>::new());
}

/// Repeats `visit`. Returns a sentence if the server's memory grows by more than [`MEMORY_MAX`], and grows as much again. A server that keeps
/// memory grows each time, and the allocator only once.
async fn measure(memory: &Memory, name: &str, visit: impl AsyncFn()) -> Option<String> {
    for _ in 0..ROUNDS_BEFORE {
        visit().await;
    }
    let first = growth(memory, name, &visit).await;
    if first <= MEMORY_MAX {
        return None;
    }
    let second = growth(memory, name, &visit).await;
    (second > MEMORY_MAX).then(|| format!("{name}: {} kB, then {} kB", first >> 10, second >> 10))
}

/// By how many bytes the memory grows in [`ROUNDS`] visits.
async fn growth(memory: &Memory, name: &str, visit: &impl AsyncFn()) -> u64 {
    let before = memory.begin();
    for _ in 0..ROUNDS {
        visit().await;
    }
    let grew = memory.grown_since(before);
    // Don't use `println!` here, because the test harness captures its output.
    let _ = writeln!(stderr(), "{ROUNDS} times {name}: {} kB more", grew >> 10);
    grew
}
