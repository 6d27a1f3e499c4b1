//! Measures how much memory the server uses for small request bodies that arrive byte by byte.

use super::{ALONE, held_body::HeldBody, memory::Memory, real_program::RealProgram};
use std::{
    io::{Write, stderr},
    time::Duration,
};

const CONNECTIONS: usize = 6;
/// The largest body that every endpoint reads has 64 KiB.
const LENGTH: usize = 60_000;
/// All bodies together have 360 kB. If the server kept the parts as they arrive, each would take at least 4 KiB: together more than
/// 1 GB.
const MEMORY_MAX: u64 = 30 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn six_small_bodies_of_strangers_that_arrive_byte_by_byte_take_at_most_30_mb() {
    let _alone = ALONE.lock().await;
    let program = RealProgram::start(&[]);
    let memory = Memory::of(program.child.id());
    let mut held = vec![];
    for number in 0..CONNECTIONS {
        // Without scripts, the body is also collected for the refresh of the sign-in.
        let accept = if number % 2 == 0 {
            "application/json"
        } else {
            "text/html"
        };
        let headers = [
            ("Accept", accept),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        held.push(HeldBody::open(program.address, "/api/auth/request_code", Some(LENGTH), &headers).await);
    }
    let before = memory.begin();
    // The last byte never comes.
    for _ in 1..LENGTH {
        for body in &mut held {
            body.send(b"x").await;
        }
    }
    for body in &mut held {
        let answer = body.answer_within(Duration::from_millis(100)).await;
        assert_eq!(answer, None, "the server waits for the last byte");
    }
    let grew = memory.grown_since(before);
    // Don't use `println!` here, because the test harness captures its output.
    let _ = writeln!(stderr(), "{CONNECTIONS} bodies of single bytes: {} MB more", grew >> 20);
    assert!(grew < MEMORY_MAX, "{} MB more", grew >> 20);

    held[0].send(b"x").await;
    let answer = held[0].answer().await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}
