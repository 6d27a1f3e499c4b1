//! `make bench-voice`: measures what voice costs, with three speakers and many listeners in one room of a real server.
//!
//! The bench only prints figures; no figure makes it fail. `SNUG_BENCH_LISTENERS` (300, at most 1,000) and `SNUG_BENCH_SECONDS`
//! (10, at most 60) change the load.

#![allow(dead_code, reason = "the HTTP tests share these modules and use more of them")]

mod audience;
mod http_tests;
mod process;

use audience::Audience;
use http_tests::{
    answer, cookie_jar, frame_stamp, ice_client, ice_link, letters, listing, packet_loss, raw_peer, room_entry,
    test_socket, visitor,
};
use ice_client::{PeerOptions, ToneSource};
use process::{ServerProcess, Usage};
use raw_peer::RawPeer;
use snug::model::{
    room::RoomInfo,
    signal::{ClientSignal, ServerSignal},
};
use std::time::{Duration, Instant};
use test_socket::TestSocket;
use visitor::Visitor;

const SPEAKERS: usize = 3;
/// How many additional listeners decrypt the sound, so that its delay can be measured.
const SAMPLED: usize = 5;
/// The size of a frame of 20 ms at 32 kbit/s, in bytes.
const PAYLOAD_BYTES: usize = 80;

#[tokio::main]
async fn main() {
    let listeners = bounded("SNUG_BENCH_LISTENERS", 300, 1_000);
    let seconds = bounded("SNUG_BENCH_SECONDS", 10, 60) as u64;
    let server = ServerProcess::start().await;
    let room_of = server.person("Ada").await;
    let room = room_of.open_room("Bench", "open").await;

    let ears = server.person("Ear").await;
    let (audience, joins) = gather(&server, &ears, &room, listeners).await;
    let mut sampled = vec![];
    for _ in 0..SAMPLED {
        let (socket, peer) = ears.plug_in(&room).await;
        keep_open(socket);
        sampled.push(peer);
    }
    let mut speakers = vec![];
    for number in 0..SPEAKERS {
        let (mut socket, peer) = server.person(&format!("Speaker{number}")).await.plug_in(&room).await;
        socket.say(&ClientSignal::Mute { on: false }).await;
        peer.speak(ToneSource {
            payload_bytes: PAYLOAD_BYTES,
            ..ToneSource::at(raw_peer::LOUD)
        });
        keep_open(socket);
        speakers.push(peer);
        // A frame lasts 20 ms. We wait for 50 frames and a third of a frame, so that the speakers do not all send at the same
        // moment.
        tokio::time::sleep(Duration::from_millis(1_007)).await;
    }
    println!("{joins}");
    println!("{}", measure(&server, &audience, &sampled, &speakers, seconds).await);
    println!("{}", measure_redundancy(&server, &ears, seconds).await);
}

