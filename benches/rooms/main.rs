//! `make bench-rooms`: measures the CPU and bytes of a page with a long list of rooms and of an update of the list, and the memory of
//! the rooms.
//!
//! It fills 500 rooms with 20 people each on a real server (`SNUG_BENCH_ROOMS` and `SNUG_BENCH_PEOPLE` change these
//! numbers). The people are real participants; each has a voice connection that was negotiated but never used. The bench only prints
//! figures; no figure makes it fail.

#![allow(dead_code, reason = "the HTTP tests share these modules and use more of them")]

#[path = "../voice/http_tests.rs"]
mod http_tests;
#[path = "../voice/process.rs"]
mod process;

use http_tests::{
    answer, cookie_jar, frame_stamp, ice_client, ice_link, letters, listing, packet_loss, raw_peer, room_entry,
    test_socket, visitor,
};
use listing::Listing;
use process::ServerProcess;
use raw_peer::RawPeer;
use snug::model::{
    room::{RoomCard, RoomInfo},
    signal::{ClientSignal, ServerSignal},
};
use std::sync::Arc;
use test_socket::TestSocket;
use tokio::sync::Semaphore;
use visitor::Visitor;

/// Each average is taken over this many pages, or this many joins and leaves.
const ROUNDS: usize = 20;
/// How many connections watch the list while updates are counted.
const WATCHERS: usize = 20;
/// How many people join at the same time.
const AT_ONCE: usize = 8;

#[tokio::main]
async fn main() {
    let rooms = bounded("SNUG_BENCH_ROOMS", 500, 2_000);
    let people = bounded("SNUG_BENCH_PEOPLE", 20, 100);
    let server = ServerProcess::start().await;
    let empty = server.usage().memory_kb;
    let mut everybody = vec![];
    for number in 0..people {
        everybody.push(Arc::new(server.person(&format!("Person{number:02}")).await));
    }
    let infos = open_rooms(&everybody[0], rooms).await;
    fill(&everybody, &infos).await;
    let full = server.usage().memory_kb;
    println!(
        "memory: {} MB with {rooms} rooms of {people} people, {} MB without rooms; {:.0} kB per participant, including the voice connection",
        full / 1_000,
        empty / 1_000,
        (full - empty) as f64 / (rooms * people) as f64
    );
    let watcher = server.person("Watcher").await;
    pages(&server, &watcher).await;
    // The newest room is on the first page of the list, which the watchers look at.
    pushes(&server, &watcher, (&infos[rooms - 1], people)).await;
}

async fn open_rooms(host: &Visitor, many: usize) -> Vec<RoomInfo> {
    let mut infos = vec![];
    for number in 0..many {
        infos.push(host.open_room(&format!("Room number {number} of many"), "open").await);
    }
    infos
}

/// Lets everybody join every room. The sockets stay open until the bench ends.
async fn fill(everybody: &[Arc<Visitor>], infos: &[RoomInfo]) {
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let (_, sdp) = RawPeer::offer();
    for (done, info) in infos.iter().enumerate() {
        let mut joining = vec![];
        for person in everybody {
            let (person, info, sdp, gate) = (person.clone(), info.clone(), sdp.clone(), gate.clone());
            joining.push(tokio::spawn(async move {
                let _place = gate.acquire_owned().await.expect("never closed");
                let (mut socket, ..) = person.look_in(&info).await;
                room_entry::ask_to_join(&mut socket, sdp).await;
                keep_open(socket);
            }));
        }
        for one in joining {
            one.await.expect("it joined");
        }
        if done % 50 == 49 {
            eprintln!("{} rooms are full", done + 1);
        }
    }
}

async fn pages(server: &ServerProcess, watcher: &Visitor) {
    let first = watcher.page("/rooms").await.must(200);
    let shown = first.text().matches("class=\"room-card\"").count();
    let before = server.usage();
    for _ in 0..ROUNDS {
        watcher.page("/rooms").await.must(200);
    }
    let used = server.usage().process_s - before.process_s;
    println!(
        "page: {shown} rooms, {:.0} kB, {:.1} ms of CPU",
        first.body.len() as f64 / 1_000.0,
        used * 1_000.0 / ROUNDS as f64
    );
    let before = server.usage();
    for _ in 0..ROUNDS {
        watcher
            .post("/api/rooms/search", &[("q", "nobody of this name")])
            .await
            .must(200);
    }
    let used = server.usage().process_s - before.process_s;
    println!("search of all rooms: {:.1} ms of CPU", used * 1_000.0 / ROUNDS as f64);
}

/// Measures the updates that all watchers of the list receive when somebody joins and leaves a room of `people` people.
async fn pushes(server: &ServerProcess, watcher: &Visitor, (info, people): (&RoomInfo, usize)) {
    let mut lists = vec![];
    for _ in 0..WATCHERS {
        let mut list = watcher.watch_rooms().await.expect("the socket opens");
        list.hear().await;
        lists.push(list);
    }
    let first = lists[0].bytes;
    let visitor = server.person("Comer").await;
    let before = server.usage();
    for round in 0..ROUNDS {
        let mut socket = visitor.enter(info).await;
        told(&mut lists, info, |card| card.count() > people).await;
        socket.say(&ClientSignal::Leave).await;
        socket.recv_all().await;
        told(&mut lists, info, |card| card.count() == people).await;
        eprint!("{}", if round == ROUNDS - 1 { "\n" } else { "." });
    }
    let used = server.usage().process_s - before.process_s;
    let bytes: usize = lists.iter().map(|list| list.bytes - first).sum();
    let all = (WATCHERS * ROUNDS * 2) as f64;
    println!(
        "updates of the list: {:.0} kB at first, then {:.2} kB each; {:.2} ms of CPU each, including the join or leave",
        first as f64 / 1_000.0,
        bytes as f64 / all / 1_000.0,
        used * 1_000.0 / all
    );
}

async fn told(lists: &mut [Listing], info: &RoomInfo, is_so: impl Fn(&RoomCard) -> bool) {
    for list in lists {
        list.recv_until(|signal| {
            signal
                .rooms
                .iter()
                .any(|card| card.info.id == info.id && is_so(card))
                .then_some(())
        })
        .await;
    }
}

/// Keeps a socket open and answers its pings until the bench ends. Without answers, the server would close it.
fn keep_open(mut socket: TestSocket<ServerSignal>) {
    tokio::spawn(async move { socket.recv_forever().await });
}

fn bounded(name: &str, usual: usize, most: usize) -> usize {
    let wanted = std::env::var(name).ok().and_then(|number| number.parse().ok());
    wanted.unwrap_or(usual).clamp(1, most)
}
