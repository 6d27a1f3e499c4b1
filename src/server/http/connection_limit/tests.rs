//! Tests of the limits on connections.

use super::*;
use std::{net::Ipv4Addr, time::Duration};

const ADA: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const BEN: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

fn limiter(each_address: usize, in_all: usize) -> ConnectionLimiter {
    ConnectionLimiter::new(ConnectionCaps { each_address, in_all })
}

fn is_evicted(permit: &ConnectionPermit) -> bool {
    futures::FutureExt::now_or_never(permit.evicted()).is_some()
}

fn ipv6(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// Opens a connection and makes it a WebSocket.
fn open_socket(limiter: &ConnectionLimiter, address: IpAddr) -> Result<Vec<SocketPlace>, SocketsFull> {
    let permit = limiter.admit(address, Instant::now()).expect("a place");
    ConnectionPermits(vec![Arc::new(permit)]).claim_socket()
}

#[test]
fn an_address_is_limited_and_gets_dropped_permits_back() {
    let (limiter, now) = (limiter(2, 100), Instant::now());
    let busy = |address| {
        let permit = limiter.admit(address, now)?;
        let in_progress = permit.begin_request(false, now);
        Some((permit, in_progress))
    };
    let (first, _second) = (busy(ADA), busy(ADA));
    assert!(first.is_some() && busy(ADA).is_none());
    assert!(busy(BEN).is_some());
    drop(first);
    assert!(busy(ADA).is_some());
}

#[test]
fn all_addresses_of_a_64_share_one_limit() {
    let (limiter, now) = (limiter(1, 100), Instant::now());
    let first = limiter.admit(ipv6("2001:db8::1"), now).expect("in");
    let neighbour = limiter.admit(ipv6("2001:db8:0:1::1"), now).expect("in");
    let second = limiter
        .admit(ipv6("2001:db8::2"), now)
        .expect("in the first one's place");
    assert!(is_evicted(&first) && !is_evicted(&neighbour) && !is_evicted(&second));
}

#[test]
fn the_connection_idle_longest_makes_room() {
    let (limiter, now) = (limiter(3, 100), Instant::now());
    let at = |seconds| now + Duration::from_secs(seconds);
    let (old, older, busy) = (
        limiter.admit(ADA, at(2)),
        limiter.admit(ADA, at(1)),
        limiter.admit(ADA, now),
    );
    let (old, older, busy) = (old.expect("in"), older.expect("in"), busy.expect("in"));
    let _work = busy.begin_request(false, at(0));
    let ben = limiter.admit(BEN, now).expect("in");
    let new = limiter.admit(ADA, at(3)).expect("in the place of another");
    assert!(is_evicted(&older));
    assert!(![&old, &busy, &ben, &new].into_iter().any(is_evicted));
}

#[test]
fn an_answered_request_and_a_slow_body_count_as_idle() {
    let (limiter, now) = (limiter(3, 100), Instant::now());
    let at = |seconds| now + Duration::from_secs(seconds);
    let admit = || limiter.admit(ADA, now).expect("in");
    let (answered, slow, busy) = (admit(), admit(), admit());
    answered.begin_request(false, now).end(at(2));
    let _body = slow.begin_request(true, at(1));
    let _work = busy.begin_request(false, now);
    let _third = limiter.admit(ADA, at(3)).expect("in the place of the slow one");
    assert!(is_evicted(&slow) && !is_evicted(&answered));
    let _fourth = limiter.admit(ADA, at(3)).expect("in the place of the answered one");
    assert!(is_evicted(&answered) && !is_evicted(&busy));
}

#[test]
fn all_connections_together_are_limited_too() {
    let (limiter, now) = (limiter(100, 2), Instant::now());
    let (ada, ben) = (
        limiter.admit(ADA, now).expect("in"),
        limiter.admit(BEN, now).expect("in"),
    );
    let _work = ben.begin_request(false, now);
    let proxy = limiter.admit_proxy(now).expect("in the place of Ada");
    assert!(is_evicted(&ada));
    let _more = proxy.begin_request(false, now);
    assert!(limiter.admit(ADA, now).is_none() && limiter.admit_proxy(now).is_none());
}

#[test]
fn sockets_of_an_address_leave_a_quarter_of_its_places_to_requests() {
    let limiter = limiter(8, 100);
    let mut sockets = vec![];
    for _ in 0..6 {
        sockets.push(open_socket(&limiter, ADA).expect("in"));
    }
    assert_eq!(open_socket(&limiter, ADA).err(), Some(SocketsFull::OfAddress));
    let _of_ben = open_socket(&limiter, BEN).expect("another address");
    let permits: Vec<_> = (0..2).map(|_| limiter.admit(ADA, Instant::now())).collect();
    assert!(permits.iter().all(Option::is_some));
    // A third request takes the place of an idle connection, and never that of a socket.
    let third = limiter.admit(ADA, Instant::now());
    assert!(third.is_some() && permits.iter().flatten().any(is_evicted));
    assert_eq!(lock(&limiter.connections).sockets, 7);
    drop((sockets, permits, third));
    let _again = open_socket(&limiter, ADA).expect("a place that was freed");
}

#[test]
fn sockets_of_all_addresses_leave_a_quarter_of_all_places_to_requests() {
    let limiter = limiter(100, 4);
    let sockets: Vec<_> = (1..=3)
        .map(|host| open_socket(&limiter, [192, 0, 2, host].into()).expect("in"))
        .collect();
    assert_eq!(open_socket(&limiter, BEN).err(), Some(SocketsFull::InAll));
    let first = limiter.admit(ADA, Instant::now()).expect("the place in reserve");
    let _second = limiter.admit_proxy(Instant::now()).expect("in the place of the first");
    assert!(is_evicted(&first));
    drop(sockets);
    assert_eq!(lock(&limiter.connections).taken, 1);
}

#[test]
fn a_socket_that_is_refused_by_one_limit_takes_no_place_of_another() {
    let (direct, behind_proxy) = (limiter(100, 100), limiter(1, 100));
    let open = || {
        let now = Instant::now();
        let proxy = direct.admit_proxy(now).expect("in");
        let client = behind_proxy.admit(ADA, now).expect("in");
        ConnectionPermits(vec![Arc::new(proxy), Arc::new(client)])
    };
    let first = open();
    let place = first.claim_socket().expect("the only one");
    // In this test, the same permits also serve a second request. The address has only one place,
    // and the first request keeps it.
    assert_eq!(first.claim_socket().err(), Some(SocketsFull::OfAddress));
    assert_eq!(lock(&direct.connections).sockets, 1);
    drop((place, first));
    assert!(open().claim_socket().is_ok());
    let left = |limiter: &ConnectionLimiter| {
        let connections = lock(&limiter.connections);
        (connections.taken, connections.sockets, connections.by_source.len())
    };
    assert_eq!((left(&direct), left(&behind_proxy)), ((0, 0, 0), (0, 0, 0)));
}

#[test]
fn sockets_may_take_three_quarters_and_at_least_one() {
    for (places, sockets) in [(1, 1), (2, 1), (3, 2), (4, 3), (512, 384), (824, 618)] {
        assert_eq!(most_sockets(places), sockets, "{places}");
    }
}