/// How many bytes a second a listener of one voice receives, with redundant sound (RED) and without it. RED is sent only in small
/// rooms, so this is a room of three.
async fn measure_redundancy(server: &ServerProcess, ears: &Visitor, seconds: u64) -> String {
    let host = server.person("Rae").await;
    let room = host.open_room("Small", "open").await;
    let offers = |redundancy| PeerOptions {
        redundancy,
        ..PeerOptions::default()
    };
    let mut listeners = vec![];
    for redundancy in [false, true] {
        let (socket, peer) = ears.plug_in_with(&room, offers(redundancy)).await;
        keep_open(socket);
        listeners.push(peer);
    }
    let (mut socket, speaker) = host.plug_in_with(&room, offers(true)).await;
    socket.say(&ClientSignal::Mute { on: false }).await;
    keep_open(socket);
    speaker.speak(ToneSource {
        payload_bytes: PAYLOAD_BYTES,
        ..ToneSource::at(raw_peer::LOUD)
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let bytes = || listeners.iter().map(RawPeer::bytes).collect::<Vec<u64>>();
    let (before, began) = (bytes(), Instant::now());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let took = began.elapsed().as_secs_f64();
    let rates: Vec<f64> = bytes()
        .iter()
        .zip(before)
        .map(|(after, before)| (after - before) as f64 / took)
        .collect();
    format!(
        "bytes per second of one voice at one listener: {:.0} without redundant sound, {:.0} with it",
        rates[0], rates[1]
    )
}

/// Lets all listeners join. Returns them, and a line that says what a join costs.
async fn gather(server: &ServerProcess, ears: &Visitor, room: &RoomInfo, listeners: usize) -> (Audience, String) {
    let audience = Audience::start();
    let (before, began) = (server.usage(), Instant::now());
    for number in 0..listeners {
        let (socket, ..) = ears.look_in(room).await;
        join(&audience, socket).await;
        if number % 50 == 49 {
            eprintln!("{} listeners have joined", number + 1);
        }
    }
    tokio::task::block_in_place(|| audience.wait_until_connected(listeners));
    let (after, took) = (server.usage(), began.elapsed());
    let each = |total: f64| total / listeners as f64;
    let told = format!(
        "joins: {listeners} in {:.1} s; each takes {:.2} ms of CPU ({:.2} ms of it in the voice thread) and {:.0} kB of memory",
        took.as_secs_f64(),
        each((after.process_s - before.process_s) * 1_000.0),
        each((after.voice_s - before.voice_s) * 1_000.0),
        each(after.memory_kb.saturating_sub(before.memory_kb) as f64),
    );
    (audience, told)
}

async fn join(audience: &Audience, mut socket: TestSocket<ServerSignal>) {
    let offer = audience.offer();
    let answer = room_entry::ask_to_join(&mut socket, offer.sdp.clone()).await;
    audience.admit(offer, &answer);
    keep_open(socket);
}

/// Keeps a socket open and answers its pings until the bench ends. Without answers, the server would close it.
fn keep_open(mut socket: TestSocket<ServerSignal>) {
    tokio::spawn(async move { socket.recv_forever().await });
}

async fn measure(
    server: &ServerProcess,
    audience: &Audience,
    sampled: &[RawPeer],
    speakers: &[RawPeer],
    seconds: u64,
) -> String {
    tokio::time::sleep(Duration::from_secs(1)).await;
    sampled.iter().for_each(RawPeer::forget_heard);
    let sent = || speakers.iter().map(RawPeer::sent).sum::<u64>();
    let (received_before, sent_before, before, began) = (audience.received(), sent(), server.usage(), Instant::now());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (received, sent, after) = (
        audience.received() - received_before,
        sent() - sent_before,
        server.usage(),
    );
    let took = began.elapsed().as_secs_f64();

    let mut delays: Vec<Duration> = sampled
        .iter()
        .flat_map(RawPeer::heard)
        .filter_map(|heard| heard.delay)
        .collect();
    delays.sort();
    let quantile = |share: f64| {
        delays
            .get((delays.len() as f64 * share) as usize)
            .map_or(0.0, |delay| delay.as_secs_f64() * 1_000.0)
    };
    // `received` counts only the packets for the audience. The server also forwards packets to the sampled listeners, and it
    // forwards each speaker's packets to the other speakers.
    let expected = sent * audience.size() as u64;
    let forwarded = received as f64 + (sampled.len() as u64 * sent + sent * 2 * (SPEAKERS as u64 - 1) / 2) as f64;
    let Usage { voice_s, process_s, .. } = after;
    let (voice, process) = (voice_s - before.voice_s, process_s - before.process_s);
    format!(
        "forwarding: {} listeners x {SPEAKERS} speakers for {took:.1} s\n\
         CPU per forwarded packet: {:.2} us in the voice thread, {:.2} us in the whole process\n\
         packets per second: {:.0} forwarded with {:.0} % of a core; a whole core could forward {:.0}\n\
         loss: {:.3} % ({received} of {expected})\n\
         delay through the server: p50 {:.2} ms, p95 {:.2} ms ({} packets sampled)",
        audience.size(),
        voice * 1e6 / forwarded,
        process * 1e6 / forwarded,
        forwarded / took,
        voice / took * 100.0,
        forwarded / voice,
        100.0 * (1.0 - received as f64 / expected as f64).max(0.0),
        quantile(0.5),
        quantile(0.95),
        delays.len(),
    )
}

fn bounded(variable: &str, usual: usize, most: usize) -> usize {
    let asked = std::env::var(variable).ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(usual).clamp(1, most)
}
