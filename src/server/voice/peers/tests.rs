//! The barrier: one peer's panic ends that peer only.

use super::*;
use crate::server::voice::{
    candidate_addresses::CandidateAddresses,
    egress::Egress,
    peer::{BadOffer, PeerEvent, parse_restart},
    peer_setup::Setup,
    way::Way,
};
use std::{sync::Arc, time::Duration};
use str0m::{
    Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    ice::{StunMessageBuilder, TransId},
    media::{Direction, MediaKind},
};

fn setup() -> Setup {
    let addresses = CandidateAddresses::new(vec![[127, 0, 0, 1].into()], 3478, Some(3479));
    Setup::new(addresses).expect("a certificate")
}

fn offer() -> String {
    let (_, offer, _) = browser();
    offer
}

/// A browser, and its first offer.
fn browser() -> (Rtc, String, SdpPendingOffer) {
    let mut rtc = Rtc::builder()
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false)
        .build(Instant::now());
    let mut change = rtc.sdp_api();
    for direction in [
        Direction::SendOnly,
        Direction::RecvOnly,
        Direction::RecvOnly,
        Direction::RecvOnly,
    ] {
        change.add_media(MediaKind::Audio, direction, None, None, None);
    }
    let (offer, pending) = change.apply().expect("something to offer");
    (rtc, offer.to_sdp_string(), pending)
}

fn peer(setup: &Setup) -> Peer {
    Peer::answer(&offer(), setup, Instant::now()).expect("an answer").0
}

#[test]
fn a_browser_that_finds_only_a_slow_relay_has_40_s_for_its_first_datagram() {
    let (setup, began) = (setup(), Instant::now());
    let mut peer = peer(&setup);
    let (mut out, mut events) = (Egress::default(), vec![]);
    for after_s in [16, 39] {
        peer.wake(began + Duration::from_secs(after_s), &mut out, &mut events);
        assert!(events.is_empty(), "{after_s} s");
    }
    peer.wake(began + Duration::from_secs(41), &mut out, &mut events);
    assert!(matches!(events[..], [PeerEvent::Over]));
}

#[test]
fn one_peers_panic_ends_that_peer_only() {
    let (setup, now) = (setup(), Instant::now());
    let mut peers = Peers::default();
    peers.insert(ConnectionId(1), peer(&setup));
    peers.insert(ConnectionId(2), peer(&setup));
    let fell = peers.with(ConnectionId(1), |_| -> () { panic!("like a bug in a parser") });
    assert_eq!(fell, Err(Absent::Panicked));
    assert_eq!(peers.with(ConnectionId(1), |_| ()), Err(Absent::Unknown));
    let (mut out, mut events) = (Egress::default(), vec![]);
    assert_eq!(
        peers.with(ConnectionId(2), |peer| peer.wake(now, &mut out, &mut events)),
        Ok(())
    );
    assert!(events.is_empty());
}

#[test]
fn a_peer_is_woken_when_it_wants_to_be() {
    let setup = setup();
    let mut peers = Peers::default();
    peers.insert(ConnectionId(1), peer(&setup));
    let mut now = Instant::now();
    for _ in 0..20 {
        let Some(at) = peers.next_wake() else { break };
        now = now.max(at);
        while let Some(connection) = peers.next_due(now) {
            let (mut out, mut events) = (Egress::default(), vec![]);
            let _ = peers.with(connection, |peer| peer.wake(now, &mut out, &mut events));
        }
        assert!(
            peers.next_wake().is_some_and(|next| next > now),
            "the peer never sleeps, or never wakes"
        );
    }
}

