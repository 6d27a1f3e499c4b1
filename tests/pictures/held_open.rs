//! Measures how much memory the server uses for large request bodies whose last byte never arrives.

use super::{ALONE, held_body::HeldBody, memory::Memory, real_program::RealProgram, visitor::Visitor};
use futures_util::future::join_all;
use snug::model::invite::Invite;
use std::{
    collections::BTreeMap,
    io::{Write, stderr},
    net::SocketAddr,
    time::Duration,
};

const CONNECTIONS: usize = 60;
/// Just below the largest body that an endpoint for pictures reads.
const LENGTH: usize = 12_600_000;
const MEMORY_MAX: u64 = 100 * 1024 * 1024;

/// Opens a request and sends its body without the last byte. Strangers, people who are signed in, and holders of a valid link
/// take turns.
async fn hold(address: SocketAddr, number: usize, cookies: &[String], token: &str) -> HeldBody {
    // Use several people, so that the limit for all bodies together is reached, and not only the limit for one person.
    let cookies = cookies[number / 4 % cookies.len()].as_str();
    let (path, cookies, first) = match number % 4 {
        0 => ("/api/profile/activate", "", "name=Ada&picture=".to_owned()),
        1 => ("/api/profile/activate", cookies, "name=Ada&picture=".to_owned()),
        2 => ("/api/invites/come_as_guest", "", "name=Gus&picture=".to_owned()),
        _ => (
            "/api/invites/come_as_guest",
            "",
            format!("token={token}&name=Gus&picture="),
        ),
    };
    // Use several addresses, so that the limit for all addresses together is reached, and not the limit for one address.
    let from = format!("203.0.113.{}", number % 8);
    let headers = [
        ("Accept", "application/json"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Cookie", cookies),
        ("X-Forwarded-For", &from),
    ];
    let mut body = HeldBody::open(address, path, Some(LENGTH), &headers).await;
    let mut words = first.into_bytes();
    words.resize(LENGTH - 1, b'x');
    for part in words.chunks(1_000_000) {
        body.send(part).await;
    }
    body
}

async fn make_guest_link(ada: &Visitor) -> String {
    let room = ada.open_room("Tea", "open").await;
    let fields = [
        ("room", room.id.as_str()),
        ("days", "7"),
        ("most_uses", "10"),
        ("guests", "true"),
    ];
    let invite: Invite = ada.post("/api/invites/make", &fields).await.must(200).json();
    invite.link.rsplit('/').next().expect("a token").to_owned()
}

/// How many requests were answered with each status. The status 0 counts those whose body the server still waits for.
async fn statuses(held: &mut [HeldBody]) -> BTreeMap<String, usize> {
    let answers = held
        .iter_mut()
        .map(|body| body.answer_within(Duration::from_millis(500)));
    let mut statuses = BTreeMap::new();
    for answer in join_all(answers).await {
        let answer = answer.unwrap_or_default();
        let status = answer.split(' ').nth(1).unwrap_or("0").to_owned();
        *statuses.entry(status).or_insert(0) += 1;
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_large_bodies_without_their_last_byte_take_at_most_100_mb() {
    let _alone = ALONE.lock().await;
    let program = RealProgram::start(&[("SNUG_PUBLIC_PROXIES", "127.0.0.1")]);
    let ada = program.visitor();
    ada.sign_up("ada@example.org").await;
    ada.come_in("Ada").await;
    let mut cookies = vec![ada.jar.header()];
    for email in ["ben@example.org", "cem@example.org"] {
        let other = program.visitor();
        other.sign_up(email).await;
        cookies.push(other.jar.header());
    }
    let token = make_guest_link(&ada).await;
    let memory = Memory::of(program.child.id());
    let before = memory.begin();
    let all = (0..CONNECTIONS).map(|number| hold(program.address, number, &cookies, &token));
    let mut held = join_all(all).await;
    let statuses = statuses(&mut held).await;
    let grew = memory.grown_since(before);
    // Don't use `println!` here, because the test harness captures its output.
    let _ = writeln!(
        stderr(),
        "{CONNECTIONS} held bodies: {statuses:?}, {} MB more",
        grew >> 20
    );
    assert!(grew < MEMORY_MAX, "{} MB more", grew >> 20);
    assert!(
        statuses.get("0").is_some_and(|waited_for| *waited_for >= 4),
        "the server must still wait for at least 4 bodies: {statuses:?}"
    );
    assert_eq!(statuses.get("401"), Some(&(CONNECTIONS / 4)), "{statuses:?}");
    assert!(statuses.contains_key("503"), "{statuses:?}");
    ada.page("/rooms").await.must(200);
}