#[test]
fn an_answer_contains_the_opus_parameters_and_our_address() {
    let setup = setup();
    let (_, answer) = Peer::answer(&offer(), &setup, Instant::now()).expect("an answer");
    assert!(answer.contains("usedtx=1;stereo=0;maxaveragebitrate=32000"), "{answer}");
    assert!(
        answer.contains("a=ice-lite") && answer.contains("127.0.0.1 3478"),
        "{answer}"
    );
    assert!(
        answer.contains("urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
        "{answer}"
    );
}

#[test]
fn a_text_that_is_not_an_offer_is_refused() {
    let (setup, good) = (setup(), offer());
    let bad = |sdp: &str| matches!(Peer::answer(sdp, &setup, Instant::now()), Err(BadOffer));
    assert!(bad("") && bad("v=0") && bad(&good.replacen("sendonly", "recvonly", 1)));
    for length in (0..good.len()).step_by(37) {
        // An offer that is cut off may be accepted or refused; a bug in the parser must not end the test.
        let _ = contain(|| Peer::answer(&good[..length], &setup, Instant::now()).is_ok());
    }
}

#[test]
fn redundant_sound_comes_first_in_the_answer_if_the_browser_offers_it() {
    let setup = setup();
    // Chromium sends RED only if it comes before Opus.
    let browser = include_str!("../../../../fuzz/seeds/sdp/browser.txt");
    let (_, answer) = Peer::answer(browser, &setup, Instant::now()).expect("an answer");
    assert_eq!(answer.matches(" 63 111\r\n").count(), 4, "{answer}");
    assert_eq!(answer.matches("a=rtpmap:63 red/48000/2\r\n").count(), 4, "{answer}");
    assert_eq!(answer.matches("a=fmtp:63 111/111\r\n").count(), 4, "{answer}");
    let (_, answer) = Peer::answer(&offer(), &setup, Instant::now()).expect("an answer");
    assert!(!answer.contains("red/48000"), "{answer}");
}

#[test]
fn an_answer_offers_udp_first_and_tcp_with_a_lower_priority_as_passive() {
    let (_, answer) = Peer::answer(&offer(), &setup(), Instant::now()).expect("an answer");
    let candidates: Vec<Vec<&str>> = answer
        .lines()
        .filter(|line| line.starts_with("a=candidate:"))
        .map(|line| line.split(' ').collect())
        .collect();
    // The fields are foundation, component, transport, priority, address and port (RFC 8839 section 5.1).
    let udp = candidates.iter().find(|fields| fields[2] == "udp").expect("UDP");
    let tcp = candidates.iter().find(|fields| fields[2] == "tcp").expect("TCP");
    assert_eq!(
        (udp[4], udp[5], tcp[4], tcp[5]),
        ("127.0.0.1", "3478", "127.0.0.1", "3479")
    );
    let priority = |fields: &[&str]| fields[3].parse::<u32>().expect("a number");
    assert!(priority(udp) > priority(tcp), "{answer}");
    assert!(tcp.windows(2).any(|pair| pair == ["tcptype", "passive"]), "{answer}");
    assert!(!udp.contains(&"tcptype"));
}

#[test]
fn an_ice_restart_changes_the_credentials_and_offers_new_addresses_beside_the_old_ones() {
    let (setup, now) = (setup(), Instant::now());
    let (mut browser, offer, pending) = browser();
    let (mut peer, answer) = Peer::answer(&offer, &setup, now).expect("an answer");
    let before = peer.ufrag();
    let answer = SdpAnswer::from_sdp_string(&answer).expect("SDP");
    let accepted = browser.sdp_api().accept_answer(pending, answer);
    accepted.expect("an answer to the offer");
    let mut change = browser.sdp_api();
    change.ice_restart(true);
    let offer = change.apply().expect("something to offer").0.to_sdp_string();
    let addresses = vec![[127, 0, 0, 1].into(), [192, 0, 2, 7].into()];
    let candidates = Arc::new(CandidateAddresses::new(addresses, 3478, Some(3479)));
    let (mut out, mut events) = (Egress::default(), vec![]);
    let mut restart = |peer: &mut Peer| {
        let offer = parse_restart(&offer).expect("an offer");
        peer.restart(offer, candidates.clone(), now, &mut out, &mut events)
            .expect("an answer")
    };
    let answer = restart(&mut peer);
    let after = peer.ufrag();
    assert_ne!(before, after);
    for address in ["127.0.0.1 3478", "127.0.0.1 3479", "192.0.2.7 3478", "192.0.2.7 3479"] {
        assert_eq!(answer.matches(address).count(), 1, "{answer}");
    }
    restart(&mut peer);
    assert_eq!(peer.ufrag(), after, "the same offer changes nothing");
    assert!(events.is_empty(), "{events:?}");
}

/// A value in an SDP.
fn value<'a>(sdp: &'a str, name: &str) -> &'a str {
    let of_line = |line: &'a str| line.strip_prefix(name);
    sdp.lines().find_map(of_line).expect("a value").trim_end()
}

/// A STUN binding request that nominates the address that it comes from (USE-CANDIDATE).
fn request((user_name, password): (&str, &str), setup: &Setup) -> Vec<u8> {
    let message = StunMessageBuilder::new()
        .binding()
        .request()
        .username(user_name)
        .prio(1);
    let message = message.use_candidate().ice_controlling(1).build(TransId::new());
    let hmac = setup.crypto.sha1_hmac_provider;
    let sign = |key: &[u8], parts: &[&[u8]]| hmac.sha1_hmac(key, parts);
    let mut buffer = vec![0; 300];
    let length = message.to_bytes(Some(password.as_bytes()), &mut buffer, sign);
    buffer.truncate(length.expect("enough room"));
    buffer
}

#[test]
fn a_request_without_the_password_belongs_to_nobody_even_from_the_address_in_use() {
    let (setup, now, offer) = (setup(), Instant::now(), offer());
    let (mut peer, answer) = Peer::answer(&offer, &setup, now).expect("an answer");
    let user_name = format!("{}:{}", value(&answer, "a=ice-ufrag:"), value(&offer, "a=ice-ufrag:"));
    let password = value(&answer, "a=ice-pwd:");
    let ends = (([127, 0, 0, 1], 4_000).into(), ([127, 0, 0, 1], 3_478).into(), Way::Udp);
    let (mut out, mut events) = (Egress::default(), vec![]);
    let mut receive = |user_name: &str, password: &str| {
        let datagram = request((user_name, password), &setup);
        peer.receive(ends, &datagram, now, &mut out, &mut events)
    };
    assert!(receive(&user_name, password));
    assert!(!receive(&user_name, "not the password of this peer"));
    assert!(!receive("nobody:nobody", password));
    assert!(receive(&user_name, password));
    assert!(events.is_empty() && !out.is_empty());
}
